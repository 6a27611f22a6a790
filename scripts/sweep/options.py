"""The options of sweep.py, and the settings of mnist-train that follow from them."""

import argparse
import os
import shutil
import subprocess
import tomllib
from pathlib import Path

from sweep import space as sweep_space
from sweep import study as sweep_study
from sweep.spawner import options

ROOT = Path(__file__).resolve().parents[2]
HELD_OUT = 10000
OURS = ("out", "resume", "overwrite", "skip-if-done", "json", "print-config", "quiet", "verbose", "help", "version")


class SweepError(Exception):
    """Why there can be no sweep; code is its exit code."""

    def __init__(self, message, code=1):
        super().__init__(message)
        self.code = code


def parse_arguments(arguments, description):
    """Those before the --; those after it are its passed_on. The description is for --help."""
    split = arguments.index("--") if "--" in arguments else len(arguments)
    parser = argparse.ArgumentParser(prog="sweep.py", description=description, allow_abbrev=False,
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
        if option == "-h" or (option.startswith("--") and name in (*OURS, *space)):
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
