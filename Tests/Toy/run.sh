#!/bin/sh
# Adds a family of models to a copy of this checkout, one file and one line, builds it, and uses the family through the command, C and Python.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
cd "$root"
git ls-files -z | xargs -0 tar -c --ignore-failed-read 2>/dev/null | tar -x -C "$copy"
cd "$copy"
mkdir Sources/Models/Toy
cp Tests/Toy/Toy.swift Sources/Models/Toy/
sed -i 's/^      GAN\.self,$/&\n      DescentModel<Toy>.self,/' Sources/Models/Families.swift
test "$(grep -c 'DescentModel<Toy>' Sources/Models/Families.swift)" = 1
make build >/dev/null
swiftgan=build/swiftgan
$swiftgan schema | grep >/dev/null '"toy"'
$swiftgan train ring --family toy --set optimizer.adam.learning_rate=0.05 --steps 1000 --out run >/dev/null
$swiftgan info run | grep >/dev/null toy
$swiftgan sample run --out samples.npy >/dev/null
cat >toy.c <<'C'
#include <math.h>
#include <stdio.h>
#include <swiftgan.h>
int main(void) {
  swiftgan_model *m = NULL;
  float x[2000], sum = 0;
  if (swiftgan_model_load(&m, "run/model.safetensors") || swiftgan_model_sample(m, 1000, 1, NULL, x, 2000, NULL)) {
    puts(swiftgan_last_error());
    return 1;
  }
  for (int i = 0; i < 2000; i++) sum += x[i];
  swiftgan_model_destroy(m);
  if (fabsf(sum / 2000) > 0.1f) puts("the mean was not learned");
  return fabsf(sum / 2000) > 0.1f;
}
C
${CC:-cc} -Iinclude toy.c -Lbuild -lswiftgan -Wl,-rpath,"$PWD/build" -lm -o toy
./toy
PYTHONPATH=bindings/python python3 - <<'P'
import swiftgan
model = swiftgan.Model({"family": "toy", "data": {"shape": [2]}, "toy": {"deviation": 0}})
assert model.family == "toy" and "sample" in model.capabilities, model.capabilities
assert "toy" in swiftgan.config_schema()["$defs"]
try:
    model.log_likelihood([[0, 0]])
    raise SystemExit("log_likelihood was not refused")
except swiftgan.UnsupportedError as error:
    assert '"toy"' in str(error)
P
echo "the toy family works from the command, C and Python"
