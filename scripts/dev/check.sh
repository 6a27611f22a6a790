#!/usr/bin/env bash
# Usage: scripts/dev/check.sh
#
# Checks the form of the sources with clang-format and shellcheck. Silent if all is well.
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "$0")/../common.sh"

cd "$root"
"$root/scripts/install_dependencies.sh" --tests
clang-format --dry-run --Werror bench/*.cpp include/*/*.h src/*/*.h src/*/*.cpp tests/*.h tests/*.cpp tests/*/*.cpp
shellcheck -x .ci/run scripts/*.sh tests/*.sh
