#!/usr/bin/env bash
# Usage: sbatch [--array=1-9 ...] scripts/slurm_array.sh [mnist-train options]
#
# A Slurm job array with one run per task: task N trains in runs/N of the directory that it was submitted
# from, with --seed N or, with GRID=FILE in the environment, with the options in line N of FILE, quoted as
# in a shell; the first line is 1. A task that is preempted, or near its time limit, is saved, requeued and
# resumed. A completed run is only shown again, so the same command repeats what failed.
# Runs mnist-train from PATH, or $MNIST_TRAIN, a path or a command with arguments.

#SBATCH --job-name=mnist-train
#SBATCH --array=1-5
#SBATCH --cpus-per-task=1
#SBATCH --mem=1G
#SBATCH --time=00:30:00
#SBATCH --signal=B:USR1@90
#SBATCH --requeue
#SBATCH --open-mode=append
set -euo pipefail
# Slurm runs a copy of this file, so there is no scripts/common.sh beside it.

die() {
  echo "slurm_array.sh: error: $*" >&2
  exit 2
}

case ${1-} in
  -h | --help)
    sed -n '2,/^$/s/^# \{0,1\}//p' "$0"
    exit
    ;;
esac
task=${SLURM_ARRAY_TASK_ID-}
[[ -n $task ]] || die "expected a task of an array, found no SLURM_ARRAY_TASK_ID; submit with sbatch --array=1-9"

options=(--seed "$task")
if [[ -n ${GRID-} ]]; then
  [[ -r $GRID ]] || die "GRID: expected a file of options, found none that can be read: $GRID"
  [[ $task != 0 ]] || die "GRID: lines are counted from 1, found task 0; submit with --array=1-9"
  line=$(sed -n "1s/^\xef\xbb\xbf//; ${task}{s/\r\$//;p}" "$GRID") # as Windows writes lines, too
  [[ -n $line ]] || die "$GRID: expected options in line $task, found none"
  words=$(xargs printf '%s\n' <<<"$line" 2>/dev/null) || die "$GRID: expected options quoted as in a shell in line $task"
  mapfile -t options <<<"$words"
fi

program=("${MNIST_TRAIN:-mnist-train}")
[[ -x ${program[0]} ]] || read -r -a program <<<"${program[0]}"

# Near the time limit USR1 comes to this shell alone (B:), which passes it on. TERM, of preemption and
# scancel, comes to every process; passed on it would be the second, at which the trainer ends unsaved.
trainer=
out_of_time=
trap 'signalled=yes; out_of_time=yes; [[ -z $trainer ]] || kill -USR1 "$trainer" || true' USR1
trap 'signalled=yes' TERM
"${program[@]}" --out "runs/$task" --resume --json --quiet "${options[@]}" "$@" &
trainer=$!
signalled=yes
while [[ -n $signalled ]]; do # a signal ends wait, but not yet the trainer
  signalled=
  code=0
  wait "$trainer" || code=$?
done

if [[ -n $out_of_time ]] && ((code > 128)); then
  # Not $SLURM_JOB_ID, which in one of the tasks is the id of the whole array. After preemption Slurm
  # queues the task again by itself, and after scancel nobody wants that.
  scontrol requeue "${SLURM_ARRAY_JOB_ID}_$task"
fi
exit "$code"
