#!/usr/bin/env bash
# Usage: scripts/install_dependencies.sh [--tests] [--sweep] [--services] [PACKAGE...]
#
# Installs the Debian or Ubuntu packages that building and fetching need, with --tests also those
# of the tests and checks, with --sweep those of scripts/sweep.py, and any other PACKAGE named.
# Asks nothing and is quick when all are there. With --services also sshd and Slurm, which some
# tests start for themselves; Debian may enable them for the whole machine.
# With CMAKE_PREFIX_PATH pointing to another LibTorch, Debian's is not installed.
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "$0")/common.sh"

packages=(g++ cmake ninja-build libcli11-dev libspdlog-dev libfmt-dev libhwy-dev nlohmann-json3-dev
  libpng-dev libturbojpeg0-dev libmd-dev libstb-dev libkainjow-mustache-dev libtomlplusplus-dev pkg-config
  curl ca-certificates file dpkg-dev) # these two for cpack
if ! compgen -G "${CMAKE_PREFIX_PATH:-/nowhere}/share/cmake/Torch/TorchConfig.cmake" >/dev/null; then
  # LibTorch comes with the reference BLAS, which is many times slower than OpenBLAS.
  packages+=(libtorch-dev libopenblas0-pthread)
fi
optional=() # not every distribution has them under these names
while (($#)); do
  case $1 in
    --tests)
      packages+=(libgtest-dev libgmock-dev python3-torch python3-torchvision clang-format shellcheck)
      optional+=(chromium chromium-driver python3-selenium) # without a browser its tests are skipped
      optional+=(python3-onnx)                              # likewise
      optional+=(parallel openssh-client man-db zsh fish)   # likewise
      optional+=(python3-optuna python3-mako python3-sklearn python3-psycopg2 postgresql) # for sweeps, likewise
      ;;
    --sweep) packages+=(python3-optuna python3-mako python3-sklearn python3-psycopg2) ;;
    --services) optional+=(openssh-server munge slurm-wlm) ;;
    -h | --help)
      print_help
      exit
      ;;
    -*) die "unknown option '$1'; see --help" ;;
    *) packages+=("$1") ;;
  esac
  shift
done

is_installed() { [[ $(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null) == installed ]]; }

if ! command -v apt-get >/dev/null; then
  # No way to tell what is there under other names, so the build is left to complain.
  note "not a Debian system; if the build fails, install what these are called here: ${packages[*]}"
  note "LibTorch elsewhere: unpack it and set CMAKE_PREFIX_PATH to its folder"
  exit 0
fi

has_candidate() { [[ $(apt-cache policy "$1") == *'Candidate: '[!\(]* ]]; }

export DEBIAN_FRONTEND=noninteractive
missing=()
for package in "${packages[@]}"; do is_installed "$package" || missing+=("$package"); done
if ((${#missing[@]})); then as_root apt-get update -q >&2; fi
for package in "${optional[@]}"; do
  if ! is_installed "$package" && has_candidate "$package"; then missing+=("$package"); fi
done
if ((${#missing[@]})); then
  note "installing ${missing[*]}"
  as_root apt-get install -q -y --no-install-recommends "${missing[@]}" >&2
fi
