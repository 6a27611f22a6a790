"""The options of sweep.py, and the settings of mnist-train that follow from them."""

import argparse
import os
import shutil
import subprocess
import tomllib
from pathlib import Path

from sweep import SweepError
from sweep.places import RUN
from sweep.runs import as_options
from sweep.space import NAMES, applicable, order_of_augment, parse, read_toml

BUILT = Path(__file__).resolve().parents[2] / "build/release/mnist-train"
HELD_OUT = 10000  # training images that the trials are measured on, unless --validation says otherwise
OURS = ("out", "resume", "overwrite", "skip-if-done", "json", "print-config", "quiet", "verbose", "help", "version")


def parse_arguments(arguments, description):
    """Parses what stands before the --. What follows it becomes passed_on. --help shows the description."""
    split = arguments.index("--") if "--" in arguments else len(arguments)
    parser = argparse.ArgumentParser(prog="sweep.py", description=description, allow_abbrev=False,
                                     usage="%(prog)s --out DIR [options] [-- mnist-train options]",
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", metavar="DIR", type=Path, required=True, help="folder of the sweep")
    written = {"hidden": "N,...;N,...", "shuffle": "yes,no", "lr-schedule": "NAME,...", "augment": "NAME,..."}
    for name in NAMES:
        parser.add_argument("--" + name, metavar=written.get(name, "SPACE"))
    parser.add_argument("--space", metavar="FILE", help="TOML file of the same; options given here win")
    parser.add_argument("--sampler", choices=["tpe", "random", "grid"], default="tpe",
                        help="what chooses the options of a trial [tpe]")
    parser.add_argument("--seed", metavar="N", type=seed,
                        help="seed of the sampler, so that it draws the same again; that of the runs stands after --")
    parser.add_argument("--pruner", choices=["hyperband", "median", "none"], default="median",
                        help="what decides that a trial is bad and ends early [median]")
    parser.add_argument("--metric", choices=["accuracy", "loss"], default="accuracy",
                        help="what is measured on the held-out images [accuracy]")
    parser.add_argument("--trials", metavar="N", type=positive, help="trials in all [50, or the whole grid]")
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
    if int(text) < 1:
        raise ValueError
    return int(text)


def seed(text):
    if not 0 <= int(text) < 2**32:
        raise ValueError
    return int(text)


def find_program(given):
    found = shutil.which(given or (BUILT if BUILT.exists() else "mnist-train"))
    if not found:
        raise SweepError(f"expected mnist-train, found no program '{given or BUILT}'; build it with "
                         "scripts/build.sh, or give --program", 2)
    return os.path.abspath(found)


def read_space(arguments):
    texts = read_toml(arguments.space) if arguments.space else {}
    for name in NAMES:
        texts[name] = getattr(arguments, name.replace("-", "_")) or texts.get(name)
    space = {name: parse(name, text) for name, text in texts.items() if text is not None}
    if not space:
        raise SweepError("expected something to search, such as --lr 1e-3:0.5:log, found nothing; see --help", 2)
    return space


def ask_program(program, *arguments):
    """Returns what mnist-train answers. Its error becomes that of the sweep."""
    answer = subprocess.run([program, *arguments], capture_output=True, text=True)
    if answer.returncode:
        raise SweepError(answer.stderr.strip().replace("mnist-train: error: ", ""), answer.returncode)
    return answer.stdout


def read_settings(program, passed_on, space):
    """The options after the -- and the defaults of all others, as mnist-train understands them."""
    for option in passed_on:
        name = option.split("=")[0].lstrip("-").replace("_", "-")
        if option == "-h" or (option.startswith("--") and name in (*OURS, *space)):
            raise SweepError(f"{option}: after -- expected options that the sweep does not set itself, "
                             "found one that it does; leave it out", 2)
    settings = tomllib.loads(ask_program(program, *passed_on, "--print-config"))
    # Options are checked with those that they need.
    needed = {name: settings[name] for name in ("augment",) if settings[name] != "none"}
    needed |= {name: domain.values[0] for name, domain in space.items()}
    if "augment" in space:
        needed["augment"] = max(space["augment"].values, key=order_of_augment)
    for name, domain in space.items():
        for value in domain.values:
            values = needed | {name: value}
            ask_program(program, *as_options(applicable(values) if name == "augment" else values), "--print-config")
    return settings


def trial_settings(settings):
    """Nothing may be chosen by the test images, so a trial gets as few as mnist-train allows: one."""
    return {name: value for name, value in settings.items() if name != "min-accuracy"} | {"test-limit": 1}


def final_settings(settings, trial):
    """The options of the trial on all training images, for as many epochs as its weights were trained."""
    kept = {name: value for name, value in settings.items() if name not in ("validation", "patience")}
    return kept | trial.params | {"epochs": trial.user_attrs[RUN]["epochs"]}
