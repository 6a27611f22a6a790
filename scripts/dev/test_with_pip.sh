#!/usr/bin/env bash
# Usage: scripts/dev/test_with_pip.sh [VERSION]
#
# Builds with the LibTorch in the Python package torch of this VERSION, by default the newest, and runs
# the unit, cli and real tests with it; the reference implementation and what reads our files in Python run on the
# same torch. pip's torch for Linux is made for CUDA. CMake wants nvcc for it, even if the CPU
# does all the work, and pip has that, too. Where pip is set up with PyTorch's own package index, a VERSION
# such as 2.14.1+cpu is a build without CUDA. Kept for the next time: the packages, some 6 GB, in
# $XDG_CACHE_HOME/mnist-train/torch-VERSION (~/.cache), and the build, in build/torch-VERSION.
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "$0")/../common.sh"

help_if_asked "$@"
(($# <= 1)) || die "expected at most a version, found $#: $*; see --help"
version=${1-newest}
[[ $version == newest || $version =~ ^[0-9]+(\.[0-9]+)+(\+[a-z0-9]+)?$ ]] ||
  die "expected a version such as 2.14.1, found '$version'; see --help"
"$root/scripts/install_dependencies.sh" --build --fetch --tests python3-venv
venv=${XDG_CACHE_HOME:-$HOME/.cache}/mnist-train/torch-$version
build=$root/build/torch-$version

install() { # Python packages
  "$venv/bin/python" -m pip install --quiet --no-cache-dir --upgrade "$@" >&2 ||
    die "pip could not install $*; check the network, the version, and that $venv has room"
}

[[ -e $venv/bin/pip ]] || /usr/bin/python3 -m venv "$venv"
requirement=torch
[[ $version == newest ]] || requirement+="==$version"
note "installing $requirement into $venv"
install "$requirement" torchvision numpy onnx onnxruntime safetensors
torch=$("$venv/bin/python" -c 'import os, torch; print(os.path.dirname(torch.__file__))')

# What pip brings of CUDA, laid out as CMake looks for it in $venv/cuda: its packages have libraries only
# under the names by which programs load them, not under those by which they are linked.
arrange_cuda() { # the packages' directory
  rm -rf "$venv/cuda"
  mkdir -p "$venv/cuda/lib"
  ln -s "$1"/{bin,include,nvvm} "$venv/cuda"
  local file name
  for file in "$1"/lib/*; do
    name=${file##*/}
    ln -s "$file" "$venv/cuda/lib/$name"
    [[ $name != *.so.* ]] || ln -s "$file" "$venv/cuda/lib/${name%%.so.*}.so"
  done
}

options=(-D "MNIST_TRAIN_PYTHON=$venv/bin/python")
if [[ -e $torch/lib/libtorch_cuda.so ]]; then
  toolkit=$("$venv/bin/python" -c 'import importlib.metadata as m; print(m.version("cuda-toolkit"))' 2>/dev/null) ||
    die "expected a torch that takes CUDA from the package cuda-toolkit, found an older one; take a newer VERSION"
  install "cuda-toolkit[nvcc]==$toolkit"
  arrange_cuda "${torch%/torch}/nvidia/cu${toolkit%%.*}"
  # Which GPUs CUDA sources would be compiled for. We have none, and CMake need not find out.
  options+=(-D "CUDA_TOOLKIT_ROOT_DIR=$venv/cuda" -D "CMAKE_CUDA_COMPILER=$venv/cuda/bin/nvcc"
    -D TORCH_CUDA_ARCH_LIST=9.0)
fi

cd "$root"
note "building into build/torch-$version"
# The directory of torch itself: with torch.utils.cmake_prefix_path, which is one in it, CMake would
# link Debian's libc10 where libtorch-dev is installed.
MNIST_TRAIN_TESTS=ON CMAKE_PREFIX_PATH=$torch cmake --preset release -B "$build" "${options[@]}" >"$venv/cmake.log" 2>&1 ||
  die "CMake could not configure; see $venv/cmake.log"
cmake --build "$build" --parallel "$(usable_cpus)" >&2
"$root/scripts/fetch_mnist.sh"
ctest --test-dir "$build" --no-tests=error --output-on-failure -j "$(usable_cpus)" -L '^(unit|cli|real)$'
MNIST_TRAIN_PROGRAM=$build/mnist-train "$venv/bin/python" tests/scripts/readme_test.py Readme.test_python_reads_the_weights
note "tested with $("$build/mnist-train" --version | sed -n 2p)"
