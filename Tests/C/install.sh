#!/bin/sh
# Installs into a folder and builds an example as the README says, through pkg-config; then uninstalls.
set -eu
cd "$(dirname "$0")/../.."
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
make --no-print-directory install PREFIX="$folder/usr" >/dev/null
PKG_CONFIG_PATH="$folder/usr/lib/pkgconfig"
export PKG_CONFIG_PATH
# shellcheck disable=SC2046
cc -std=c99 -Wall -Wextra -Werror bindings/c/ring.c $(pkg-config --cflags --libs swiftgan) -lm -o "$folder/ring"
LD_LIBRARY_PATH="$folder/usr/lib" "$folder/ring" 10 | grep -c '^mode' | grep -qx 8
readelf -d "$folder/ring" | grep -q 'NEEDED.*libswiftgan\.so\.0'
test "$(pkg-config --modversion swiftgan)" = "$("$folder/usr/bin/swiftgan" --version)"
make --no-print-directory uninstall PREFIX="$folder/usr" >/dev/null
test -z "$(find "$folder/usr" -type f -o -type l)"
echo "install: passed"
