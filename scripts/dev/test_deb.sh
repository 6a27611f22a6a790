#!/usr/bin/env bash
# Usage: scripts/dev/test_deb.sh
#
# Packs the two .deb of this Debian release and installs them in a throw-away system of the same:
# trains with the program, reads its man page, builds a program with the library, and removes both
# again, which must leave nothing behind. Needs root that may mount; without it the exit code is 77.
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "$0")/../common.sh"
# shellcheck source=scripts/dev/debian_root.sh
source "$root/scripts/dev/debian_root.sh"

help_if_asked "$@"
if [[ $EUID -ne 0 ]] || ! unshare --mount --pid --fork true 2>/dev/null; then
  note "skipped: needs root that may mount"
  exit 77
fi
"$root/scripts/install_dependencies.sh" --build file dpkg-dev help2man
"$root/scripts/build.sh"
# shellcheck source=/dev/null
make_root "$(. /etc/os-release && echo "$VERSION_CODENAME")"

mkdir "$tree/packages"
(cd "$root/build/release" && cpack -B "$tree/packages" >"$tree/packages/log" 2>&1) ||
  die "cpack failed: $(cat "$tree/packages/log")"
rm -rf "$tree/packages/_CPack_Packages"
cp -r "$root/tests/consumer" "$tree/consumer"

# shellcheck disable=SC2016 # this is for the shell in there
in_root bash -euc '
  files() { find /etc /usr -name "*mnist[-_]*" ! -path "*/torch/*"; }
  install() { apt-get install -q -y --no-install-recommends "$@" >/tmp/log 2>&1 || { cat /tmp/log; exit 1; }; }
  apt-get update -q >/dev/null
  install man-db
  install /packages/mnist-train_*.deb
  cd /
  mnist-train doctor --data /usr/share/mnist-train/sample
  mnist-train --quiet --data /usr/share/mnist-train/sample --epochs 10 --lr 0.1 --min-accuracy 80 | tail -n 1
  man mnist-train >/tmp/page
  grep -q -e --weight-decay /tmp/page
  install /packages/libmnist-train-dev_*.deb cmake build-essential
  cmake -S /consumer -B /tmp/consumer >/tmp/log || { cat /tmp/log; exit 1; }
  cmake --build /tmp/consumer >/tmp/log || { cat /tmp/log; exit 1; }
  /tmp/consumer/consumer /usr/share/mnist-train/sample
  [[ -n $(files) ]]
  apt-get purge -q -y mnist-train libmnist-train-dev >/tmp/log 2>&1 || { cat /tmp/log; exit 1; }
  [[ -z $(files) ]] || { echo "left behind by removal: $(files)"; exit 1; }
' >&2
for package in "$tree"/packages/*.deb; do
  echo "${package##*/} $(stat -c %s "$package") bytes: good"
done
