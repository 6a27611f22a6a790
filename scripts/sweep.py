#!/usr/bin/python3
"""Searches for good options of mnist-train, and measures the best ones.

    sweep.py --out DIR --lr 1e-3:0.5:log --batch 20,32,64 --trials 50 -- --epochs 10

Each trial is a run of mnist-train of its own in DIR/trials, on training images only: what counts is
the accuracy on those held out by --validation (the last 10,000 unless given after the --). Bad
trials are ended early. At the end the best options are trained again on all training images with
several seeds, and only then tested. DIR/leaderboard.csv and DIR/sweep.html show what was found.

LOW:HIGH searches a range, LOW:HIGH:log the same by its logarithm, 20,32,64 those values; widths go
"256,256;512". The same in a file: lr = "1e-3:0.5:log", batch = [20, 32], hidden = ["256,256", "512"].

Ctrl-C ends everything (twice: at once). The same command goes on where it was: finished trials are
kept, unfinished ones resumed. With more --trials it searches further. A trial that fails is noted
and costs only itself; one that diverges is noted as pruned, so that the search learns from it.

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

from sweep import options as sweep_options
from sweep import report as sweep_report
from sweep import search as sweep_search
from sweep import space as sweep_space
from sweep import study as sweep_study
from sweep.options import SweepError
from sweep.spawner import Spawner, SpawnerError

# The search.


def open_study(arguments, space, settings):
    shared = arguments.storage is not None
    url = arguments.storage or f"sqlite:///{arguments.out.resolve()}/study.db"
    heartbeat = arguments.heartbeat if shared else None
    size = arguments.trials or 50
    samplers = {"tpe": lambda: optuna.samplers.TPESampler(multivariate=True, constant_liar=True),
                "random": optuna.samplers.RandomSampler}
    if arguments.sampler == "grid":
        points = sweep_space.grid_points(space)
        size = min(arguments.trials or len(points), len(points))
        samplers["grid"] = lambda: sweep_space.GridSampler(points, sweep_study.place_of)
    pruners = {"hyperband": lambda: optuna.pruners.HyperbandPruner(max_resource=settings["epochs"]),
               "median": optuna.pruners.MedianPruner, "none": optuna.pruners.NopPruner}
    storage = sweep_study.open_storage(url, heartbeat)
    study = optuna.create_study(
        storage=storage, study_name=arguments.study or arguments.out.resolve().name, load_if_exists=True,
        sampler=samplers[arguments.sampler](), pruner=pruners[arguments.pruner](),
        direction="maximize" if arguments.metric == "accuracy" else "minimize")
    expect_same(study, {
        "search": {name: repr(domain) for name, domain in space.items()}, "metric": arguments.metric,
        "options": {name: value for name, value in settings.items() if name not in ("data", "threads")}})
    whole = sweep_study.Study(study, storage, size, heartbeat)
    if not shared:
        whole.fail_abandoned()
    whole.requeue()
    return whole


def expect_same(study, sweep):
    """Values of other options could not be compared with those that are there."""
    for name, now in sweep.items():
        before = study.user_attrs.get(name)
        if before is None:
            study.set_user_attr(name, now)
        elif before != now:
            raise SweepError(f"expected the {name} that the study was begun with, {before}, found {now}; "
                             "give another --out, and another --study if it has a --storage", 2)


# The whole.


@contextlib.contextmanager
def spawner(program, settings, log):
    started = Spawner(program, settings, log)
    try:
        yield started
    finally:
        started.end()


@contextlib.contextmanager
def lock(folder):
    """Holds the folder for this process."""
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "lock", "w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SweepError(f"{folder}: expected to be alone, found another sweep at work there") from None
        yield


def catch_signals():
    """A function that returns the signal that has come, or None. The second one ends the process."""
    caught = []

    def on_signal(number, _):
        if caught:
            os._exit(128 + number)  # and the kernel its children
        caught.append(number)
        sweep_search.note("ending; again to end at once")

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, on_signal)
    return lambda: caught[0] if caught else None


def run_sweep(arguments):
    program = sweep_options.find_program(arguments.program)
    space = sweep_options.read_space(arguments)
    settings = sweep_options.read_settings(program, arguments.passed_on, space)
    trial_settings = sweep_options.trial_settings(settings)
    with lock(arguments.out):
        is_stopped = catch_signals()
        with spawner(program, trial_settings, arguments.out / "trials.log") as trials_spawner:
            study = open_study(arguments, space, settings)
            trials_spawner.expect_ready()
            sweep_search.Search(arguments, trials_spawner, space, trial_settings, study).work(is_stopped)
        trials = sweep_study.counted(study.trials())
        done = sweep_study.completed(trials)
        finals = []
        if done and arguments.final_seeds and not is_stopped():
            best = study.study.best_trial
            best_settings = sweep_options.final_settings(settings, best)
            with spawner(program, best_settings, arguments.out / "final.log") as finals_spawner:
                finals_spawner.expect_ready()
                finals = sweep_search.train_finals(arguments, finals_spawner, best_settings, best, is_stopped)
        sweep_report.write(arguments.out, study.study, trials, arguments.metric, finals)
        if is_stopped():
            return 128 + is_stopped()
        if not done:
            raise SweepError("expected a trial that was completed, found none; see "
                             f"{arguments.out}/trials/*.log")
    return 0


def main():
    try:
        return run_sweep(sweep_options.parse_arguments(sys.argv[1:], __doc__))
    except (SweepError, SpawnerError) as error:
        message, code = error, error.code
    except sweep_space.SpaceError as error:
        message, code = error, 2
    except (OSError, sweep_search.FinalError, sqlalchemy.exc.SQLAlchemyError,
            optuna.exceptions.StorageInternalError) as error:
        message, code = str(error).splitlines()[0], 1
    print(f"sweep.py: error: {message}", file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
