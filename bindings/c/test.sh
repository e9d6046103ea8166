#!/bin/sh
# Runs the examples as their first lines say, on images made here.
set -eu
cd "$(dirname "$0")"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
./ring 20 | grep -c '^mode' | grep -qx 8

# 40 images of 16 x 16 pixels, in IDX: magic 0x803, count, rows, columns, bytes.
images="$folder/train-images-idx3-ubyte"
{ printf '\000\000\010\003\000\000\000\050\000\000\000\020\000\000\000\020' && head -c 10240 /dev/urandom; } >"$images"
./train "$folder" 3 "$folder" 4
./sample "$folder/model.safetensors" "$folder/more.png" 9 5
for picture in samples more; do
  head -c 8 "$folder/$picture.png" | od -An -tx1 | grep -q '89 50 4e 47 0d 0a 1a 0a'
done
if ./sample "$images" "$folder/none.png" 2>"$folder/said"; then exit 1; fi
grep -q SWIFTGAN_ERROR_ "$folder/said"
echo "bindings/c: passed"
