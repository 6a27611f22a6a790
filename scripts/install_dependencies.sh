#!/usr/bin/env bash
# Usage: scripts/install_dependencies.sh [--build] [--fetch] [--tests] [--all] [--sweep] [PACKAGE...]
#
# Installs Debian or Ubuntu packages, as root or through sudo, and does nothing if all are installed:
#   --build  to build mnist-train (without Debian's LibTorch if CMAKE_PREFIX_PATH has another)
#   --fetch  to fetch MNIST
#   --tests  for scripts/test.sh
#   --all    for scripts/test.sh --all; what a distribution lacks is left out, and its tests are skipped
#   --sweep  for scripts/sweep.py
#   PACKAGE  any other
# Without arguments: --build --fetch.
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "$0")/common.sh"

# Whether a directory of CMAKE_PREFIX_PATH has a LibTorch.
has_own_torch() {
  local prefixes prefix
  IFS=':;' read -r -a prefixes <<<"${CMAKE_PREFIX_PATH-}"
  for prefix in "${prefixes[@]}"; do
    [[ ! -e $prefix/share/cmake/Torch/TorchConfig.cmake ]] || return 0
  done
  return 1
}

packages=() # without these it does not work
optional=() # without these, less of it does
(($#)) || set -- --build --fetch
for argument; do
  case $argument in
    --build)
      packages+=(g++ cmake ninja-build pkg-config libcli11-dev libspdlog-dev libfmt-dev libhwy-dev nlohmann-json3-dev
        libpng-dev libturbojpeg0-dev libopencv-core-dev libopencv-imgproc-dev libmd-dev libkainjow-mustache-dev
        libtomlplusplus-dev)
      # LibTorch comes with the reference BLAS, which is many times slower than OpenBLAS.
      has_own_torch || packages+=(libtorch-dev libopenblas0-pthread)
      ;;
    --fetch) packages+=(curl ca-certificates) ;;
    --tests) packages+=(libgtest-dev libgmock-dev python3-torch python3-torchvision strace) ;;
    --all)
      optional+=(python3-optuna python3-matplotlib python3-sklearn python3-psycopg2 postgresql # sweeps
        parallel
        chromium chromium-driver python3-selenium # pages
        python3-onnx
        clang libclang-rt-dev clang-format shellcheck # fuzzing and style
        file dpkg-dev debootstrap help2man man-db)    # packages
      ;;
    --sweep) packages+=(python3-optuna python3-matplotlib python3-sklearn python3-psycopg2) ;;
    -h | --help)
      print_help
      exit
      ;;
    -*) die "unknown option '$argument'; see --help" ;;
    *) packages+=("$argument") ;;
  esac
done

if ! command -v apt-get >/dev/null; then
  # They may be installed under other names, so the build is left to complain.
  note "not a Debian system; if the build fails, install what these are called here: ${packages[*]}"
  note "LibTorch elsewhere: unpack it and set CMAKE_PREFIX_PATH to its directory"
  exit 0
fi

print_missing() { # PACKAGE...
  local package
  for package; do
    [[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) == installed ]] || echo "$package"
  done
}
is_available() { [[ $(apt-cache policy "$1") == *'Candidate: '[!\(]* ]]; }

mapfile -t required < <(print_missing "${packages[@]}")
mapfile -t wanted < <(print_missing "${optional[@]}")
((${#required[@]} + ${#wanted[@]})) || exit 0

give_up() { # PACKAGE...
  local by_hand="run as root: apt-get update && apt-get install -y --no-install-recommends $*"
  ((${#required[@]} == 0)) || die "packages are missing; $by_hand"
  note "the tests that need these packages are skipped; $by_hand"
  exit 0
}

[[ $EUID -eq 0 ]] || command -v sudo >/dev/null || give_up "${required[@]}" "${wanted[@]}"
# The package lists of a container image are empty.
if ((${#required[@]})) || ! compgen -G '/var/lib/apt/lists/*Packages*' >/dev/null; then
  apt_get update || note "could not update the package lists"
fi
missing=("${required[@]}")
for package in "${wanted[@]}"; do
  if is_available "$package"; then missing+=("$package"); fi
done
((${#missing[@]})) || exit 0
note "installing ${missing[*]}"
apt_get install -y --no-install-recommends "${missing[@]}" || give_up "${missing[@]}"
