#!/usr/bin/env bash
# Usage: scripts/dev/coverage.sh [ctest options]
#
# Builds with little optimization, runs the unit and cli tests (or those that the options choose), and
# says how many lines of include and src they ran, file by file, the least covered first. The exit code is
# 1 below 90 %.
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "$0")/../common.sh"

help_if_asked "$@"
(($#)) || set -- -L '^(unit|cli)$'
"$root/scripts/install_dependencies.sh" --build --tests gcovr
"$root/scripts/build.sh" --preset coverage
find "$root/build/coverage" -name '*.gcda' -delete
ctest --test-dir "$root/build/coverage" --no-tests=error --output-on-failure -j "$(usable_cpus)" "$@" >&2
cd "$root"
# Threads count without locks, so that gcov may see a number below zero, which gcovr takes for an error.
gcovr --gcov-ignore-parse-errors --filter include/ --filter src/ --sort-uncovered \
  --exclude-unreachable-branches --fail-under-line 90 build/coverage
