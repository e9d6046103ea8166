#!/bin/bash
# Runs every command of guide.md and README in their order, as they stand there but for sizes: few steps, and a small data set that is made
# here. Checks the pictures.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
python=$(cd "$root" && command -v "$(.ci/test-python)")
case $python in /*) ;; *) python=$root/$python ;; esac
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
ln -s "$root/build" build
ln -s "$root/bindings" bindings
export PYTHONPATH="$root/bindings/python"

# 1200 noisy images of 28 x 28 in IDX and their labels, 120 of each class; the test split is the same.
mkdir data
for split in train t10k; do
  { printf '\000\000\010\003\000\000\004\260\000\000\000\034\000\000\000\034' && head -c $((1200 * 784)) /dev/urandom; } >data/$split-images-idx3-ubyte
  { printf '\000\000\010\001\000\000\004\260' && for _ in $(seq 120); do printf '\000\001\002\003\004\005\006\007\010\011'; done; } >data/$split-labels-idx1-ubyte
done

# The code blocks, one file each: block-01.sh, block-02.py, …
awk '/^```(sh|python)$/ { n++; name = sprintf("block-%02d.%s", n, $0 ~ /sh$/ ? "sh" : "py"); on = 1; next }
     /^```$/ { on = 0 } on { print > name }' "$root/docs/guide.md"
test "$(ls block-* | wc -l)" -ge 14

# README's code, which is that of files, as is the Swift documentation's; the Swift ones are run with the examples.
"$python" "$root/docs/check_readme.py" >readme || { cat readme; exit 1; }
"$python" "$root/docs/check_catalogue.py"
for file in $(grep '^docs/' readme); do cp "$root/$file" "block-readme-$(basename "$file")"; done
"$python" -c 'import numpy; numpy.save("images.npy", numpy.random.rand(40, 16, 16).astype("float32"))'

# Few steps, and the small data set; no pictures of the examples where nobody can draw them.
"$python" -c 'import matplotlib' 2>/dev/null || sed -i -E 's/ --plot [^ ]+//' block-*
sed -i -E -e "s|/usr/share/datasets/fashion-mnist|$folder/data|g" -e 's/--count 2000/--count 1000/' \
  -e 's/--(steps|minutes) [0-9]+//; s/swiftgan (train|resume|compare) /&--steps 3 /; s|examples/[a-z_]+\.py|& --steps 3|; s|futures\.py|& --policy-steps 3|; s|^python3 |"'"$python"'" |' \
  -e 's/^steps = [0-9]+/steps = 3/; s/steps=[0-9]+/steps=3/; s/train\(data, [0-9]+/train(data, 3/; s/data, 16000,/data, 3,/' block-*
for block in block-*; do
  case $block in
    *.sh) command="bash -eu" ;;
    *.py) command=$python ;;
    *.swift) continue ;; # make test-example tries it
    *.c)
      ${CC:-cc} -std=c99 -Wall -Wextra -Werror -I"$root/include" "$block" -Lbuild -lswiftgan -Wl,-rpath,"$root/build" -o program
      command=./program
      ;;
  esac
  if ! $command "$block" >said 2>&1; then
    echo "guide: this failed:"
    cat "$block" said
    exit 1
  fi
  for made in $(grep -oE -- '--(out|neighbors|plot) [^ )]+' "$block" | cut -d ' ' -f 2); do
    test -e "$made" || { echo "guide: $block made no $made"; exit 1; }
  done
done

# The pictures are there, small, and all used.
cd "$root/docs"
for picture in $(grep -oE 'pictures/[a-z]+\.png' guide.md ../README.md | sed 's/.*pictures/pictures/'); do test -s "$picture"; done
for picture in pictures/*; do
  grep -qF "$picture" guide.md ../README.md || { echo "guide: nobody shows $picture"; exit 1; }
  test "$(stat -c %s "$picture")" -le 60000 || { echo "guide: $picture is above 60 kB"; exit 1; }
done
test "$(cat pictures/* | wc -c)" -le 600000
echo "guide: passed"
