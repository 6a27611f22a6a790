# shellcheck shell=bash
# shellcheck disable=SC2154 # root is of common.sh
# Makes throw-away systems of a Debian release, and needs root for it. Sourced, after common.sh. Installs debootstrap
# on this machine. Packages and compiled files are kept in $XDG_CACHE_HOME/mnist-train (~/.cache) for the next time.

# Makes a system of the release $1 at $tree, which is removed when the script ends. Nothing is mounted there
# then: what in_root mounts belongs to the processes in there, and goes with them.
make_root() {
  [[ $1 =~ ^[a-z]+$ ]] || die "expected the name of a Debian release, found '$1'; see --help"
  [[ $EUID -eq 0 ]] || die "expected to be root, found user $EUID; try it with sudo"
  cache=${XDG_CACHE_HOME:-$HOME/.cache}/mnist-train/$1
  mkdir -p "$cache/archives/partial" "$cache/ccache"
  "$root/scripts/install_dependencies.sh" debootstrap
  tree=$(mktemp -d)
  trap 'rm -rf "$tree"' EXIT
  if [[ ! -e $cache/base.tar ]]; then
    note "downloading Debian $1"
    debootstrap --variant=minbase --cache-dir="$cache/archives" "$1" "$tree" >"$cache/debootstrap.log" ||
      die "debootstrap could not make a system of $1; see $cache/debootstrap.log"
    tar -C "$tree" -cf "$cache/base.tar.new" .
    mv "$cache/base.tar.new" "$cache/base.tar"
  else
    tar -C "$tree" -xf "$cache/base.tar"
  fi
  chmod 755 "$tree" # for its users
  cp /etc/resolv.conf "$tree/etc/"
  echo '127.0.0.1 localhost' >"$tree/etc/hosts"
  echo force-unsafe-io >"$tree/etc/dpkg/dpkg.cfg.d/throw-away" # what is thrown away need not be flushed
}

# Copies the sources as they are here, committed or not, and MNIST to /home/mnist-train in $tree.
copy_sources() {
  "$root/scripts/fetch_mnist.sh"
  mkdir "$tree/home/mnist-train"
  {
    git -C "$root" ls-files -z --cached --others --exclude-standard
    (cd "$root" && find -H data/MNIST -type f -print0)
  } | tar -C "$root" --null -T - --ignore-failed-read -c | tar -C "$tree/home/mnist-train" --no-same-owner -x
}

# Runs a command in $tree, with processes and mounts of its own and nothing of our environment but
# TERM, CXX and MNIST_TRAIN_WERROR.
in_root() {
  # shellcheck disable=SC2016 # this is for the shell in there
  unshare --mount --pid --fork --kill-child bash -euc '
    tree=$1 cache=$2
    shift 2
    mount -t proc proc "$tree/proc"
    mount --rbind /dev "$tree/dev"
    mount -t devpts -o newinstance,ptmxmode=0666 devpts "$tree/dev/pts"
    mount --bind "$tree/dev/pts/ptmx" "$tree/dev/ptmx"
    mkdir -p "$tree/var/cache/apt/archives" "$tree/root/.ccache"
    mount --bind "$cache/archives" "$tree/var/cache/apt/archives"
    mount --bind "$cache/ccache" "$tree/root/.ccache"
    exec chroot "$tree" env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 \
      TERM="${TERM-dumb}" ${CXX:+CXX="$CXX"} \
      ${MNIST_TRAIN_WERROR:+MNIST_TRAIN_WERROR="$MNIST_TRAIN_WERROR"} DEBIAN_FRONTEND=noninteractive "$@"
  ' bash "$tree" "$cache" "$@"
}
