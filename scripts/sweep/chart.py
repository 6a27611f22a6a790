"""Where the lines, points and labels of the charts in sweep.html are. page.html draws them."""

import math
from types import SimpleNamespace

from optuna.trial import TrialState

from sweep import short
from sweep.places import completed

COLORS = 6  # of lines in report.css: style-0 to style-5
LEFT, RIGHT, TOP, BOTTOM = 60, 710, 24, 350  # of the plot, in a picture of 720 x 400


def height(value, metric):
    """What is drawn of a result: the error in percent, or the loss. The axis has no place for zero."""
    return max(100 * (1 - value), 0.01) if metric == "accuracy" else max(value, 1e-9)


class Axes:
    """The axes of a chart that shows all of these points. The y axis is logarithmic, and ends at its outer ticks."""

    def __init__(self, points, x_title, metric):
        xs, ys = zip(*points)
        margin = 0 if min(xs) < max(xs) else 0.5  # a single x lies in the middle
        self.low, self.high = min(xs) - margin, max(xs) + margin
        self.bottom, *_, self.top = y_values = log_ticks(min(ys), max(ys))
        self.x_title = x_title
        self.y_title = ("wrong, %" if metric == "accuracy" else "loss") + " of the held-out images"
        self.x_ticks = [(self.x(value), value) for value in whole_ticks(self.low, self.high)]
        self.y_ticks = [(self.y(value), f"{value:g}") for value in y_values]

    def x(self, value):
        return round(LEFT + (value - self.low) / (self.high - self.low) * (RIGHT - LEFT), 1)

    def y(self, value):
        return round(BOTTOM - math.log(value / self.bottom) / math.log(self.top / self.bottom) * (BOTTOM - TOP), 1)


def round_numbers(low, high):
    """1, 2 and 5 times the powers of ten from 10^low to 10^high."""
    return [float(f"{digit}e{exponent}") for exponent in range(low, high + 1) for digit in (1, 2, 5)]


def log_ticks(low, high):
    """The round numbers from the last one that is not above `low` to the first one above `high`."""
    numbers = round_numbers(math.floor(math.log10(low)) - 1, math.ceil(math.log10(high)) + 1)
    first = max(i for i, number in enumerate(numbers) if number <= low)
    last = min(i for i, number in enumerate(numbers) if number > high)
    return numbers[first : last + 1]


def whole_ticks(low, high):
    """Whole numbers at most ten steps apart, the step being a round number."""
    step = next(int(number) for number in round_numbers(0, 9) if high - low <= 10 * number)
    return range(math.ceil(low / step) * step, math.floor(high) + 1, step)


def history(trials, metric):
    """A point for each trial, and a line for the best until then. None if no trial has a value."""
    points = [(trial.number, height(trial.value, metric), trial) for trial in trials if trial.value is not None]
    if not points:
        return None
    axes = Axes([point[:2] for point in points], "trial", metric)
    best, path, marks = math.inf, "", []
    for number, y, trial in points:
        is_completed = trial.state == TrialState.COMPLETE
        path += f"H{axes.x(number)}" if path else ""
        if is_completed and y < best:
            best = y
            path += f"V{axes.y(y)}" if path else f"M{axes.x(number)},{axes.y(y)}"
        marks.append(SimpleNamespace(x=axes.x(number), y=axes.y(y), title=f"trial {number}: {short(y)}",
                                     style="style-0" if is_completed else "faint"))
    return SimpleNamespace(axes=axes, best=path, marks=marks)


def learning_curves(trials, metric):
    """A line for each trial. The best trials have colours and are drawn last. None if no trial has an epoch."""
    lines = [(trial, [(epoch, height(value, metric)) for epoch, value in sorted(trial.intermediate_values.items())])
             for trial in trials if trial.intermediate_values]
    if not lines:
        return None
    axes = Axes([point for _, line in lines for point in line], "epoch", metric)
    best = sorted(completed(trials), key=lambda trial: height(trial.value, metric))[:COLORS]
    styles = {trial.number: f"style-{place}" for place, trial in enumerate(best)}
    curves = [SimpleNamespace(path="M" + "L".join(f"{axes.x(epoch)},{axes.y(y)}" for epoch, y in line),
                              title=f"trial {trial.number}: {short(line[-1][1])}",
                              style=styles.get(trial.number, "faint"))
              for trial, line in sorted(lines, key=lambda pair: pair[0].number in styles)]
    return SimpleNamespace(axes=axes, curves=curves, legend=styles)
