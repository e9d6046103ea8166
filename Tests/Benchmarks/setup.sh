#!/bin/sh
# The benchmark's own virtual environment with the rivals, versions fixed, and those that are C++ programs. About 2 GB, once.
# A rival that cannot be had leaves the others: the benchmark says which are missing.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
python=${PYTHON:-python3}
if ! "$python" -c 'import venv, ensurepip' 2>/dev/null; then
  echo "bench-setup: $python has no venv module; on Debian: apt-get install python3-venv" >&2
  exit 1
fi
[ -x "$here/.venv/bin/python" ] || "$python" -m venv "$here/.venv"
pip() { "$here/.venv/bin/pip" --disable-pip-version-check "$@"; }
without() { echo "bench-setup: $1; the benchmark will do without it" >&2; }
pip install --quiet numpy pillow pytest
pip install --quiet "torch==2.13.0+cpu" 2>/dev/null ||
  pip install --quiet "torch==2.13.0+cpu" --extra-index-url https://download.pytorch.org/whl/cpu ||
  without "PyTorch could not be installed"
pip install --quiet "jax==0.10.2" || without "JAX could not be installed"
pip install --quiet "onnx==1.23.2" || without "onnx, by which PyTorch exports, could not be installed"
pip install --quiet "onnxruntime==1.32.0" || without "ONNX Runtime could not be installed"
pip install --quiet "openvino==2026.4.1" || without "OpenVINO could not be installed"
pip list 2>/dev/null | grep -iE '^(torch|jax|jaxlib|numpy|onnx|onnxruntime|openvino) '

# Debian's dlib; torch.compile needs a C++ compiler, too.
"$here/../../.ci/install-packages" g++ libdlib-dev libopenblas-dev liblapack-dev || without "dlib or g++ could not be installed"
mkdir -p "$here/.venv/rivals"
# build NAME VERSION OPTIONS…: the program of programs/NAME.cpp, if it or its version is not there.
build() {
  name=$1 version=$2 program=$here/.venv/rivals/$1
  shift 2
  if [ -x "$program" ] && [ "$(cat "$program.version" 2>/dev/null)" = "$version" ] &&
    [ "$program" -nt "$here/programs/$name.cpp" ] && [ "$program" -nt "$here/programs/rival.h" ]; then
    return
  fi
  rm -f "$program"
  if g++ -std=c++20 -march=native "$here/programs/$name.cpp" "$@" -o "$program" >"$program.log" 2>&1; then
    echo "$version" >"$program.version"
    echo "$name $version"
  else
    without "the program $name could not be built ($program.log)"
  fi
}
version=$(dpkg-query -W -f='${Version}' libdlib-dev 2>/dev/null | sed 's/+.*//')
[ -z "$version" ] || build dlib "$version" -O3 -ldlib -lopenblas -llapack
torch=$("$here/.venv/bin/python" -c 'import importlib.util as u; s = u.find_spec("torch"); print(s.submodule_search_locations[0] if s else "")')
[ -z "$torch" ] || build libtorch "$("$here/.venv/bin/python" -c 'import torch; print(torch.__version__)')" -O2 \
  -I"$torch/include" -I"$torch/include/torch/csrc/api/include" -L"$torch/lib" -ltorch -ltorch_cpu -lc10 -Wl,-rpath,"$torch/lib"
# About a minute; without it the first run of the benchmark is as much longer.
"$here/.venv/bin/python" "$here/warm.py"
