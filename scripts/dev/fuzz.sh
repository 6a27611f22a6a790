#!/usr/bin/env bash
# Usage: scripts/dev/fuzz.sh [--runs N]
#
# Feeds the readers of IDX, safetensors and image files N (default 1,000,000) broken files each,
# under the address and undefined-behavior sanitizers. What it compiles needs no LibTorch. A file that
# breaks a reader is left in build/fuzz, and the exit code is not 0 then.
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "$0")/../common.sh"

help_if_asked "$@"
runs=1000000
while (($#)); do
  case $1 in
    --runs)
      runs=${2-}
      [[ $runs =~ ^[0-9]+$ ]] || die "--runs: expected a number, found '$runs'"
      shift
      ;;
    *) die "unknown option '$1'; see --help" ;;
  esac
  shift
done

"$root/scripts/install_dependencies.sh" clang libclang-rt-dev \
  libfmt-dev libpng-dev libturbojpeg0-dev libopencv-imgproc-dev
mkdir -p "$root/build/fuzz"
cd "$root/build/fuzz"

fuzz() { # reader, modules that it needs
  local module sources=()
  for module in "${@:2}"; do sources+=("$root/src/$module.cpp"); done
  mkdir -p "corpus-$1"
  clang++ -std=c++20 -O1 -g -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined \
    -I"$root/include" -I"$root/src" -isystem /usr/include/opencv4 "$root/tests/fuzz/$1_fuzzer.cpp" "${sources[@]}" \
    -Wl,--as-needed -lfmt -lpng -lturbojpeg -lopencv_imgproc -lopencv_core -o "$1_fuzzer"
  ./"$1_fuzzer" -runs="$runs" -max_len=4096 -artifact_prefix="$1-" "corpus-$1" \
    "$root/tests/fuzz/seeds/$1" >"$1.log" 2>&1 || {
    tail -n 40 "$1.log" >&2
    die "the reader of $1 files failed; the file is build/fuzz/$1-*"
  }
  grep -E '^Done [0-9]+ runs' "$1.log" | sed "s/^/$1: /"
}

fuzz idx data/idx base/file &
first=$!
trap 'kill "$first" 2>/dev/null || true' EXIT
fuzz safetensors base/file model/safetensors_header
fuzz picture_file base/file picture/{ink,picture_file,prepare_digit,shapes,sheet,steps}
wait "$first"
