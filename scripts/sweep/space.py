"""The space that a sweep searches: how it is written, and how Optuna draws from it."""

import itertools
import tomllib
from dataclasses import dataclass

from sweep import SweepError

NUMBERS = {"lr": float, "batch": int, "momentum": float, "weight-decay": float, "warmup": float,
           "label-smoothing": float, "translate": float, "degrees": float, "scale": float, "shear": float,
           "alpha": float, "sigma": float}
NAMES = (*NUMBERS, "hidden", "shuffle", "lr-schedule", "augment")
AUGMENTS = ("none", "shift", "affine", "elastic")  # each includes the one before
PARAMETERS = {"translate": "shift", "degrees": "affine", "scale": "affine", "shear": "affine", "alpha": "elastic",
              "sigma": "elastic"}  # of augmentations, from this one on
YES_NO = {"yes": True, "true": True, "no": False, "false": False}
EXPECTED = {"hidden": "widths such as 256,256;512", "shuffle": "yes, no or yes,no",
            "lr-schedule": "names such as constant,cosine", "augment": "names such as none,affine,elastic"}


# A study keeps the text that Python makes of these two, and it must stay the same for old studies to go on.
@dataclass
class Range:
    low: float
    high: float
    log: bool

    @property
    def values(self):
        """If mnist-train accepts these two, it accepts all between them."""
        return [self.low, self.high]

    def suggest(self, trial, name):
        suggest = trial.suggest_int if isinstance(self.low, int) else trial.suggest_float
        return suggest(name, self.low, self.high, log=self.log)


@dataclass
class Choices:
    values: list

    def suggest(self, trial, name):
        return trial.suggest_categorical(name, self.values)


def parse(name, text):
    """Reads '1e-4:0.1:log' as a Range and '20,32,64' as Choices."""
    try:
        return parse_range(name, text) if ":" in text and name in NUMBERS else parse_choices(name, text)
    except (KeyError, ValueError):
        expected = EXPECTED.get(name, "LOW:HIGH, LOW:HIGH:log or values such as 20,32,64")
        raise SweepError(f"--{name}: expected {expected}, found '{text}'", 2) from None


def parse_range(name, text):
    low, high, *log = text.split(":")
    domain = Range(NUMBERS[name](low), NUMBERS[name](high), bool(log))
    if log not in ([], ["log"]) or not domain.low < domain.high or (log and domain.low <= 0):
        raise ValueError
    return domain


def parse_choices(name, text):
    values = [value.strip() for value in text.split(";" if name == "hidden" else ",")]
    convert = YES_NO.__getitem__ if name == "shuffle" else NUMBERS.get(name, str)
    values = [convert(value) for value in values]
    if "" in values or len(set(values)) < len(values):
        raise ValueError
    return Choices(values)


def read_toml(file):
    """The same as text from a file: lr = "1e-4:0.1:log", batch = [20, 32], hidden = ["256,256", "512"]."""
    try:
        with open(file, encoding="utf-8-sig") as stream:
            table = tomllib.loads(stream.read())
    except ValueError as error:  # not UTF-8, or not TOML
        raise SweepError(f"{file}: expected TOML, found something else: {error}", 2) from None
    texts = {}
    for name, value in table.items():
        if name not in NAMES:
            raise SweepError(f"{file}: expected {', '.join(NAMES)}, found '{name}'", 2)
        values = value if isinstance(value, list) else [value]
        texts[name] = (";" if name == "hidden" else ",").join(str(v).lower() for v in values)
    return texts


def order_of_augment(name):
    return AUGMENTS.index(name) if name in AUGMENTS else 0  # mnist-train refuses an unknown one


def applicable(settings):
    """The settings without the parameters of augmentations that they do not have; mnist-train refuses those."""
    kind = order_of_augment(settings.get("augment", "none"))
    return {name: value for name, value in settings.items() if order_of_augment(PARAMETERS.get(name, "none")) <= kind}


def grid_points(space):
    """Every combination of the choices, as {name: value}."""
    for name, domain in space.items():
        if isinstance(domain, Range):
            raise SweepError(f"--{name}: expected values for a grid, such as 0.01,0.1, found a range", 2)
    return [dict(zip(space, values)) for values in itertools.product(*(d.values for d in space.values()))]
