#!/usr/bin/env bash
# Usage: scripts/test.sh [--all] [ctest options]
#
# Installs what is missing, builds, fetches MNIST and runs the unit tests, those of the command line, and the short
# ones on MNIST. With --all also those of sweeps, of pages in a browser, of packages, of every command of the
# documents, and a short fuzzing.
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "$0")/common.sh"

help_if_asked "$@"
packages=(--build --fetch --tests)
tests=(-L '^(unit|cli|real)$')
if [[ ${1-} == --all ]]; then
  shift
  packages+=(--all)
  tests=()
fi
export MNIST_TRAIN_TESTS=ON
"$root/scripts/install_dependencies.sh" "${packages[@]}"
"$root/scripts/build.sh"
"$root/scripts/fetch_mnist.sh"
ctest --test-dir "$root/build/release" --no-tests=error --output-on-failure -j "$(usable_cpus)" "${tests[@]}" "$@"
