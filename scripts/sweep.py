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

import argparse
import contextlib
import fcntl
import os
import shutil
import signal
import subprocess
import sys
import tomllib
from pathlib import Path

try:
    import optuna
    import sqlalchemy.exc
except ImportError:
    sys.exit("sweep.py: error: expected Optuna, found none; scripts/install_dependencies.sh --sweep "
             "installs it for the system's python3")

import sweep_report
import sweep_search
import sweep_space
import sweep_study
from optuna.trial import TrialState
from sweep_spawner import Spawner, SpawnerError, options

ROOT = Path(__file__).resolve().parent.parent
HELD_OUT = 10000
OURS = ("out", "resume", "overwrite", "skip-if-done", "json", "print-config", "quiet", "verbose")


class SweepError(Exception):
    def __init__(self, message, code=1):
        super().__init__(message)
        self.code = code


# The command line.


def parse_arguments(arguments):
    split = arguments.index("--") if "--" in arguments else len(arguments)
    parser = argparse.ArgumentParser(prog="sweep.py", description=__doc__, allow_abbrev=False,
                                     usage="%(prog)s --out DIR [options] [-- mnist-train options]",
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", metavar="DIR", type=Path, required=True, help="folder of the sweep")
    for name in sweep_space.NAMES:
        syntax = {"hidden": "N,...;N,...", "shuffle": "yes,no"}.get(name, "SPACE")
        parser.add_argument("--" + name, metavar=syntax)
    parser.add_argument("--space", metavar="FILE", help="TOML file of the same; options given here win")
    parser.add_argument("--sampler", choices=["tpe", "random", "grid"], default="tpe")
    parser.add_argument("--pruner", choices=["hyperband", "median", "none"], default="median",
                        help="how bad trials are found out [median]")
    parser.add_argument("--metric", choices=["accuracy", "loss"], default="accuracy",
                        help="of the held-out images [accuracy]")
    parser.add_argument("--trials", metavar="N", type=positive, help="in all [50, or the whole grid]")
    parser.add_argument("--jobs", metavar="N", type=positive, default=len(os.sched_getaffinity(0)),
                        help="trials at once [%(default)s, the processors]")
    parser.add_argument("--final-seeds", metavar="N", type=int, default=5,
                        help="trainings with the best options [5]")
    parser.add_argument("--storage", metavar="URL", help="such as postgresql://... [DIR/study.db]")
    parser.add_argument("--study", metavar="NAME", help="name in the storage [that of DIR]")
    parser.add_argument("--heartbeat", metavar="SECONDS", type=positive, default=30,
                        help="with --storage: a machine silent for twice as long is dead [30]")
    parser.add_argument("--program", metavar="FILE", help="mnist-train [build/release, $PATH]")
    parsed = parser.parse_args(arguments[:split])
    parsed.passed_on = arguments[split + 1 :]
    return parsed


def positive(text):
    number = int(text)
    if number < 1:
        raise ValueError
    return number


def find_program(given):
    built = ROOT / "build/release/mnist-train"
    found = shutil.which(given or (built if built.exists() else "mnist-train"))
    if not found:
        raise SweepError(f"expected mnist-train, found no program '{given or built}'; build it with "
                         "scripts/build.sh, or give --program", 2)
    return os.path.abspath(found)


def read_space(arguments):
    texts = sweep_space.from_toml(arguments.space) if arguments.space else {}
    for name in sweep_space.NAMES:
        texts[name] = getattr(arguments, name.replace("-", "_")) or texts.get(name)
    space = {name: sweep_space.parse(name, text) for name, text in texts.items() if text is not None}
    if not space:
        raise SweepError("expected something to search, such as --lr 1e-3:0.5:log; see --help", 2)
    return space


def ask_program(program, *arguments):
    """What mnist-train answers, or its own error."""
    answer = subprocess.run([program, *arguments], capture_output=True, text=True)
    if answer.returncode:
        raise SweepError(answer.stderr.strip().replace("mnist-train: error: ", ""), answer.returncode)
    return answer.stdout


def read_settings(program, passed_on, space):
    """The options after the --, with their defaults, as mnist-train understands them."""
    for option in passed_on:
        name = option.split("=")[0].lstrip("-").replace("_", "-")
        if option.startswith("--") and name in (*OURS, *space):
            raise SweepError(f"{option}: after -- expected options that the sweep does not set itself", 2)
    settings = tomllib.loads(ask_program(program, *passed_on, "--print-config"))
    settings["validation"] = settings["validation"] or HELD_OUT
    for name, domain in space.items():
        for value in domain.ends():
            ask_program(program, *options({name: value}), "--print-config")
    return settings


def trial_settings(settings):
    """Without the test images, which nothing may be chosen by; mnist-train wants at least one."""
    return {name: value for name, value in settings.items() if name != "min-accuracy"} | {"test-limit": 1}


def final_settings(settings, trial):
    """On all training images, for as many epochs as the weights of the trial had."""
    kept = {name: value for name, value in settings.items() if name not in ("validation", "patience")}
    return kept | trial.params | {"epochs": trial.user_attrs[sweep_study.RUN]["epochs"]}


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
    program = find_program(arguments.program)
    space = read_space(arguments)
    settings = read_settings(program, arguments.passed_on, space)
    with lock(arguments.out):
        is_stopped = catch_signals()
        with spawner(program, trial_settings(settings), arguments.out / "trials.log") as trials_spawner:
            study = open_study(arguments, space, settings)
            trials_spawner.expect_ready()
            sweep_search.Search(arguments, trials_spawner, space, trial_settings(settings), study).work(is_stopped)
        trials = sweep_study.counted(study.trials())
        done = [trial for trial in trials if trial.state == TrialState.COMPLETE]
        finals = []
        if done and arguments.final_seeds and not is_stopped():
            best = study.study.best_trial
            best_settings = final_settings(settings, best)
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
        return run_sweep(parse_arguments(sys.argv[1:]))
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
