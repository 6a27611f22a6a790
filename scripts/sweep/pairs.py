"""Whether one run is better than another or only lucky, from what both answered to the same test images."""

from pathlib import Path
from typing import NamedTuple

from .run_results import WHOLE, NoResult, as_text, expect

FILE = "predictions.csv"
HEADER = "position,digit,guess,probability"
MOST = 5  # rows that are compared with the best one
LIMIT = 0.05  # of the chance, below which a difference is not said to be chance
DIGITS = set("0123456789")


class Pair(NamedTuple):
    """A run that is compared with one of the best row: on how many images only one of the two is right."""

    best: str  # where it is
    other: str
    only_best: int
    only_other: int


def mcnemar_exact(only_first, only_second):
    """How probable it is, if two networks are equally good, that the images on which only one is right are divided
    between them as unevenly as here, or more. Source: Q. McNemar, Psychometrika 12 (1947); exact by the binomial
    distribution."""
    count = only_first + only_second
    ways = tail = 1
    for k in range(min(only_first, only_second)):
        ways = ways * (count - k) // (k + 1)
        tail += ways
    return min(1.0, 2 * tail / 2**count)


def holm_adjusted(chances):
    """Makes each chance larger because there are several. Source: S. Holm, Scandinavian Journal of Statistics 6
    (1979)."""
    adjusted, largest = [0.0] * len(chances), 0.0
    for rank, i in enumerate(sorted(range(len(chances)), key=lambda i: chances[i])):
        largest = max(largest, min(1.0, (len(chances) - rank) * chances[i]))
        adjusted[i] = largest
    return adjusted


def has_answers(run):
    return run.status in WHOLE and Path(run.source, FILE).is_file()


def read_answers(run):
    """The label of each test image, and whether the run is right on it, as two lists."""
    try:
        text = Path(run.source, FILE).read_text(encoding="ascii")
    except (OSError, ValueError) as error:
        raise NoResult(f"{FILE} could not be read: {getattr(error, 'strerror', None) or 'no text'}") from None
    expect(text.endswith("\n"), f"the last line of {FILE} is not whole")
    header, *lines = text.splitlines()
    expect(header == HEADER, f"line 1 of {FILE} is not {HEADER}")
    labels, right = [], []
    for position, line in enumerate(lines):
        place, digit, guess, *probability = line.split(",") + [""] * 3
        expect(place == str(position) and {digit, guess} <= DIGITS and line.count(",") == 3,
               f"line {position + 2} of {FILE} is not the answer to image {position}")
        labels.append(digit)
        right.append(digit == guess)
    expect(lines and sum(right) / len(lines) == run.metrics.get("test-accuracy"),
           f"{FILE} has another accuracy than result.json")
    return labels, right


def compare(best, other):
    """Compares two runs that have answers; raises NoResult, which says why they cannot be compared."""
    expect(best.images is not None and best.images == other.images, "the two were tested on other test images")
    (labels, of_best), (other_labels, of_other) = read_answers(best), read_answers(other)
    expect(labels == other_labels, f"the two have other labels in {FILE}")
    pairs = list(zip(of_best, of_other))
    return Pair(as_text(best.source), as_text(other.source), pairs.count((True, False)), pairs.count((False, True)))


def chosen(best, group):
    """A run of each of two rows: those of the lowest seed that both have, or else each one's own lowest. So the choice
    does not depend on how good they are. None if a row has no answers."""
    def by_seed(runs):
        return {(len(str(run.seed)), str(run.seed)): run for run in runs if has_answers(run)}

    best, group = by_seed(best), by_seed(group)
    if not best or not group:
        return None
    common = best.keys() & group.keys()
    return best[min(common or best)], group[min(common or group)]


def chance_text(chance):
    if chance >= 0.01:
        return f"{100 * chance:.{1 if chance < 0.1 else 0}f} of 100"
    limit = "100" if chance >= 0.001 else "1,000" if chance >= 1e-6 else "1,000,000"
    return f"fewer than 1 of {limit}"


def pair_words(pair, chance, adjusted):
    words = (f"{pair.other} is right on {pair.only_other} test images that {pair.best} gets wrong, and wrong on "
             f"{pair.only_best} that it gets right")
    if pair.only_other == pair.only_best:
        return f"{words}: neither is better."
    verdict = f"{pair.other} is {'better' if pair.only_other > pair.only_best else 'worse'}"
    return (f"{words}; by chance in {chance_text(chance)} such pairs of runs: "
            f"{verdict if adjusted < LIMIT else 'this can be chance'}.")


def comparison_lines(groups):
    """What is said below the table: of the rows after the first, each a list of runs, against the first."""
    pairs, problems = [], []
    for group in groups[1 : MOST + 1]:
        if both := chosen(groups[0], group):
            try:
                pairs.append(compare(*both))
            except NoResult as why:
                best, other = (as_text(run.source) for run in both)
                problems.append(f"{other} is not compared with {best}: {why}.")
    chances = [mcnemar_exact(pair.only_best, pair.only_other) for pair in pairs]
    lines = [pair_words(*each) for each in zip(pairs, chances, holm_adjusted(chances))]
    if lines:
        lines.append("\"By chance\" says how often chance alone makes such a difference, or a larger one (exact "
                     "McNemar test); from 5 of 100 on, a difference can be chance. The networks are those of the "
                     "lowest seed that both rows have, or else of each row's lowest. Whether options are better "
                     "shows only over several seeds.")
    if len(pairs) > 1:
        lines.append("The more runs are compared, the more often chance alone looks like a difference. So each of "
                     f"these {len(pairs)} has to be clearer than one that stands alone (Holm's method).")
    return lines + problems
