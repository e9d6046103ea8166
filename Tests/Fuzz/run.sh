#!/bin/sh
# Damaged files and configurations for so many seconds: run.sh SECONDS [SEED].
set -eu
cd "$(dirname "$0")/../.."
work=build/fuzz
rm -rf "$work"
mkdir -p "$work/seeds"
program() { # source, output
  "${CC:-cc}" -std=gnu11 -D_GNU_SOURCE -O1 -g -Wall -Wextra -Iinclude "$1" -Lbuild -lswiftgan -lm -lz -ljpeg -Wl,-rpath,"$PWD/build" -o "$2"
}
# The whole files that the tests of damaged ones read come first.
for test in Tests/C/hostile_*.c; do
  name=$(basename "$test" .c)
  mkdir -p "$work/$name" "$work/$name-seeds"
  program "$test" "$work/program"
  FOLDER=$work/$name SEEDS=$work/$name-seeds "$work/program" >"$work/$name.log"
  for seed in "$work/$name-seeds"/*; do
    if [ -e "$seed" ]; then mv "$seed" "$work/seeds/$name-$(basename "$seed")"; fi
  done
done
program Tests/Fuzz/fuzz.c "$work/program"
FOLDER=$work "$work/program" "$@"
