#!/bin/sh
# Installs into a folder and builds an example as the README says, through pkg-config and through CMake; then uninstalls.
set -eu
cd "$(dirname "$0")/../.."
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
make --no-print-directory install PREFIX="$folder/usr" >/dev/null
PKG_CONFIG_PATH="$folder/usr/lib/pkgconfig"
export PKG_CONFIG_PATH
# shellcheck disable=SC2046
cc -std=c99 -Wall -Wextra -Werror bindings/c/ring.c $(pkg-config --cflags --libs swiftgan) -lm -o "$folder/ring"
env -u LD_LIBRARY_PATH "$folder/ring" 10 | grep -c '^mode' | grep -qx 8
readelf -d "$folder/ring" | grep -q 'NEEDED.*libswiftgan\.so\.0'
test "$(pkg-config --modversion swiftgan)" = "$("$folder/usr/bin/swiftgan" --version)"
for file in man/man1/swiftgan-train.1 bash-completion/completions/swiftgan zsh/site-functions/_swiftgan fish/vendor_completions.d/swiftgan.fish \
  doc/swiftgan/LICENSE doc/swiftgan/README.md doc/swiftgan/docs/guide.md doc/swiftgan/docs/licenses.md doc/swiftgan/docs/pictures/samples.png \
  doc/swiftgan/examples/ring.c swiftgan/valgrind.supp; do
  test -s "$folder/usr/share/$file"
done

# CMake, from a place that the installation was moved to.
if command -v cmake >/dev/null || .ci/install-packages cmake; then
  mv "$folder/usr" "$folder/moved"
  mkdir "$folder/project"
  cp bindings/c/ring.c bindings/c/example.h "$folder/project"
  project() { # writes a project that wants this of swiftgan, and configures it
    cat >"$folder/project/CMakeLists.txt" <<EOF
cmake_minimum_required(VERSION 3.13)
project(ring C)
find_package(swiftgan $1 REQUIRED)
add_executable(ring ring.c)
target_link_libraries(ring swiftgan::swiftgan m)
EOF
    rm -rf "$folder/out"
    cmake -S "$folder/project" -B "$folder/out" -DCMAKE_PREFIX_PATH="$folder/moved" >"$folder/said" 2>&1
  }
  project 0.1 || { cat "$folder/said"; exit 1; }
  cmake --build "$folder/out" >"$folder/said"
  "$folder/out/ring" 10 | grep -c '^mode' | grep -qx 8
  if project 0.2; then exit 1; fi
  tr -s ' \n' ' ' <"$folder/said" | grep -q 'compatible with requested version "0.2"'
  mv "$folder/moved/include/swiftgan.h" "$folder/swiftgan.h"
  if project ""; then exit 1; fi
  grep -q 'swiftgan.h is missing' "$folder/said"
  mv "$folder/swiftgan.h" "$folder/moved/include"
  mv "$folder/moved" "$folder/usr"
else
  echo "install: without the test of find_package, since cmake is not there and could not be installed"
fi

make --no-print-directory uninstall PREFIX="$folder/usr" >/dev/null
test -z "$(find "$folder/usr" -type f -o -type l)"

# A system's own prefix is searched anyway; staged in a folder with a blank in its name.
make --no-print-directory install PREFIX=/usr DESTDIR="$folder/a root" >/dev/null
test -s "$folder/a root/usr/lib/libswiftgan.so"
if grep -q rpath "$folder/a root/usr/lib/pkgconfig/swiftgan.pc"; then exit 1; fi

# The compiler gets a checkout's path as one word, whatever is in it.
mkdir -p "$folder/a b/bin" "$folder/a b/.ci"
cp Makefile "$folder/a b"
printf '#!/bin/sh\nprintf "%%s\\n" "$@"\n' >"$folder/a b/bin/swift"
chmod +x "$folder/a b/bin/swift"
make -n --no-print-directory -C "$folder/a b" build | grep '^swift build.*--product swiftgan ' >"$folder/commands"
PATH="$folder/a b/bin:$PATH" sh "$folder/commands" | grep -qxF -e "--version-script=$folder/a b/include/exports.map"
echo "install: passed"
