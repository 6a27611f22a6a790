"""What a sweep searches, and how the values of a trial are drawn."""

import itertools
import tomllib
from dataclasses import dataclass

import optuna

NUMBERS = {"lr": float, "batch": int, "momentum": float, "weight-decay": float}
NAMES = (*NUMBERS, "hidden", "shuffle")
SYNTAX = "LOW:HIGH, LOW:HIGH:log or values such as 20,32,64"


class SpaceError(Exception):
    """What is wrong with the options that say what to search."""


@dataclass
class Range:
    low: float
    high: float
    log: bool

    def ends(self):
        return [self.low, self.high]

    def suggest(self, trial, name):
        suggest = trial.suggest_int if isinstance(self.low, int) else trial.suggest_float
        return suggest(name, self.low, self.high, log=self.log)


@dataclass
class Choices:
    values: list

    def ends(self):
        return self.values

    def suggest(self, trial, name):
        return trial.suggest_categorical(name, self.values)


def parse(name, text):
    """'1e-4:0.1:log' or '20,32,64' as a Range or Choices."""
    try:
        if ":" in text and name in NUMBERS:
            low, high, *log = text.split(":")
            if log not in ([], ["log"]):
                raise ValueError
            domain = Range(NUMBERS[name](low), NUMBERS[name](high), bool(log))
            if not domain.low < domain.high or (log and domain.low <= 0):
                raise ValueError
            return domain
        values = [value.strip() for value in text.split(";" if name == "hidden" else ",")]
        if name in NUMBERS:
            values = [NUMBERS[name](value) for value in values]
        if name == "shuffle":
            values = [{"yes": True, "true": True, "no": False, "false": False}[value] for value in values]
        if "" in values or len(set(values)) < len(values):
            raise ValueError
        return Choices(values)
    except (KeyError, ValueError):
        syntax = {"hidden": "widths such as 256,256;512", "shuffle": "yes, no or yes,no"}.get(name, SYNTAX)
        raise SpaceError(f"--{name}: expected {syntax}, found '{text}'") from None


def from_toml(file):
    """The texts of a file such as: lr = "1e-4:0.1:log", batch = [20, 32], hidden = ["256,256", "512"]"""
    try:
        with open(file, "rb") as stream:
            table = tomllib.load(stream)
    except tomllib.TOMLDecodeError as error:
        raise SpaceError(f"{file}: {error}") from None
    texts = {}
    for name, value in table.items():
        if name not in NAMES:
            raise SpaceError(f"{file}: expected {', '.join(NAMES)}, found '{name}'")
        values = value if isinstance(value, list) else [value]
        separator = ";" if name == "hidden" else ","
        texts[name] = separator.join(str(v).lower() for v in values)
    return texts


def grid_points(space):
    """Every combination of the choices."""
    for name, domain in space.items():
        if isinstance(domain, Range):
            raise SpaceError(f"--{name}: expected values for a grid, such as 0.01,0.1, found a range")
    return [dict(zip(space, values))
            for values in itertools.product(*(domain.values for domain in space.values()))]


class GridSampler(optuna.samplers.BaseSampler):
    """Gives each place of the study its point of the grid.

    Optuna's own draws one of the points that nobody has begun, so that two machines can draw the
    same one at the same time.
    """

    def __init__(self, points, place_of):
        self.points = points
        self.place_of = place_of

    def point(self, study, trial):
        return self.points[self.place_of(study, trial) % len(self.points)]

    def infer_relative_search_space(self, study, trial):
        return {}

    def sample_relative(self, study, trial, search_space):
        return {}

    def sample_independent(self, study, trial, param_name, param_distribution):
        return self.point(study, trial)[param_name]
