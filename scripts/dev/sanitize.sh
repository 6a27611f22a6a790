#!/usr/bin/env bash
# Usage: scripts/dev/sanitize.sh [ctest options]
#
# Builds with the address and undefined-behavior sanitizers and runs every test that needs no MNIST
# from the net. Leaks are not looked for.
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "$0")/../common.sh"

help_if_asked "$@"
"$root/scripts/install_dependencies.sh" --build --tests
"$root/scripts/build.sh" --preset asan
export ASAN_OPTIONS=detect_leaks=0 MNIST_TRAIN_KILLS=${MNIST_TRAIN_KILLS-5}
ctest --test-dir "$root/build/asan" --no-tests=error --output-on-failure -j "$(usable_cpus)" -L "^(unit|cli)$" "$@"
