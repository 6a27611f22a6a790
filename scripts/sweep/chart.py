"""The charts of sweep.html as SVG: the history of a sweep and its learning curves."""

import math

from optuna.trial import TrialState

from sweep.markup import element, text
from sweep.format import short
from sweep.study import completed

STYLES = 6  # colours of lines in report.css


class Chart:
    """Charts over a logarithmic axis: of the error in percent, or of the loss."""

    LEFT, RIGHT, TOP, BOTTOM = 60, 710, 24, 350

    def __init__(self, trials, metric):
        self.trials = trials
        self.is_accuracy = metric == "accuracy"
        self.y_title = ("wrong, %" if self.is_accuracy else "loss") + " of the held-out images"

    def height(self, value):
        """The value on the axis. Nothing has no logarithm and is drawn as very little."""
        return max(100 * (1 - value), 0.01) if self.is_accuracy else max(value, 1e-9)

    def history(self, study):
        """Each trial, and the best until then."""
        points = [(trial.number, self.height(trial.value), trial) for trial in self.trials
                  if trial.value is not None]
        if not points:
            return ""
        plot = self.plot([x for x, _, _ in points], [y for _, y, _ in points], "trial")
        best_so_far, steps = math.inf, []
        for x, y, trial in points:
            if steps:
                steps.append(f"H{plot.x(x)}")
            if trial.state == TrialState.COMPLETE and y < best_so_far:
                best_so_far = y
                steps.append(f"{'V' if steps else 'M' + plot.x(x) + ','}{plot.y(y)}")
        content = element("path", "", class_="curve style-1", d="".join(steps))
        for x, y, trial in points:
            mark = "style-0" if trial.state == TrialState.COMPLETE else "faint"
            circle = element("circle", text("title", f"trial {x}: {short(y)}"), class_="marker",
                             cx=plot.x(x), cy=plot.y(y), r=5)
            content += element("g", circle, class_=mark)
        return plot.drawn(content) + text("p", "Blue: completed. Grey: pruned, as it was then. "
                                               "Line: the best so far.", class_="note")

    def curves(self):
        """Of all trials; the best have colours."""
        lines = [(trial, [(step, self.height(value))
                          for step, value in sorted(trial.intermediate_values.items())])
                 for trial in self.trials if trial.intermediate_values]
        if not lines:
            return ""
        top = sorted(completed(self.trials), key=lambda trial: self.height(trial.value))[:STYLES]
        style = {trial.number: f"style-{place}" for place, trial in enumerate(top)}
        points = [point for _, line in lines for point in line]
        plot = self.plot([x for x, _ in points], [y for _, y in points], "epoch")
        content = ""
        for trial, line in sorted(lines, key=lambda pair: pair[0].number in style):
            path = "M" + "L".join(f"{plot.x(x)},{plot.y(y)}" for x, y in line)
            title = text("title", f"trial {trial.number}: {short(line[-1][1])}")
            # A single point is a line of no length, which round ends make a dot.
            look = f"curve {style.get(trial.number, 'faint')}"
            content += element("path", title, class_=look, d=path + "h0")
        legend = "".join(text("li", f"trial {trial.number}", class_=style[trial.number]) for trial in top)
        return plot.drawn(content) + element("ul", legend, class_="legend")

    def plot(self, xs, ys, x_title):
        return Plot(self, min(xs), max(xs), log_ticks(min(ys), max(ys)), x_title)


class Plot:
    def __init__(self, chart, low_x, high_x, ticks, x_title):
        self.chart, self.ticks, self.x_title = chart, ticks, x_title
        margin = 0 if low_x < high_x else 0.5
        self.low_x, self.high_x = low_x - margin, high_x + margin

    def x(self, value):
        part = (value - self.low_x) / (self.high_x - self.low_x)
        return f"{Chart.LEFT + part * (Chart.RIGHT - Chart.LEFT):.1f}"

    def y(self, value):
        part = math.log(value / self.ticks[0]) / math.log(self.ticks[-1] / self.ticks[0])
        return f"{Chart.BOTTOM - part * (Chart.BOTTOM - Chart.TOP):.1f}"

    def drawn(self, content):
        axes = text("text", self.chart.y_title, x=8, y=12)
        axes += text("text", self.x_title, x=Chart.RIGHT, y=Chart.BOTTOM + 42, text_anchor="end")
        for tick in self.ticks:
            axes += element("path", "", class_="grid", d=f"M{Chart.LEFT},{self.y(tick)}H{Chart.RIGHT}")
            y = float(self.y(tick)) + 4
            axes += text("text", f"{tick:g}", x=Chart.LEFT - 8, y=y, text_anchor="end")
        step = max(1, math.ceil((self.high_x - self.low_x) / 10))
        for tick in range(math.ceil(self.low_x), math.floor(self.high_x) + 1, step):
            axes += text("text", tick, x=self.x(tick), y=Chart.BOTTOM + 20, text_anchor="middle")
        return element("svg", axes + content, class_="chart", viewBox="0 0 720 400", role="img")


def log_ticks(low, high):
    """1, 2 and 5 times powers of ten from below `low` to above `high`, at least two."""
    exponents = range(math.floor(math.log10(low)) - 1, math.ceil(math.log10(high)) + 2)
    ticks = [float(f"{digit}e{exponent}") for exponent in exponents for digit in (1, 2, 5)]
    first = max(i for i, tick in enumerate(ticks) if tick <= low)
    last = min(i for i, tick in enumerate(ticks) if tick > high)
    return ticks[first : last + 1]
