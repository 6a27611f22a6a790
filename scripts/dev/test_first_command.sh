#!/usr/bin/env bash
# Usage: scripts/dev/test_first_command.sh [bookworm|trixie]
#
# Runs the README's first commands as new users of many kinds would, in throw-away systems of a Debian release
# (default: bookworm) that have nothing installed, not even package lists. Says how long they took in the first.
# Needs root. For releases: half an hour on two cores. Packages and compiled files are kept as by test_on.sh.
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "$0")/../common.sh"
# shellcheck source=scripts/dev/debian_root.sh
source "$root/scripts/dev/debian_root.sh"

help_if_asked "$@"
suite=${1-bookworm}
log=$root/build/first_command-$suite.log
mkdir -p "${log%/*}"
: >"$log"

# These run in the systems, where a user "ada" owns the sources.

expect_error() { # TEXT COMMAND...: the command fails, and the last line that it prints has TEXT
  local output
  ! output=$("${@:2}" 2>&1) || die "expected ${*:2} to fail"
  output=$(tail -n 1 <<<"$output")
  echo "$output"
  [[ $output == *"$1"* ]] || die "expected an error with: $1"
}

train() { scripts/train.sh --epochs 1 | grep '^accuracy'; }

as_ada() { su ada -c "cd /home/mnist-train; $*"; }

use_ccache() { # PACKAGE...: also installs these
  apt-get update -q
  apt-get install -q -y --no-install-recommends ccache "$@"
  rm -rf /var/lib/apt/lists/*
  chmod a+rwX /root
  chmod -R a+rwX /root/.ccache
  export CMAKE_CXX_COMPILER_LAUNCHER=ccache CCACHE_DIR=/root/.ccache CCACHE_UMASK=000
}

bare() {
  TIMEFORMAT="@ %R s"
  time scripts/train.sh
  time scripts/test.sh
}

half_of_the_tests_packages() {
  use_ccache libgtest-dev
  train
}

circumstances() {
  use_ccache
  train
  train # again
  CDPATH=/home:/usr train
  CMAKE_PREFIX_PATH=/nowhere:/usr train
  unshare --net scripts/train.sh --epochs 1

  expect_error "sudo rm -r" as_ada scripts/train.sh # after root
  rm -r build
  as_ada scripts/train.sh --epochs 1

  mkdir "/home/a + [b]"
  cp -r . "/home/a + [b]/c"
  cd "/home/a + [b]/c"
  expect_error "remove it: rm -r" scripts/train.sh
  rm -r build
  train
  mv "/home/a + [b]/c" /home/moved
  cd /home/moved
  expect_error "remove it: rm -r" scripts/train.sh
}

user_without_sudo() {
  use_ccache
  expect_error "apt-get install" as_ada scripts/fetch_mnist.sh --dest /tmp/data
  expect_error "apt-get install" as_ada scripts/train.sh
  { as_ada scripts/train.sh 2>&1 || true; } | sed -n 's/.*run as root: //p' >/tmp/command
  bash -euo pipefail /tmp/command
  as_ada scripts/train.sh --epochs 1
}

user_with_sudo_and_umask_077() {
  use_ccache sudo
  echo "ada ALL=(ALL) NOPASSWD: ALL" >/etc/sudoers.d/ada
  touch /tmp/before
  as_ada "umask 077; scripts/train.sh --epochs 1"
  local unreadable
  unreadable=$(find /usr -newer /tmp/before \( -type f ! -perm -a=r -o -type d ! -perm -a=rx \))
  [[ -z $unreadable ]] || die "not readable by everyone: $unreadable"
  as_ada "umask 077; scripts/build.sh; scripts/install_dependencies.sh file dpkg-dev; cd build/release; cpack"
  unreadable=$(dpkg-deb -c build/release/mnist-train_*.deb | grep -v '^d......r.x\|^l\|^-......r' || true)
  [[ -z $unreadable ]] || die "not readable by everyone in the package: $unreadable"
}

form() ( # FUNCTION: runs it in a new system
  note "$1"
  make_root "$suite"
  copy_sources
  rm -rf "$tree"/var/lib/apt/lists/*
  in_root useradd --create-home ada
  in_root chown -R ada: /home/mnist-train
  in_root bash -c "set -euo pipefail; $(declare -f); cd /home/mnist-train; $1" "$0" >>"$log" 2>&1 || {
    tail -n 30 "$log" >&2
    die "$1: failed; see $log"
  }
)

form bare
note "scripts/train.sh, scripts/test.sh: $(sed -n 's/^@//p' "$log" | paste -sd,)"
form half_of_the_tests_packages
form circumstances
form user_without_sudo
form user_with_sudo_and_umask_077
note "all passed on $suite"
