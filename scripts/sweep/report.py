"""What a sweep has found: leaderboard.csv, final.csv, sweep.html, and a table for the terminal."""

import io
import statistics
from collections import Counter
from html import escape
from pathlib import Path
from string import Template

import matplotlib
import optuna
from optuna.trial import TrialState
from optuna.visualization import matplotlib as optuna_plots

from sweep import short, table_lines, write_csv
from sweep.space import NAMES

SHOWN = 10  # trials on the terminal, and in the legend of a plot
PAGE = Template(Path(__file__).with_name("page.html").read_text())


def write(directory, study, metric, finals):
    """Writes the files and returns the table."""
    rows = leaderboard(study, metric)
    columns = ["rank", "trial", "state", "accuracy", "loss", "epochs"]
    columns += [name for name in NAMES if any(name in row for row in rows)]
    with open(directory / "leaderboard.csv", "w") as stream:
        write_csv(stream, [*columns, "seconds", "host", "directory", "error"], rows)
    states = ", ".join(f"{count} {state}" for state, count in Counter(row["state"] for row in rows).items())
    summary = f"{len(rows)} trials: {states}. "
    summary += f"Best {metric} on held-out training images: {short(study.best_value, metric)}"
    final = ""
    if finals:
        with open(directory / "final.csv", "w") as stream:
            write_csv(stream, finals[0], finals)
        accuracies = [100 * row["accuracy"] for row in finals]
        final = f"test accuracy {statistics.mean(accuracies):.2f} %"
        if len(finals) > 1:
            final += f", mean of {len(finals)} seeds (s.d. {statistics.stdev(accuracies):.2f})"
        summary += f"; trained again on all training images: {final}"
    cells = [columns, *([short(row.get(name), name) for name in columns] for row in rows)]
    table = "\n".join(f"<tr><td>{'<td>'.join(map(escape, row))}" for row in cells).replace("<td>", "<th>", len(columns))
    (directory / "sweep.html").write_text(PAGE.substitute(
        title=escape(directory.resolve().name), summary=escape(summary + "."), plots=plots(study, metric), table=table))
    return "\n".join([*table_lines(cells[: SHOWN + 1]), "", final]).rstrip()


def leaderboard(study, metric):
    """A row for each trial: the completed ones, best first, and then the others with the value of their last epoch."""
    completed = study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
    completed.sort(key=lambda trial: trial.value, reverse=metric == "accuracy")
    others = study.get_trials(deepcopy=False, states=(TrialState.PRUNED,))
    return [{**trial.user_attrs["run"], **trial.params, "rank": rank if rank <= len(completed) else None,
             "trial": trial.number, metric: trial.value, "seconds": trial.duration.total_seconds()}
            for rank, trial in enumerate(completed + others, 1)]


def plots(study, metric):
    """Optuna's own plots as HTML."""
    matplotlib.use("agg")
    matplotlib.rcParams["svg.fonttype"] = "none"
    evaluator = optuna.importance.MeanDecreaseImpurityImportanceEvaluator(seed=0)  # fANOVA takes hours for 40 values
    parts = []
    for plot in (lambda: optuna_plots.plot_optimization_history(study, target_name=metric),
                 lambda: optuna_plots.plot_intermediate_values(study),
                 lambda: optuna_plots.plot_param_importances(study, evaluator=evaluator),
                 lambda: optuna_plots.plot_slice(study, target_name=metric)):
        try:
            plot()
        except (ImportError, RuntimeError, ValueError) as error:  # such as too few trials for the importances
            parts.append(f"<p>{escape(str(error))}</p>")
            continue
        figure, stream = matplotlib.pyplot.gcf(), io.StringIO()
        legend = figure.axes[0].get_legend()
        if legend and len(legend.get_texts()) > SHOWN:
            legend.remove()
        figure.savefig(stream, format="svg", bbox_inches="tight")
        matplotlib.pyplot.close("all")
        parts.append("<figure><svg" + stream.getvalue().partition("<svg")[2] + "</figure>")  # no XML declaration
    return "\n".join(parts)
