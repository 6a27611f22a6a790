#!/usr/bin/env bash
# Usage: scripts/dev/test_on.sh [--shell] SUITE [ctest options]
#
# Runs scripts/test.sh in a throw-away system of another Debian release, SUITE being bookworm or
# trixie, on the sources as they are here, committed or not. --shell gives a shell there instead. CXX,
# such as clang++ or g++-12, chooses the compiler. Needs root. Packages and compiled files are kept in
# $XDG_CACHE_HOME/mnist-train (~/.cache) for the next time; debootstrap and what a build needs are
# installed here, too.
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "$0")/../common.sh"
# shellcheck source=scripts/dev/debian_root.sh
source "$root/scripts/dev/debian_root.sh"

help_if_asked "$@"
command=scripts/test.sh
if [[ ${1-} == --shell ]]; then
  command=bash
  shift
fi
suite=${1-}
shift || true

make_root "$suite"
copy_sources

# shellcheck disable=SC2016 # this is for the shell in there
in_root bash -euc '
  cd /home/mnist-train
  compiler=()
  case ${CXX-} in # clang++-16 is in the package clang-16, g++-12 in that of its name
    clang++*) compiler=("clang${CXX#clang++}") ;;
    g++*) compiler=("$CXX") ;;
  esac
  scripts/install_dependencies.sh --build --fetch --tests ccache "${compiler[@]}"
  export CMAKE_CXX_COMPILER_LAUNCHER=ccache CCACHE_SLOPPINESS=pch_defines,time_macros
  exec "$@"
' bash "$command" "$@"
