#!/usr/bin/python3
"""Searches for good options of mnist-train, and measures the best ones.

    sweep.py --out DIR --lr 1e-3:0.5:log --batch 20,32,64 --trials 50 -- --epochs 10

Each trial is a run of mnist-train of its own in DIR/trials, on training images only: trials are compared
by the accuracy on those held out by --validation (the last 10,000 unless it is given after the --). Bad
trials are ended early. At the end the best options are trained again on all training images with several
seeds, and only then tested. DIR/leaderboard.csv and DIR/sweep.html show what was found.

LOW:HIGH searches a range, LOW:HIGH:log the same by its logarithm, 20,32,64 those values; widths are
written "256,256;512". The same in a file: lr = "1e-3:0.5:log", batch = [20, 32], hidden = ["256,256", "512"].

Ctrl-C ends everything (twice: at once). The same command goes on where it was: finished trials are
kept, unfinished ones resumed. With more --trials it searches further. A trial that fails is noted and
costs only itself; one that diverges is noted as pruned, so that the search learns from it.

Any number of machines, or folders, work on one study if they name the same --storage and --study;
--trials is the total of all. Give all but one of them --final-seeds 0.
"""

import contextlib
import fcntl
import os
import signal
import sys

try:
    import optuna
    import sqlalchemy.exc
except ImportError:
    sys.exit("sweep.py: error: expected Optuna, found none; scripts/install_dependencies.sh --sweep "
             "installs it for the system's python3")

from sweep import SweepError, note, options, report
from sweep.places import RUN, completed, counted
from sweep.runs import Spawner
from sweep.search import Search, train_finals
from sweep.study import open_study


@contextlib.contextmanager
def lock(folder):
    """Keeps every other sweep out of the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "lock", "w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SweepError(f"{folder}: expected no other sweep in this folder, found one at work; "
                             "wait for it, or give another --out") from None
        yield


def catch_signals():
    """Returns a function that returns the signal that has come, or None. A second signal ends the process."""
    caught = []

    def on_signal(number, _):
        if caught:
            os._exit(128 + number)  # and the kernel kills its children
        caught.append(number)
        note("ending; again to end at once")

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, on_signal)
    return lambda: caught[0] if caught else None


def run_sweep(arguments):
    program = options.find_program(arguments.program)
    space = options.read_space(arguments)
    settings = options.read_settings(program, arguments.passed_on, space)
    with lock(arguments.out):
        is_stopped = catch_signals()
        study = search(arguments, program, space, settings, is_stopped)
        trials = counted(study.trials())
        finals = []
        if completed(trials) and arguments.final_seeds and not is_stopped():
            finals = test_best(arguments, program, settings, study.study.best_trial, is_stopped)
        report.write(arguments.out, study.study, trials, arguments.metric, finals)
        if is_stopped():
            return 128 + is_stopped()
        if not completed(trials):
            raise SweepError(f"expected a trial that was completed, found none; see {arguments.out}/trials/*.log")
    return 0


def test_best(arguments, program, settings, best, is_stopped):
    """Trains the best options again and returns the results of the tests, of which there are none without images."""
    if not best.user_attrs[RUN].get("tested", True):  # a study of version 1.0.0 does not say it
        note("the data has no test images, so the best options are not trained again and tested")
        return []
    settings = options.final_settings(settings, best)
    with Spawner(program, settings, arguments.out / "final.log") as spawner:
        spawner.wait_until_ready()
        return train_finals(arguments, spawner, settings, best, is_stopped)


def search(arguments, program, space, settings, is_stopped):
    trial_settings = options.trial_settings(settings)
    with Spawner(program, trial_settings, arguments.out / "trials.log") as spawner:
        study = open_study(arguments, space, settings)  # while the spawner loads the data
        spawner.wait_until_ready()
        Search(arguments, spawner, space, trial_settings, study).work(is_stopped)
    return study


def main():
    try:
        return run_sweep(options.parse_arguments(sys.argv[1:], __doc__))
    except SweepError as error:
        message, code = error, error.code
    except (OSError, sqlalchemy.exc.SQLAlchemyError, optuna.exceptions.StorageInternalError) as error:
        message, code = str(error).splitlines()[0], 1
    print(f"sweep.py: error: {message}", file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
