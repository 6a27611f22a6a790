#!/usr/bin/env bash
# Usage: scripts/build.sh [--preset release|bench|debug|asan|coverage] [TARGET...]
#
# Configures and builds into build/PRESET (default: release, everything), with the tests if MNIST_TRAIN_TESTS=ON
# is in the environment. CMAKE_PREFIX_PATH may point to a LibTorch of your own.
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
build=build/$preset
made_for=$(sed -n 's/^CMAKE_HOME_DIRECTORY:INTERNAL=//p' "$build/CMakeCache.txt" 2>/dev/null || true)
[[ -z $made_for || $made_for -ef $root ]] || die "$build is a build of $made_for; remove it: rm -r '$root/$build'"
for path in build "$build"; do
  [[ ! -e $path || -w $path ]] ||
    die "$path: not writable, owned by $(stat -c %U "$path"); remove it: sudo rm -r '$root/$path'"
done

# The log is shown only when something is wrong with it: it is long and says nothing new.
log=$(mktemp)
trap 'rm -f "$log"' EXIT
note "building into $build"
cmake --preset "$preset" >"$log" 2>&1 || {
  cat "$log" >&2
  die "CMake could not configure; install what is missing with scripts/install_dependencies.sh"
}
cmake --build "$build" --parallel "$(usable_cpus)" "${targets[@]}" >&2
