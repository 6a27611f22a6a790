#!/bin/sh
# Usage: documents.sh SOURCE PROGRAM OUT
#
# Makes the documents that are installed, in the directory OUT: the changes and, where there are the
# program and help2man, a man page of what `mnist-train [COMMAND] --help` says.
set -eu
source=$1 program=$2 out=$3

mkdir -p "$out"
rm -f "$out"/*
gzip -9nc "$source/CHANGELOG.md" >"$out/changelog.gz"
if ! [ -x "$program" ] || ! command -v help2man >/dev/null; then exit 0; fi

{
  echo '[commands]'
  for command in $("$program" --help | sed -n '/^Subcommands:/,/^$/s/^  \([a-z]*\) .*/\1/p'); do
    printf '.SS "mnist\\-train %s"\n.nf\n' "$command"
    # So that \ and - mean nothing but themselves, and . and ' at the start of a line.
    "$program" "$command" --help | sed -e 's/\\/\\e/g' -e 's/-/\\-/g' -e "s/^[.']/\\\\\&&/"
    echo '.fi'
  done
} >"$out/commands"
help2man --no-info --name 'train a multilayer perceptron on MNIST, and use it' --include "$out/commands" \
  --version-string "$("$program" --version | sed -n '1s/.* //p')" --output "$out/mnist-train.1" "$program"
gzip -9n "$out/mnist-train.1"
rm "$out/commands"
