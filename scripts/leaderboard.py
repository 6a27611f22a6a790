#!/usr/bin/env python3
"""Shows which options did best: a table of runs, best first, with mean and spread over seeds.

A PATH is a result.json, a folder in or below which there are some, a file with such a line per run
(results.jsonl), or - for standard input. Runs with the same options but for the seed share a row: n
is the number of seeds, sd the sample standard deviation. Only options that differ are shown. Runs
that were interrupted or diverged are counted under "not completed" and nowhere else; those below
--min-accuracy are counted there, too, but have been trained to the end and so are part of n and mean.

Of several results with the same options and seed one counts: the last that was completed.

Exit codes: 0, 2 for usage, 3 if anything was no result of mnist-train; it is named on standard error and left
out.
"""

import argparse
import csv
import shutil
import signal
import statistics
import sys
from collections import Counter
from pathlib import Path
from typing import NamedTuple

from sweep.run_results import METRICS, STATUSES, WHOLE, as_text, read_runs
from sweep.text_table import Column, fitted, table_lines

# Summing up.


class Row(NamedTuple):
    options: dict
    n: int
    means: dict  # by metric
    spreads: dict  # by metric, where n > 1
    unfinished: str  # such as "1 diverged"
    best: str  # where the best run was read


def unrepeated(runs):
    """One run for each set of options and seed: the last that was completed, or just the last."""
    chosen = {}
    for run in runs:
        key = (tuple(sorted(run.options.items())), str(run.seed))
        earlier = chosen.get(key)
        if earlier is None or run.status in WHOLE or earlier.status not in WHOLE:
            chosen[key] = run
    return list(chosen.values())


def order(metrics, by):
    """A key that puts the best first, and those without the metric last."""
    return by not in metrics, metrics.get(by, 0) * (1 if by.endswith("loss") else -1)


def summary(runs, by):
    whole = [run for run in runs if run.status in WHOLE]
    means, spreads = {}, {}
    for metric in METRICS:
        values = [run.metrics[metric] for run in whole if metric in run.metrics]
        if values and len(values) == len(whole):
            means[metric] = statistics.fmean(values)
            if len(values) > 1:
                spreads[metric] = statistics.stdev(values)
    counts = Counter(run.status for run in runs if run.status != "completed")
    unfinished = ", ".join(f"{counts[status]} {status}" for status in STATUSES if counts[status])
    best = min(whole, default=runs[0], key=lambda run: order(run.metrics, by))
    return Row(runs[0].options, len(whole), means, spreads, unfinished, best.source)


def ranked(runs, by):
    groups = {}
    for run in runs:
        groups.setdefault(tuple(sorted(run.options.items())), []).append(run)
    rows = [summary(group, by) for group in groups.values()]
    return sorted(rows, key=lambda row: order(row.means, by))


def differing(rows):
    """The options whose values are not all the same, or that only some have."""
    names = dict.fromkeys(name for row in rows for name in row.options)
    return [name for name in names if len({row.options.get(name) for row in rows}) > 1]


# Showing.


def write_csv(rows, out):
    names = differing(rows)
    numbers = [f"{metric}-{kind}" for metric in METRICS for kind in ("mean", "sd")]
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([*names, "n", *numbers, "not completed", "best run"])
    for row in rows:
        values = [part.get(metric, "") for metric in METRICS for part in (row.means, row.spreads)]
        options = [row.options.get(name, "") for name in names]
        writer.writerow([*options, row.n, *values, row.unfinished, row.best])


def metric_columns(rows, metric, leaves):
    scale, digits = (100, 2) if metric.endswith("accuracy") else (1, 4)

    def cells(values):
        return [f"{scale * v[metric]:.{digits}f}" if metric in v else "-" for v in values]

    title = metric.replace("-", " ") + (" %" if scale == 100 else "")
    return [Column(title, cells([row.means for row in rows]), leaves),
            Column("sd", cells([row.spreads for row in rows]), leaves)]


def table_columns(rows, by):
    columns = [Column(name, [row.options.get(name, "-") for row in rows]) for name in differing(rows)]
    columns.append(Column("n", [str(row.n) for row in rows]))
    shown = [metric for metric in METRICS if any(metric in row.means for row in rows)]
    for metric in sorted(shown, key=lambda metric: metric != by):
        columns += metric_columns(rows, metric, 0 if metric == by else 2)
    if any(row.unfinished for row in rows):
        columns.append(Column("not completed", [row.unfinished or "-" for row in rows], left=True))
    columns.append(Column("best run", [as_text(row.best) for row in rows], leaves=1, left=True))
    return columns


def write_table(rows, by, width, out):
    columns = table_columns(rows, by)
    if width:
        columns = fitted(columns, width)
    for line in table_lines(columns):
        out.write(line.rstrip()[: width or None] + "\n")


def default_metric(runs):
    """The validation accuracy if all have it, since the test images are not there to choose by."""
    whole = [run for run in runs if run.status in WHOLE]
    validated = whole and all("validation-accuracy" in run.metrics for run in whole)
    return "validation-accuracy" if validated else "test-accuracy"


def main():
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # `leaderboard.py runs | head` ends in silence
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", metavar="PATH", nargs="+", type=Path)
    parser.add_argument("--by", choices=METRICS, metavar="METRIC",
                        help=f"{', '.join(METRICS)} [validation-accuracy if all have it, else test-accuracy]")
    parser.add_argument("--csv", action="store_true", help="all columns as CSV, accuracies in [0,1]")
    arguments = parser.parse_args()

    complaints = []

    def complain(where, why):
        complaints.append(where)
        print(f"leaderboard.py: left out {as_text(where)}: expected a result of mnist-train, found: {why}",
              file=sys.stderr)

    runs = unrepeated(read_runs(arguments.paths, complain))
    if runs:
        by = arguments.by or default_metric(runs)
        if not any(by in run.metrics for run in runs) and any(run.metrics for run in runs):
            parser.error(f"--by {by}: expected runs that have one, found none; trained with --validation, they do")
        rows = ranked(runs, by)
        if arguments.csv:
            write_csv(rows, sys.stdout)
        else:
            width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
            write_table(rows, by, width, sys.stdout)
    sys.stdout.flush()
    return 3 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
