"""What a sweep has found: leaderboard.csv and final.csv, sweep.html, and a table for the terminal."""

import csv
import io
import os
import statistics
from collections import Counter
from pathlib import Path
from types import SimpleNamespace

import optuna
from mako.template import Template
from optuna.trial import TrialState

from sweep import chart, short
from sweep.places import RUN, completed
from sweep.space import NAMES
from sweep.text_table import Column, table_lines

CSS = Path(__file__).resolve().parents[2] / "src/report/report.css"
PAGE = Path(__file__).with_name("page.html")
SHOWN = 10  # trials on the terminal


def write(folder, study, trials, metric, finals):
    """Writes the files and returns the table."""
    rows = leaderboard(study, trials, metric)
    names = [name for name in NAMES if any(name in trial.params for trial in trials)]
    columns = ["rank", "trial", "state", "accuracy", "loss", "epochs", *names]
    write_csv(folder / "leaderboard.csv", [*columns, "seconds", "host", "folder", "trouble"], rows)
    if finals:
        write_csv(folder / "final.csv", list(finals[0]), finals)
    cells = [[short(row.get(name, ""), name) for name in columns] for row in rows]
    write_whole(folder / "sweep.html", page(folder.resolve().name, study, trials, metric, finals, columns, cells))
    lines = table_lines([Column(name, [row[i] for row in cells[:SHOWN]]) for i, name in enumerate(columns)])
    return "\n".join([*lines, *(["", final_sentence(finals)] if finals else [])])


def write_whole(file, content):
    """Nobody ever sees half of the file."""
    new = file.with_name(file.name + ".new")
    new.write_text(content)
    os.replace(new, file)


def leaderboard(study, trials, metric):
    """A row for each trial: the completed ones, best first, and then the others in the order of their numbers."""
    sign = -1 if study.direction == optuna.study.StudyDirection.MAXIMIZE else 1
    done = sorted(completed(trials), key=lambda trial: (sign * trial.value, trial.number))
    others = [trial for trial in trials if trial.state != TrialState.COMPLETE]
    rows = []
    for rank, trial in enumerate(done + others, 1):
        run = trial.user_attrs.get(RUN, {})
        rows.append({**run, "rank": rank if rank <= len(done) else "", "trial": trial.number,
                     "state": run.get("ended") or trial.state.name.lower(), **trial.params})
        if trial.state == TrialState.PRUNED and trial.value is not None:
            rows[-1][metric] = trial.value  # what it had reached when it was ended
    return rows


def write_csv(file, columns, rows):
    stream = io.StringIO()
    writer = csv.DictWriter(stream, columns, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    write_whole(file, stream.getvalue())


def final_sentence(finals):
    accuracies = [100 * row["accuracy"] for row in finals]
    sentence = f"test accuracy {statistics.mean(accuracies):.2f} %"
    if len(finals) > 1:
        deviation = statistics.stdev(accuracies)
        sentence += f", mean of {len(finals)} seeds with a standard deviation of {deviation:.2f}"
    return sentence


def page(title, study, trials, metric, finals, columns, cells):
    """sweep.html as text. A name that page.html has and this function does not give is an error."""
    states = Counter(row[columns.index("state")] for row in cells)
    bars, trouble = importance(study)
    template = Template(filename=str(PAGE), default_filters=["h"], strict_undefined=True)
    return template.render(
        title=title, css=CSS.read_text(), columns=columns, rows=cells,
        counts=", ".join(f"{count} {state}" for state, count in states.items()),
        best=best(study, metric, len(completed(trials))), finals=finals and final_sentence(finals),
        history=chart.history(trials, metric), bars=bars, trouble=trouble,
        curves=chart.learning_curves(trials, metric))


def best(study, metric, count):
    """The best of the completed trials, of which there are `count`, or None."""
    if not count:
        return None
    trial = study.best_trial
    sentence = f"{metric} on the held-out images, trial {trial.number}, the best of {count}"
    return SimpleNamespace(value=short(trial.value, metric), sentence=sentence,
                           options=[(name, short(value)) for name, value in trial.params.items()])


def importance(study):
    """Bars that show which part of the variance each option explains, or why that cannot be said."""
    try:
        evaluator = optuna.importance.FanovaImportanceEvaluator(seed=0)
        shares = optuna.importance.get_param_importances(study, evaluator=evaluator)
    except (ImportError, RuntimeError, ValueError) as error:
        return [], str(error)
    return [SimpleNamespace(name=name, y=10 + 30 * place, width=max(1, round(480 * share)),
                            percent=f"{100 * share:.0f} %")
            for place, (name, share) in enumerate(shares.items())], ""
