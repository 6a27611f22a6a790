#!/usr/bin/env bash
# Usage: scripts/build.sh [--preset release|bench|debug|asan|coverage] [TARGET...]
#
# Configures and builds into build/PRESET (default: release, everything). CMAKE_PREFIX_PATH may
# point to a LibTorch of your own.
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "$0")/common.sh"

preset=release
targets=()
while (($#)); do
  case $1 in
    --preset)
      preset=${2-}
      shift
      ;;
    -h | --help)
      print_help
      exit
      ;;
    -*) die "unknown option '$1'; see --help" ;;
    *) targets+=(--target "$1") ;;
  esac
  shift || die "expected a value after --preset; see --help"
done

cd "$root"
# The log is shown only when something is wrong with it: it is long and says nothing new.
log=$(mktemp)
trap 'rm -f "$log"' EXIT
note "building into build/$preset"
cmake --preset "$preset" >"$log" 2>&1 || {
  cat "$log" >&2
  die "CMake could not configure; install what is missing with scripts/install_dependencies.sh"
}
cmake --build --preset "$preset" "${targets[@]}" >&2
