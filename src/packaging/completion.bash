# bash completion for mnist-train: the commands and options that its --help lists, and file names.

declare -gA _mnist_train_help # by command, since each takes a moment

_mnist_train() {
  local word=$2 previous=$3 command='' words help i
  # bash takes --engine=sparse for three words.
  if [[ $word == = ]]; then
    word=''
  elif [[ $previous == = ]]; then
    previous=${COMP_WORDS[COMP_CWORD - 2]}
  fi
  : "${_mnist_train_help[main]:=$("$1" --help 2>/dev/null)}"
  help=${_mnist_train_help[main]}
  words=$(sed -n '/^Subcommands:/,/^$/s/^  \([a-z]*\) .*/\1/p' <<<"$help")
  for ((i = 1; i < COMP_CWORD; i++)); do
    if [[ $'\n'$words$'\n' == *$'\n'"${COMP_WORDS[i]}"$'\n'* ]]; then command=${COMP_WORDS[i]}; fi
  done
  if [[ -n $command ]]; then words=''; fi
  if [[ -n $command && $command != doctor && $command != jobs ]]; then # which take those of the main help
    : "${_mnist_train_help[$command]:=$("$1" "$command" --help 2>/dev/null)}"
    help=${_mnist_train_help[$command]}
  fi

  COMPREPLY=()
  if [[ $help =~ $'\n'"  $previous "([A-Z]+) ]]; then
    case ${BASH_REMATCH[1]} in
      FILE) compopt -o default ;;
      DIR) compopt -o dirnames ;;
    esac
    return # else a number or a name
  fi
  if [[ $help == *$'\nPositionals:'* ]]; then compopt -o default; fi
  words+=" $(sed -n 's/^  \(-[^ ]*\).*/\1/p' <<<"$help" | tr ',\n' '  ')"
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
}

complete -F _mnist_train mnist-train
