#!/usr/bin/env bash
# Usage: scripts/dev/make_sample.sh
#
# Makes data/sample, the first 1,000 training and 500 test images of MNIST in the same four-file
# form, from the full set in data/MNIST/raw.
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "$0")/../common.sh"

# cut PREFIX COUNT: the first COUNT images and labels of a split. The count is the second of the
# big-endian 32-bit numbers at the start of each file.
cut_split() {
  local count_bytes
  count_bytes=$(printf '\\x%02x\\x%02x\\x%02x\\x%02x' 0 0 $(($2 / 256)) $(($2 % 256)))
  cut_file "$1-images-idx3-ubyte" 16 $(($2 * 28 * 28)) "$count_bytes"
  cut_file "$1-labels-idx1-ubyte" 8 "$2" "$count_bytes"
}

# cut_file NAME HEADER_BYTES BODY_BYTES COUNT: COUNT replaces the one in the header.
cut_file() {
  local full=$root/data/MNIST/raw/$1
  {
    head -c 4 "$full"
    printf '%b' "$4"
    head -c $(($2 + $3)) "$full" | tail -c +9
  } >"$root/data/sample/$1"
}

"$root/scripts/fetch_mnist.sh"
mkdir -p "$root/data/sample"
cut_split train 1000
cut_split t10k 500
