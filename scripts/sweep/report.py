"""What a sweep found: leaderboard.csv, the same on the terminal, and sweep.html."""

import csv
import io
import os
import statistics
from pathlib import Path

import optuna
from optuna.trial import TrialState

from sweep.markup import element, text
from sweep.chart import Chart
from sweep.format import short
from sweep.space import NAMES
from sweep.study import RUN, completed
from sweep.text_table import Column, table_lines

CSS = Path(__file__).resolve().parents[2] / "src/report/report.css"
SHOWN = 10  # trials on the terminal


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


def write_whole(file, content):
    """So that the file is never half there."""
    beside = file.with_name(file.name + ".new")
    beside.write_text(content)
    os.replace(beside, file)


# The leaderboard.


def leaderboard(study, trials, metric):
    """A row a trial: the completed ones from the best on, then the others in their order."""
    sign = -1 if study.direction == optuna.study.StudyDirection.MAXIMIZE else 1
    done = sorted(completed(trials), key=lambda trial: (sign * trial.value, trial.number))
    others = [trial for trial in trials if trial.state != TrialState.COMPLETE]
    rows = []
    for rank, trial in enumerate(done + others, 1):
        run = trial.user_attrs.get(RUN, {})
        rows.append({"rank": rank if rank <= len(done) else "", "trial": trial.number,
                     "state": run.get("ended") or trial.state.name.lower(), **trial.params,
                     **{name: value for name, value in run.items() if name != "ended"}})
        if trial.state == TrialState.PRUNED and trial.value is not None:
            rows[-1][metric] = trial.value  # where it was when it ended
    return rows


def write_csv(file, columns, rows):
    stream = io.StringIO()
    writer = csv.DictWriter(stream, columns, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    write_whole(file, stream.getvalue())


def print_table(columns, rows):
    shown = [Column(name, [short(row.get(name, ""), name) for row in rows]) for name in columns]
    for line in table_lines(shown):
        print(line)


def final_sentence(finals):
    accuracies = [100 * row["accuracy"] for row in finals]
    sentence = f"test accuracy {statistics.mean(accuracies):.2f} %"
    if len(finals) > 1:
        deviation = statistics.stdev(accuracies)
        sentence += f", mean of {len(finals)} seeds with a standard deviation of {deviation:.2f}"
    return sentence


# The page.


def whole_page(title, study, trials, metric, finals, rows, columns):
    chart = Chart(trials, metric)
    sections = [
        ("The best", best(study, trials, metric, finals)),
        ("History", chart.history(study)),
        ("What matters", importance(study)),
        ("Learning curves", chart.curves()),
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
