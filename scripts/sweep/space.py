"""The search space: how it is written, and how a trial draws from it."""

import itertools
import tomllib
from pathlib import Path

from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.trial import FixedTrial

from sweep import SweepError

NUMBERS = ("lr", "batch", "momentum", "weight-decay", "warmup", "label-smoothing", "translate", "degrees", "scale",
           "shear", "stroke", "alpha", "sigma")
NAMES = ("augment", *NUMBERS, "hidden", "shuffle", "lr-schedule")
CONVERT = {"batch": int, "shuffle": {"yes": True, "true": True, "no": False, "false": False}.__getitem__,
           "hidden": str, "lr-schedule": str, "augment": str}  # the others: float
EXPECTED = {"hidden": "layer sizes such as 256,256;512", "shuffle": "yes, no or yes,no",
            "lr-schedule": "names such as constant,cosine", "augment": "names such as none,affine,elastic"}

# The strengths that an augmentation lacks, and mnist-train therefore refuses.
WITHOUT_ELASTIC = {"alpha", "sigma"}
WITHOUT_AFFINE = {*WITHOUT_ELASTIC, "degrees", "scale", "shear", "stroke"}
LACKS = {"none": {*WITHOUT_AFFINE, "translate"}, "shift": WITHOUT_AFFINE, "affine": WITHOUT_ELASTIC}


def parse(name, text):
    """A distribution of Optuna: of '1e-4:0.1:log' a range, of '20,32,64' a categorical one."""
    try:
        if ":" in text and name in NUMBERS:
            return parse_range(name, text)
        values = [value.strip() for value in text.split(";" if name == "hidden" else ",")]
        if "" in values or len(set(values)) < len(values):
            raise ValueError
        return CategoricalDistribution([CONVERT.get(name, float)(value) for value in values])
    except (KeyError, ValueError):
        expected = EXPECTED.get(name, "LOW:HIGH, LOW:HIGH:log or values such as 20,32,64")
        raise SweepError(f"--{name}: expected {expected}, found '{text}'", 2) from None


def parse_range(name, text):
    low, high, *scale = text.split(":")
    # --augment shift takes whole pixels only
    is_whole = name == "batch" or (name == "translate" and low.isdigit() and high.isdigit())
    number, distribution = (int, IntDistribution) if is_whole else (float, FloatDistribution)
    if scale not in ([], ["log"]) or not number(low) < number(high):
        raise ValueError
    return distribution(number(low), number(high), log=bool(scale))


def read_toml(file):
    """The same texts from a file: lr = "1e-4:0.1:log", batch = [20, 32], hidden = ["256,256", "512"]."""
    try:
        table = tomllib.loads(Path(file).read_text("utf-8-sig"))
    except ValueError as error:  # not UTF-8, or not TOML
        raise SweepError(f"{file}: expected TOML: {error}", 2) from None
    texts = {}
    for name, value in table.items():
        if name not in NAMES:
            raise SweepError(f"{file}: expected {', '.join(NAMES)}, found '{name}'", 2)
        values = value if isinstance(value, list) else [value]
        texts[name] = (";" if name == "hidden" else ",").join(str(v).lower() for v in values)
    return texts


def suggest(trial, space):
    """Draws the parameters of a trial, without the strengths that its augmentation lacks."""
    params = {}
    for name, domain in space.items():
        if name in LACKS.get(params.get("augment"), ()):
            continue
        if isinstance(domain, CategoricalDistribution):
            params[name] = trial.suggest_categorical(name, domain.choices)
        else:
            draw = trial.suggest_int if isinstance(domain, IntDistribution) else trial.suggest_float
            params[name] = draw(name, domain.low, domain.high, log=domain.log)
    return params


def grid_points(space):
    """Every combination of the values, or [] if there is a range."""
    if not all(isinstance(domain, CategoricalDistribution) for domain in space.values()):
        return []
    points = (suggest(FixedTrial(dict(zip(space, values))), space)
              for values in itertools.product(*(domain.choices for domain in space.values())))
    return list({tuple(point.items()): point for point in points}.values())  # each once
