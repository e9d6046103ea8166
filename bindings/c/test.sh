#!/bin/sh
# Builds the examples with gcc and, where it is there, clang, and runs them as their first lines say, on images made here: as they are, with
# AddressSanitizer, and under valgrind. Leaks and invalid accesses fail.
set -eu
cd "$(dirname "$0")"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# 40 images of 16 x 16 pixels, in IDX: magic 0x803, count, rows, columns, bytes.
images="$folder/train-images-idx3-ubyte"
{ printf '\000\000\010\003\000\000\000\050\000\000\000\020\000\000\000\020' && head -c 10240 /dev/urandom; } >"$images"

# Builds into a folder: its name, then what make is told.
build() {
  name=$1
  shift
  mkdir "$folder/$name"
  make -s --no-print-directory -B all OUT="$folder/$name" "$@"
}

# Runs all examples of a build, training for so many steps, each behind the words that follow.
try() {
  bin=$folder/$1
  steps=$2
  shift 2
  "$@" "$bin/ring" "$steps" >"$folder/said" # no pipe, which would hide the status
  test "$(grep -c '^mode' "$folder/said")" = 8
  "$@" "$bin/host_loop" "$steps" >"$folder/said"
  grep -q '^samples are' "$folder/said"
  "$@" "$bin/imitation" "$steps" >"$folder/said"
  grep -q "^mean return .* the expert's: 500.0" "$folder/said"
  "$@" "$bin/train" "$folder" 2 "$folder" 4 2>"$folder/said" || { cat "$folder/said"; exit 1; }
  "$@" "$bin/sample" "$folder/model.safetensors" "$folder/more.png" 9 5
  "$@" "$bin/interpolate" "$folder/model.safetensors" "$folder/way.png" 3 5
  for picture in samples more way; do
    head -c 8 "$folder/$picture.png" | od -An -tx1 | grep -q '89 50 4e 47 0d 0a 1a 0a'
    rm "$folder/$picture.png"
  done
  status=0
  "$@" "$bin/sample" "$images" "$folder/none.png" 2>"$folder/said" || status=$?
  test $status = 1
  grep -q SWIFTGAN_ERROR_ "$folder/said"
}

tried=
for compiler in gcc clang; do
  if command -v $compiler >/dev/null; then
    build $compiler CC=$compiler
    try $compiler 20
    tried="$tried $compiler,"
  fi
done
build asan CC=gcc CFLAGS='-O1 -g -fsanitize=address -fno-omit-frame-pointer'
try asan 20 env ASAN_OPTIONS=detect_leaks=1:exitcode=99
if command -v valgrind >/dev/null || ../../.ci/install-packages valgrind; then
  build plain CFLAGS='-O1 -g'
  try plain 2 valgrind -q --suppressions=valgrind.supp --error-exitcode=99 --leak-check=full --show-leak-kinds=all --errors-for-leak-kinds=all
  tried="$tried valgrind,"
else
  echo "bindings/c: not under valgrind, which is not there and could not be installed"
fi
echo "bindings/c: passed with$tried AddressSanitizer"
