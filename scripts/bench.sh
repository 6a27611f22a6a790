#!/usr/bin/env bash
# Usage: scripts/bench.sh [--rounds N] [--only epochs|whole|table] [--beside PROGRAM]
#
# Installs what is missing, builds, and measures: an epoch by our engines, by the reference implementation, by
# LibTorch's data loader and by scikit-learn; whole runs; and a table of our engines over batch
# sizes and layer sizes. Interleaved, N rounds (default 5), medians. With --beside an epoch by an older
# mnist-train, too. Leave the machine alone meanwhile.
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "$0")/common.sh"

help_if_asked "$@"
"$root/scripts/install_dependencies.sh" --build libbenchmark-dev python3-torch python3-torchvision python3-sklearn
"$root/scripts/build.sh" --preset bench mnist-train mnist_bench
"$root/scripts/fetch_mnist.sh"
python3 "$root/bench/compare.py" "$@"
