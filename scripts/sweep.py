#!/usr/bin/python3
"""Searches for good options of mnist-train with Optuna, and tests the best ones.

    sweep.py --out DIR --lr 1e-3:0.5:log --batch 20,32,64 --trials 50 -- --epochs 10

Trials are compared on held-out training images, the last 10,000 unless --validation is given after the --;
unpromising ones are pruned. The best options are then trained again on all training images with several seeds,
and tested. DIR/leaderboard.csv and DIR/sweep.html show the results.

A SPACE is a range, LOW:HIGH or on a logarithmic scale LOW:HIGH:log, or a list of values, 20,32,64; hidden layer sizes
are written "256,256;512". A TOML file has the same: lr = "1e-3:0.5:log", batch = [20, 32].

Ctrl-C saves and ends, twice ends at once. The same command continues; with more --trials it searches further.

Several machines share a study if they name the same --storage and --study. Start one of them first, and the others when
it trains. --trials is the total, which may be exceeded by one per machine. Give all but one --final-seeds 0.
"""

import argparse
import contextlib
import fcntl
import os
import shutil
import signal
import subprocess
import sys
import time
import tomllib
import warnings
from pathlib import Path

if signal.getsignal(signal.SIGINT) == signal.default_int_handler:
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # as long as there is nothing to save: no traceback
warnings.simplefilter("ignore")  # Optuna calls most of what is used here experimental

try:
    from optuna.trial import TrialState
    from sweep import SweepError, log, report
    from sweep.jobs import Jobs
    from sweep.search import STORAGE_ERRORS, Search, open_study, storage_trouble, train_finals
    from sweep.space import NAMES, grid_points, parse, read_toml
except ImportError as error:
    sys.exit(f"sweep.py: error: {error}; run scripts/install_dependencies.sh --sweep")

ROOT = Path(__file__).resolve().parents[1]
BUILT = ROOT / "build/release/mnist-train"
SAME_REQUEST = 0.1  # seconds: timeout(1) sends its signal to the process and to its group
OURS = ("out", "resume", "overwrite", "skip-if-done", "json", "print-config", "min-accuracy", "help", "version")


def number(low):
    def convert(text):
        if not (text.isdecimal() and low <= int(text) < 2**32):
            raise argparse.ArgumentTypeError(f"expected a whole number of at least {low}, found '{text}'")
        return int(text)

    return convert


def parse_arguments(arguments):
    cpus = int(subprocess.check_output(["bash", "-c", 'source "$0" && usable_cpus', ROOT / "scripts/common.sh"]))
    parser = argparse.ArgumentParser(prog="sweep.py", description=__doc__, allow_abbrev=False,
                                     usage="%(prog)s --out DIR [options] [-- mnist-train options]",
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", metavar="DIR", type=Path, required=True, help="directory of the sweep")
    for name in NAMES:
        parser.add_argument("--" + name, metavar="SPACE", dest=name)
    parser.add_argument("--space", metavar="FILE", help="TOML file of search spaces; command-line options override it")
    parser.add_argument("--sampler", choices=["tpe", "random", "grid"],
                        help="chooses the options of a trial [grid if all values are listed and few enough, else tpe]")
    parser.add_argument("--seed", metavar="N", type=number(0), help="seed of the sampler; repeatable with --jobs 1")
    parser.add_argument("--pruner", choices=["hyperband", "median", "none"], default="median",
                        help="decides which trials are pruned [median]")
    parser.add_argument("--metric", choices=["accuracy", "loss"], default="accuracy",
                        help="what is optimized, on the held-out images [accuracy]")
    parser.add_argument("--trials", metavar="N", type=number(1), help="total number of trials [50, or the whole grid]")
    parser.add_argument("--jobs", metavar="N", type=number(1), default=cpus, help="trials at once [CPUs: %(default)s]")
    parser.add_argument("--final-seeds", metavar="N", type=number(0), default=5, help="number of final runs [5]")
    parser.add_argument("--storage", metavar="URL", help="such as postgresql://... [DIR/study.db]")
    parser.add_argument("--study", metavar="NAME", help="name in the storage [that of DIR]")
    parser.add_argument("--heartbeat", metavar="SECONDS", type=number(1), default=30,
                        help="with --storage: a machine silent for twice as long counts as dead [30]")
    parser.add_argument("--program", metavar="FILE", default=BUILT if BUILT.exists() else "mnist-train",
                        help="mnist-train [build/release, $PATH]")
    parser.add_argument("passed_on", metavar="OPTION", nargs="*", help="of mnist-train, for every run")
    return parser.parse_args(arguments)


def read_space(arguments):
    texts = read_toml(arguments.space) if arguments.space else {}
    texts |= {name: text for name in NAMES if (text := getattr(arguments, name))}
    if not texts:
        raise SweepError("nothing to search; give an option such as --lr 1e-3:0.5:log, see --help", 2)
    return {name: parse(name, texts[name]) for name in NAMES if name in texts}


def choose_grid(arguments, space):
    """The points of a grid, or [] if the sampler is another one."""
    points = grid_points(space)
    if arguments.sampler == "grid" and not points:
        raise SweepError("--sampler grid: expected values such as 0.01,0.1, found a range", 2)
    is_grid = arguments.sampler == "grid" or (not arguments.sampler and len(points) <= (arguments.trials or 50))
    return points[: arguments.trials] if is_grid else []


def read_settings(arguments, space):
    """The options after the -- and the defaults of all others, as mnist-train understands them."""
    if not shutil.which(arguments.program):
        raise SweepError(f"{arguments.program}: not found; run scripts/build.sh, or give --program", 2)
    for option in arguments.passed_on:
        name = option.split("=")[0].lstrip("-").replace("_", "-")
        if option == "-h" or (option.startswith("--") and name in (*OURS, *space)):
            raise SweepError(f"{option}: the sweep sets this itself; leave it out after the --", 2)
    answer = subprocess.run([arguments.program, "--print-config", *arguments.passed_on], capture_output=True, text=True)
    if answer.returncode:
        raise SweepError(answer.stderr.strip().replace("mnist-train: error: ", ""), answer.returncode)
    settings = tomllib.loads(answer.stdout)
    schedules = space["lr-schedule"].choices if "lr-schedule" in space else [settings["lr-schedule"]]
    for name in ("patience", "max-time"):
        if name in settings and arguments.final_seeds and set(schedules) != {"constant"}:
            raise SweepError(f"--{name}: needs a constant learning rate or --final-seeds 0: the final trainings would "
                             "compress the schedule of a trial that has stopped early", 2)
    settings.pop("min-accuracy", None)  # of a --config
    return settings | {"validation": settings["validation"] or 10000}


def lock(directory):
    """Keeps every other sweep out of the directory as long as the file that it returns is open."""
    directory.mkdir(parents=True, exist_ok=True)
    file = open(directory / "lock", "w")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise SweepError(f"{directory}: another sweep is running in this directory") from None
    return file


def handle_signals(jobs):
    """The first signal saves and ends, a second one ends at once. Returns the list of those that came, with their
    times. What was ignored at the start, as by nohup, stays ignored."""
    caught = []

    def on_signal(number, _):
        caught.append((number, time.monotonic()))
        if len(caught) == 1:
            log.info("saving; Ctrl-C to end at once")
            jobs.stop()
        elif caught[-1][1] - caught[0][1] > SAME_REQUEST:
            jobs.stop(signal.SIGKILL)
            end_by(number)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGXCPU, signal.SIGUSR1, signal.SIGUSR2):
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, on_signal)
    return caught


def end_by(number):
    """Ends by the signal itself, so that Ctrl-C also ends a shell's loop of sweeps."""
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)


def run_sweep(arguments):
    space = read_space(arguments)
    points = choose_grid(arguments, space)
    settings = read_settings(arguments, space)
    with lock(arguments.out), contextlib.closing(Jobs(arguments.program, arguments.out / "jobs.log")) as jobs:
        caught = handle_signals(jobs)
        study = open_study(arguments, space, settings)
        Search(arguments, study, jobs, space, settings, points).work()
        if completed := study.get_trials(states=(TrialState.COMPLETE,)):
            report.write(arguments.out, study, arguments.metric, [])  # a final training may fail
            finals = train_finals(arguments, jobs, settings, study.best_trial)
            table = report.write(arguments.out, study, arguments.metric, finals)
    if completed:
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # all is written: `sweep.py | head` ends without an error
        print(table, flush=True)
    if caught:
        end_by(caught[0][0])
    if not completed:
        raise SweepError("no trial was completed")


def main():
    arguments = parse_arguments(sys.argv[1:])
    try:
        return run_sweep(arguments)
    except (SweepError, OSError) as error:
        message, code = str(error), getattr(error, "code", 1)
    except STORAGE_ERRORS as error:
        message, code = storage_trouble(arguments, error), 1
    log.info(f"sweep.py: error: {message}")
    return code


if __name__ == "__main__":
    sys.exit(main())
