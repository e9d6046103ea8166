#!/bin/sh
# The benchmark's own virtual environment, with the rivals: PyTorch for the CPU and JAX. About 1 GB, once.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
python=${PYTHON:-python3}
if ! "$python" -c 'import venv, ensurepip' 2>/dev/null; then
  echo "bench-setup: $python has no venv module; on Debian: apt-get install python3-venv" >&2
  exit 1
fi
[ -x "$here/.venv/bin/python" ] || "$python" -m venv "$here/.venv"
pip() { "$here/.venv/bin/pip" --disable-pip-version-check "$@"; }
pip install --quiet numpy pillow
# A rival that cannot be had leaves the others: the benchmark says which are missing.
pip install --quiet "torch==2.13.0+cpu" 2>/dev/null ||
  pip install --quiet "torch==2.13.0+cpu" --extra-index-url https://download.pytorch.org/whl/cpu ||
  echo "bench-setup: PyTorch could not be installed; the benchmark will do without it" >&2
pip install --quiet "jax==0.10.2" || echo "bench-setup: JAX could not be installed; the benchmark will do without it" >&2
pip list 2>/dev/null | grep -iE '^(torch|jax|jaxlib|numpy) '
