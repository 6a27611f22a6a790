#!/usr/bin/env bash
# Usage: scripts/train.sh [mnist-train options]
#
# From nothing to a trained network: installs what is missing, builds, fetches MNIST and runs
# mnist-train (30 epochs) with the options given. build/release/mnist-train --help lists them.
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "$0")/common.sh"

help_if_asked "$@"
"$root/scripts/install_dependencies.sh"
"$root/scripts/build.sh" mnist-train
"$root/scripts/fetch_mnist.sh"
MNIST_DATA_DIR=${MNIST_DATA_DIR-$root/data} exec "$root/build/release/mnist-train" "$@"
