#!/bin/sh
# Compiles the kernels with their C test for 64-bit ARM and runs it under qemu's emulation.
set -eu
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cross=/usr/aarch64-linux-gnu
gcc=$(ls -d /usr/lib/gcc-cross/aarch64-linux-gnu/* | tail -n 1)
clang --target=aarch64-linux-gnu -O3 -std=gnu11 -Wall -Wextra -Werror -isystem $cross/include -ISources/CKernels/include \
  Tests/Kernels/kernels.c Sources/CKernels/*.c -fuse-ld=lld -static -B"$cross/lib" -B"$gcc" -L"$cross/lib" -L"$gcc" -lm -lpthread -o "$work/kernels"
qemu-aarch64-static "$work/kernels"
