#!/usr/bin/env bash
# Usage: scripts/dev/check.sh
#
# Checks the form of the sources with clang-format and shellcheck. Silent if all is well.
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "$0")/../common.sh"

cd "$root"
"$root/scripts/install_dependencies.sh" --tests
find bench include src tests \( -name '*.h' -o -name '*.cpp' \) -exec clang-format --dry-run --Werror {} +
find .ci/run scripts tests -type f \( -name run -o -name '*.sh' \) -exec shellcheck -x {} +
