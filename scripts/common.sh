# shellcheck shell=bash
# What the scripts share; sourced, not run. Leaves $root, the repository.

unset CDPATH # with it `cd` prints where it goes, which may be somewhere else
# shellcheck disable=SC2034 # used by those who source this
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

note() { echo "== $*" >&2; }

die() {
  echo "${0##*/}: error: $*" >&2
  exit 1
}

# Prints the comment at the top of the script that called it: its help.
print_help() { sed -n '2,/^[^#]/{s/^# \{0,1\}//p}' "$0"; }

# For scripts that pass all their arguments on but this one.
help_if_asked() {
  case ${1-} in
    -h | --help)
      print_help
      exit
      ;;
  esac
}

# Runs apt-get as root, through sudo if need be. What it installs is readable by everyone, whatever the umask.
apt_get() {
  local sudo=()
  [[ $EUID -eq 0 ]] || sudo=(sudo)
  (umask 022 && "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q "$@" >&2)
}

# The number of CPUs to use: those of nproc, or fewer if the container has a quota (cgroup v2), rounded up.
usable_cpus() {
  local cpus group quota period
  cpus=$(nproc)
  group=$(sed -n 's/^0:://p' /proc/self/cgroup)
  if read -r quota period 2>/dev/null <"/sys/fs/cgroup$group/cpu.max" && [[ $quota != max ]]; then
    quota=$(((quota + period - 1) / period))
    ((cpus <= quota)) || cpus=$quota
  fi
  echo "$cpus"
}
