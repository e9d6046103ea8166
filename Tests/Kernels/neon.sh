#!/bin/sh
# Compiles the kernels with their C test for 64-bit ARM and runs it under qemu's emulation.
set -eu
cd "$(dirname "$0")/../.."
clang=$(.ci/toolchain clang)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cross=/usr/aarch64-linux-gnu
gcc=$(ls -d /usr/lib/gcc-cross/aarch64-linux-gnu/* 2>/dev/null | tail -n 1)
for needed in "$cross/include" "$gcc"; do
  if [ ! -d "$needed" ]; then
    echo "test-neon needs Debian's packages libc6-dev-arm64-cross and libgcc-12-dev-arm64-cross: ${needed:-/usr/lib/gcc-cross} is missing." >&2
    exit 1
  fi
done
if ! command -v qemu-aarch64-static >/dev/null; then
  echo "test-neon needs qemu-aarch64-static (Debian's package qemu-user-static)." >&2
  exit 1
fi
"$clang" --target=aarch64-linux-gnu -O3 -std=gnu11 -Wall -Wextra -Werror -isystem $cross/include -ISources/CKernels/include \
  Tests/Kernels/kernels.c Sources/CKernels/*.c -fuse-ld=lld -static -B"$cross/lib" -B"$gcc" -L"$cross/lib" -L"$gcc" -lm -lpthread -o "$work/kernels"
qemu-aarch64-static "$work/kernels"
