#!/usr/bin/env bash
# Usage: scripts/dev/tidy.sh [FILE.cpp...]
#
# Looks for mistakes in the sources, or in the FILEs only, with clang-tidy and the checks of
# .clang-tidy, and with Clang's warnings. Silent if all is well. Builds nothing, but LibTorch's
# headers take their time: half a minute for a file, and more than half an hour on two cores for all.
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "$0")/../common.sh"

help_if_asked "$@"
"$root/scripts/install_dependencies.sh" --build --tests clang clang-tidy libbenchmark-dev
if (($#)); then paths=$(realpath -e -- "$@"); fi
cd "$root"
if (($#)); then
  mapfile -t files <<<"$paths"
else
  # tests/consumer is a project of its own, of which build/tidy knows nothing.
  mapfile -t files < <(find bench src tests -name '*.cpp' ! -path 'tests/consumer/*' | sort)
fi
log=$(cmake --preset tidy 2>&1) || die "CMake could not configure: $log"

tidy() {
  local report
  report=$(clang-tidy -p build/tidy --quiet --warnings-as-errors='*' "$1" 2>&1) || {
    echo "$report"
    return 1
  }
}
export -f tidy
# shellcheck disable=SC2016 # the inner shell expands it
printf '%s\0' "${files[@]}" | xargs -0 -n 1 -P "$(usable_cpus)" bash -c 'tidy "$1"' tidy ||
  die "clang-tidy found the above"
