#!/bin/bash
# Tests the library as C programs see it: run.sh path/to/libswiftgan.so. Prints what failed, then the counts.
set -u
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
library=$(realpath "${1:-$root/build/libswiftgan.so}")
include=$root/include
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0
failed=0

# One check: its name, then a command that succeeds.
check() {
  local name=$1
  shift
  if "$@" >"$work/said" 2>&1; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    echo "FAILED: $name"
    head -n 20 "$work/said"
  fi
}

strict=(-pedantic -Wall -Wextra -Werror -I"$include" -c -o /dev/null)
check "header as C99" "${CC:-cc}" -std=c99 "${strict[@]}" "$here/header.c"
check "header as C++11" "${CXX:-c++}" -std=c++11 "${strict[@]}" "$here/header.cc"
check "header as C++17" "${CXX:-c++}" -std=c++17 "${strict[@]}" "$here/header.cc"
if clang=$("$root/.ci/toolchain" clang 2>/dev/null); then check "header in clang" "$clang" -std=c99 "${strict[@]}" "$here/header.c"; fi

# The program in the header's first comment.
sed -n '/^ \*   #include <stdio/,/^ \*   }$/p' "$include/swiftgan.h" | sed 's/^ \* \{0,3\}//' >"$work/example.c"
# sed ends at the first brace in the first column, which closes check(); the rest follows it.
sed -n '/^ \*   int main/,/^ \*   }$/p' "$include/swiftgan.h" | sed 's/^ \* \{0,3\}//' >>"$work/example.c"
check "the header's program" "${CC:-cc}" -std=c99 -Wall -Wextra -Werror -I"$include" "$work/example.c" "$library" -o "$work/example"

declared() { # names of functions in the header
  sed 's,/\*.*\*/,,' "${1:-$include/swiftgan.h}" | sed '/^ *\/\*/,/\*\//d' | grep -o 'swiftgan_[a-z_]*(' | tr -d '(' | sort -u
}
exported() { nm -D --defined-only "$library" | awk '{print $3}' | sed 's/@.*//' | sort -u; }
declared >"$work/declared"
exported >"$work/exported"
check "some functions are declared" test "$(wc -l <"$work/declared")" -gt 20
check "exported symbols are the declared ones" diff "$work/declared" "$work/exported"
sed '/^\/\* ==== Experimental/,$d' "$include/swiftgan.h" >"$work/stable.h"
declared "$work/stable.h" >"$work/stable"
grep -o 'FUNCTION(swiftgan_[a-z_]*)' "$here/abi.c" | sed 's/FUNCTION(\(.*\))/\1/' | sort -u >"$work/kept"
check "abi.c keeps what stands above the header's line Experimental" diff "$work/stable" "$work/kept"
check "SONAME" grep -q 'SONAME.*libswiftgan\.so\.0\b' <(readelf -d "$library")
check "the Swift runtime is inside" bash -c "! readelf -d '$library' | grep NEEDED | grep -qi swift"
check "at most 16 MB" test "$(stat -c %s "$library")" -le $((16 << 20))
check "stripped" bash -c "! readelf -S '$library' | grep -q '\.debug_info\|\.symtab'"
check "never unloaded" bash -c "readelf -dW '$library' | grep FLAGS_1 | grep -q NODELETE"
check "no executable stack" bash -c "readelf -lW '$library' | grep GNU_STACK | grep -qv RWE"

for program in "$here"/*.c; do
  name=$(basename "$program" .c)
  grep -q '^int main' "$program" || continue
  link=(-L"$(dirname "$library")" -lswiftgan -Wl,-rpath,"$(dirname "$library")" -lm -lz -ljpeg)
  [[ $name =~ ^(dlopen|dlclose)$ ]] && link=(-ldl)
  check "compile $name" "${CC:-cc}" -std=c11 -D_GNU_SOURCE -O1 -g -Wall -Wextra -Werror -pthread -I"$include" \
    "$program" "${link[@]}" -o "$work/$name"
  [ -x "$work/$name" ] || continue
  if [ "$name" = dlopen ]; then
    check "dlopen within 20 ms" "$work/$name" "$library"
    continue
  fi
  if [ "$name" = dlclose ]; then
    check "dlclose" timeout 120 "$work/$name" "$library"
    continue
  fi
  mkdir "$work/files-$name"
  FOLDER=$work/files-$name timeout 120 "$work/$name" >"$work/said" 2>&1
  status=$?
  counts=$(tail -n 1 "$work/said")
  if [[ $counts =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed$ ]]; then
    passed=$((passed + BASH_REMATCH[1]))
    failed=$((failed + BASH_REMATCH[2]))
  fi
  if [ "$status" -ne 0 ]; then
    [[ $counts =~ failed$ ]] || failed=$((failed + 1))
    echo "FAILED: $name (status $status)"
    head -n 20 "$work/said" | cut -c1-400
  fi
  rm -rf "$work/files-$name"
done

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
