#!/usr/bin/env bash
# Usage: scripts/test.sh [ctest options]
#
# Installs what is missing, builds, fetches MNIST and runs every test; for example
# `scripts/test.sh -L unit` runs the fast ones, `-R Idx` those with Idx in their name.
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "$0")/common.sh"

help_if_asked "$@"
"$root/scripts/install_dependencies.sh" --tests
"$root/scripts/build.sh"
"$root/scripts/fetch_mnist.sh"
ctest --test-dir "$root/build/release" --no-tests=error --output-on-failure -j "$(nproc)" "$@"
