#!/bin/sh
# Compiles the kernels with their C test and runs it: for this machine, with every instruction set (where it lacks one, the best that it
# has), or with `neon` for 64-bit ARM under qemu's emulation.
set -eu
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
build() { clang "$@" -O3 -std=gnu11 -Wall -Wextra -Werror -ISources/CKernels/include Tests/Kernels/kernels.c Sources/CKernels/*.c -lm -lpthread -o "$work/kernels"; }
case ${1:-native} in
  neon)
    cross=/usr/aarch64-linux-gnu
    gcc=$(ls -d /usr/lib/gcc-cross/aarch64-linux-gnu/* | tail -n 1)
    build --target=aarch64-linux-gnu -isystem $cross/include -fuse-ld=lld -static -B"$cross/lib" -B"$gcc" -L"$cross/lib" -L"$gcc"
    qemu-aarch64-static "$work/kernels"
    ;;
  native)
    build
    for isa in baseline avx2 avx512; do SWIFTGAN_ISA=$isa "$work/kernels"; done
    ;;
esac
