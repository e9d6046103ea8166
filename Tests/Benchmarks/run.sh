#!/bin/sh
# The benchmark (or another program of this folder that is named first) with the Python of `make bench-setup`; without it, a python3
# that has NumPy measures this library alone.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
"$here/../../.ci/toolchain" clang >/dev/null
python="$here/.venv/bin/python"
if [ ! -x "$python" ]; then
  python=${PYTHON:-$("$here/../../.ci/test-python")}
  [ "${1:-}" = growth.py ] || echo "bench: no rivals are set up (make bench-setup); measuring with $python" >&2
fi
program=bench.py
case ${1:-} in *.py) program=$1 && shift ;; esac
exec "$python" "$here/$program" "$@"
