"""What a sweep found: leaderboard.csv, the same on the terminal, and sweep.html."""

import csv
import html
import math
import os
import statistics
from pathlib import Path

import optuna
from optuna.trial import TrialState

from sweep_space import NAMES

CSS = Path(__file__).resolve().parent.parent / "src/web/report.css"
STYLES = 6  # colours of lines in report.css
SHOWN = 10  # trials on the terminal


def short(value, name=""):
    """0.012345678 as 0.01235, True as yes, an accuracy in percent."""
    if name == "accuracy" and value != "":
        return f"{100 * value:.2f} %"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def write(folder, study, trials, metric, finals):
    rows = leaderboard(study, trials, metric)
    names = [name for name in NAMES if any(name in trial.params for trial in trials)]
    columns = ["rank", "trial", "state", "accuracy", "loss", "epochs", *names,
               "seconds", "host", "folder", "trouble"]
    write_csv(folder / "leaderboard.csv", columns, rows)
    if finals:
        write_csv(folder / "final.csv", list(finals[0]), finals)
    print_table(columns[: 6 + len(names)], rows[:SHOWN])
    page = whole_page(folder.resolve().name, study, trials, metric, finals, rows, columns[: 6 + len(names)])
    write_whole(folder / "sweep.html", page)
    if finals:
        print(f"\n{final_sentence(finals)}")


def write_whole(file, text):
    """So that the file is never half there."""
    beside = file.with_name(file.name + ".new")
    beside.write_text(text)
    os.replace(beside, file)


# The leaderboard.


def leaderboard(study, trials, metric):
    """A row a trial: the completed ones from the best on, then the others in their order."""
    sign = -1 if study.direction == optuna.study.StudyDirection.MAXIMIZE else 1
    done = sorted((trial for trial in trials if trial.state == TrialState.COMPLETE),
                  key=lambda trial: (sign * trial.value, trial.number))
    others = [trial for trial in trials if trial.state != TrialState.COMPLETE]
    rows = []
    for rank, trial in enumerate(done + others, 1):
        run = trial.user_attrs.get("run", {})
        rows.append({"rank": rank if rank <= len(done) else "", "trial": trial.number,
                     "state": run.get("ended") or trial.state.name.lower(), **trial.params,
                     **{name: value for name, value in run.items() if name != "ended"}})
        if trial.state == TrialState.PRUNED and trial.value is not None:
            rows[-1][metric] = trial.value  # where it was when it ended
    return rows


def write_csv(file, columns, rows):
    beside = file.with_name(file.name + ".new")
    with open(beside, "w", newline="") as stream:
        writer = csv.DictWriter(stream, columns, extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    os.replace(beside, file)


def print_table(columns, rows):
    cells = [columns, *([short(row.get(name, ""), name) for name in columns] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells)]
    for row in cells:
        print("  ".join(cell.rjust(width) for cell, width in zip(row, widths)))


def final_sentence(finals):
    accuracies = [100 * row["accuracy"] for row in finals]
    text = f"test accuracy {statistics.mean(accuracies):.2f} %"
    if len(finals) > 1:
        deviation = statistics.stdev(accuracies)
        text += f", mean of {len(finals)} seeds with a standard deviation of {deviation:.2f}"
    return text


# The page.


def element(name, content, **attributes):
    """content is markup; the values of attributes are not."""
    attributes = "".join(f' {key.rstrip("_").replace("_", "-")}="{html.escape(str(value))}"'
                         for key, value in attributes.items())
    return f"<{name}{attributes}>{content}</{name}>"


def text(name, content, **attributes):
    return element(name, html.escape(str(content)), **attributes)


def whole_page(title, study, trials, metric, finals, rows, columns):
    chart = Chart(trials, metric)
    sections = [
        ("The best", best(study, trials, metric, finals)),
        ("History", chart.history(study)),
        ("What matters", importance(study)),
        ("Learning curves", chart.curves(study)),
        ("Trials", table(columns, rows)),
    ]
    body = "".join(element("section", text("h2", name) + content) for name, content in sections if content)
    counts = {}
    for row in rows:
        counts[row["state"]] = counts.get(row["state"], 0) + 1
    header = element("header", text("h1", f"Sweep {title}") + text(
        "p", f"{len(rows)} trials: " + ", ".join(f"{count} {state}" for state, count in counts.items())))
    head = '<meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    head += text("title", f"Sweep {title}") + element("style", CSS.read_text() + (
        ".faint { color: var(--soft); opacity: 0.35; }\n.bar { fill: var(--c0); }\n"))
    return '<!doctype html>\n<html lang="en">' + element("head", head) + element(
        "body", element("main", header + body)) + "</html>\n"


def completed(trials):
    return [trial for trial in trials if trial.state == TrialState.COMPLETE]


def best(study, trials, metric, finals):
    if not completed(trials):
        return text("p", "No trial was completed.")
    trial = study.best_trial
    value = short(trial.value, metric)
    sentence = f"{metric} on the held-out images, trial {trial.number}, the best of {len(completed(trials))}"
    score = element("p", text("strong", value) + text("span", sentence), class_="score")
    if finals:
        score += text("p", f"Trained again on all training images: {final_sentence(finals)}.")
    items = "".join(element("div", text("dt", name) + text("dd", short(value)))
                    for name, value in trial.params.items())
    return score + element("dl", items)


def importance(study):
    """How much of the variance of the completed trials each parameter explains, by fANOVA."""
    try:
        evaluator = optuna.importance.FanovaImportanceEvaluator(seed=0)
        shares = optuna.importance.get_param_importances(study, evaluator=evaluator)
    except (ImportError, RuntimeError, ValueError) as error:
        return text("p", f"Could not be said: {error}", class_="note")
    if not shares:
        return ""
    rows = ""
    for place, (name, share) in enumerate(shares.items()):
        y = 10 + 30 * place
        rows += text("text", name, x=110, y=y + 15, text_anchor="end")
        rows += element("rect", "", class_="bar", x=120, y=y, width=max(1, round(480 * share)), height=20)
        rows += text("text", f"{100 * share:.0f} %", x=128 + round(480 * share), y=y + 15)
    view = f"0 0 720 {20 + 30 * len(shares)}"
    meaning = "Share of the differences between completed trials that each option explains (fANOVA)."
    return element("svg", rows, class_="chart", viewBox=view, role="img") + text("p", meaning, class_="note")


def table(columns, rows):
    lines = element("tr", "".join(text("th", name) for name in columns))
    for row in rows:
        lines += element("tr", "".join(text("td", short(row.get(name, ""), name)) for name in columns))
    return element("div", element("table", lines), class_="box", tabindex=0)


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

    def curves(self, study):
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
