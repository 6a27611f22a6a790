# shellcheck shell=bash
# What the scripts share; sourced, not run. Leaves $root, the repository, and changes nothing else.

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

# Runs a command as root, through sudo if need be.
as_root() {
  if [[ $EUID -eq 0 ]]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    die "expected to be root or to have sudo, found neither; run as root: $*"
  fi
}
