#!/usr/bin/env bash
# Usage: tests/install_test.sh BUILD program|library|subproject
#
# Installs from a build directory and uses what that gives, or the sources, as someone else would.
set -euo pipefail

build=$(realpath "$1")
source=$(realpath "$(dirname "$0")/..")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
prefix="$work/a prefix"

fail() {
  echo "$*" >&2
  exit 1
}

install_component() { cmake --install "$build" --prefix "$prefix" --component "$1" >"$work/install.log"; }

# What "accuracy 75.20 % (376 of 500 ...)" on standard input says, without its decimals.
accuracy() { sed -n 's/^accuracy \([0-9]*\)\..*/\1/p'; }

test_man_page() { # FILE
  local line
  for line in '^\\fB\\-\\-weight\\-decay\\fR X' '^130$' '^\.SS "mnist\\-train show"' '^  \\-\\-wrong  '; do
    zcat "$1" | grep -q -e "$line" || fail "the man page has no line like $line"
  done
  ! command -v man >/dev/null || [[ -z $(LC_ALL=C.UTF-8 man --warnings -l "$1" 2>&1 >/dev/null) ]] ||
    fail "man warns of the man page"
}

# What bash offers for the last of the words after mnist-train; it splits them at "=", too.
offered() { # FILE WORDS
  PATH="$prefix/bin:$PATH" bash -c '
    compopt() { echo "$2"; } # the builtin works only while something is completed
    source "$0"
    read -ra COMP_WORDS <<<"mnist-train ${1//=/ = }"
    if [[ -z $1 || $1 == *" " ]]; then COMP_WORDS+=(""); fi
    COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
    _mnist_train mnist-train "${COMP_WORDS[-1]}" "${COMP_WORDS[-2]}"
    echo "${COMPREPLY[@]}"' "$1" "$2" 2>&1 | xargs
}

test_completion() { # FILE
  local words offers
  while IFS='|' read -r words offers; do
    [[ $(offered "$1" "$words") == "$offers" ]] ||
      fail "for '$words' bash offers '$(offered "$1" "$words")', expected '$offers'"
  done <<'CASES'
sh|show
--ep|--epochs
doctor --ep|--epochs
show --ep|--epoch
--no|--no-shuffle
--out |dirnames
--out=a|dirnames
eval --model ru|default
predict x|default
--epochs |
CASES
  [[ " $(offered "$1" "") " == *" show "*" --epochs "*" --print-config "* ]] || fail "bash does not offer everything"
}

test_program() {
  install_component program
  local share="$prefix/share" clean
  clean=(env -i "PATH=/usr/bin:/bin" "HOME=$work")
  cd / # whatever is found must be found from anywhere
  (($("${clean[@]}" "$prefix/bin/mnist-train" --quiet --data "$share/mnist-train/sample" --epochs 10 --lr 0.1 | accuracy) >= 80)) ||
    fail "the installed program did not learn the installed sample"
  ln -s "$prefix/bin/mnist-train" "$work/link"
  "${clean[@]}" "$work/link" --version >"$work/version"
  grep -q '^mnist-train [0-9][0-9.]*$' "$work/version" || fail "expected a version, found $(cat "$work/version")"
  local file
  for file in mnist-train/recipes/{best,quick,plain}.toml doc/mnist-train/{README.md,copyright,changelog.gz}; do
    [[ -s $share/$file ]] || fail "expected $share/$file, found none"
  done
  if command -v help2man >/dev/null; then test_man_page "$share/man/man1/mnist-train.1.gz"; fi
  test_completion "$share/bash-completion/completions/mnist-train"
  # See target_link_libraries(mnist_core ...) in CMakeLists.txt.
  [[ $(readelf -d "$prefix/bin/mnist-train" | tr '\n' ' ') == *libstdc++*libtorch* ]] ||
    fail "expected the C++ library before LibTorch's"
  cp "$prefix/bin/mnist-train" "$work/alone" # one file is the whole program
  "${clean[@]}" "$work/alone" --quiet --data "$share/mnist-train/sample" --recipe quick --epochs 1 | grep -q '^accuracy' ||
    fail "the program alone, in another directory, did not train"
  mv "$prefix" "$work/elsewhere"
  "${clean[@]}" "$work/elsewhere/bin/mnist-train" --version >"$work/version" # and after a move
  ! grep -rqF "$source" "$work/elsewhere" || fail "what is installed knows where it was built"
}

test_library() {
  install_component development
  local headers
  headers=$(cd "$prefix/include" && find . -type f | LC_ALL=C sort | tr '\n' ' ')
  [[ $headers == "$(cd "$source/include" && find . -type f | LC_ALL=C sort | tr '\n' ' ')" ]] ||
    fail "expected the headers of include/ and no others, found $headers"
  # As if nothing but LibTorch, Highway, nlohmann-json and fmt were there.
  local hidden=()
  local package
  for package in CLI11 spdlog PNG PkgConfig; do hidden+=("-DCMAKE_DISABLE_FIND_PACKAGE_$package=ON"); done
  cmake "${hidden[@]}" -S "$source/tests/consumer" -B "$work/consumer" -G Ninja -DCMAKE_BUILD_TYPE=Release \
    -DCMAKE_PREFIX_PATH="$prefix;${CMAKE_PREFIX_PATH-}" >"$work/log" 2>&1 || fail "$(cat "$work/log")"
  cmake --build "$work/consumer" >"$work/log" 2>&1 || fail "$(cat "$work/log")"
  "$work/consumer/consumer" "$source/data/sample" | grep -Eq '^accuracy 0[.][89]' || fail "the consumer did not learn"
}

# As a part of someone else's project, which is only configured here.
test_subproject() {
  cat >"$work/CMakeLists.txt" <<PROJECT
cmake_minimum_required(VERSION 3.22)
project(parent LANGUAGES CXX)
add_subdirectory("$source" mnist-train)
add_executable(parent "$source/tests/consumer/main.cpp")
target_link_libraries(parent PRIVATE mnist_train::mnist_core)
PROJECT
  cmake -S "$work" -B "$work/parent" -G Ninja >"$work/log" 2>&1 || fail "$(cat "$work/log")"
  ! grep -q '^CMAKE_BUILD_TYPE:[^=]*=.' "$work/parent/CMakeCache.txt" || fail "it has set the build type of its parent"
  [[ ! -e $work/parent/CPackConfig.cmake ]] || fail "it has written CPack's files for its parent"
  ! ninja -C "$work/parent" -t targets all | grep -Eq '^(mnist_tests|test):' || fail "it has targets that are not for its parent"
}

"test_$2"
