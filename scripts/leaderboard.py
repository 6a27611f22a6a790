#!/usr/bin/env python3
"""Shows which options did best: a table of runs, best first, with mean and spread over seeds.

A PATH is a result.json, a folder in or below which there are some, a file with such a line per run
(results.jsonl), or - for standard input. Runs that differ only in the seed share a row: n is the number
of seeds, sd the sample standard deviation. Of the options only those that differ are shown. Runs that
were interrupted or diverged are counted under "not completed" and nowhere else. Those below
--min-accuracy are counted there, too, but they were trained to the end, so n and the means include them.

Of several results with the same options and seed one counts: the last that was completed.

Where the folders hold predictions.csv, lines below the table say whether the next rows differ from the best
one by more than chance. They compare two runs, of the lowest seed that both rows have, image by image on the
same test images.

Exit codes: 0; 2 for usage; 3 if anything was not a result of mnist-train. It is named on standard error
and left out.
"""

import argparse
import csv
import shutil
import signal
import statistics
import sys
import textwrap
from collections import Counter
from pathlib import Path

from sweep.pairs import comparison_lines
from sweep.run_results import METRICS, STATUSES, WHOLE, as_text, read_runs
from sweep.text_table import Column, fitted, table_lines

MEASURES = [f"{metric}-{kind}" for metric in METRICS for kind in ("mean", "sd")]


def grouped(runs):
    """A list of runs for each set of options. Of several with the same seed it has the last that was completed, or
    else the last."""
    groups = {}
    for run in runs:
        by_seed = groups.setdefault(tuple(sorted(run.options.items())), {})
        earlier = by_seed.get(str(run.seed))
        if earlier is None or run.status in WHOLE or earlier.status not in WHOLE:
            by_seed[str(run.seed)] = run
    return [list(by_seed.values()) for by_seed in groups.values()]


def order(metric, value):
    """A sort key that puts the best value first, and a missing one last."""
    return value is None, (value or 0) * (1 if metric.endswith("loss") else -1)


def summary(runs, by):
    """The row of runs that differ in the seed: their options, and what is said of them by the name of its column."""
    whole = [run for run in runs if run.status in WHOLE]
    row = {"n": len(whole)}
    for metric in METRICS:
        values = [run.metrics[metric] for run in whole if metric in run.metrics]
        if values and len(values) == len(whole):
            row[f"{metric}-mean"] = statistics.fmean(values)
            if len(values) > 1:
                row[f"{metric}-sd"] = statistics.stdev(values)
    counts = Counter(run.status for run in runs if run.status != "completed")
    row["not completed"] = ", ".join(f"{counts[status]} {status}" for status in STATUSES if counts[status])
    row["best run"] = min(whole, default=runs[0], key=lambda run: order(by, run.metrics.get(by))).source
    return runs[0].options, row


def differing(rows):
    """The names of options that have several values, or that some rows lack."""
    names = dict.fromkeys(name for options, _ in rows for name in options)
    return [name for name in names if len({options.get(name) for options, _ in rows}) > 1]


def write_csv(rows, out):
    names = differing(rows)
    columns = ["n", *MEASURES, "not completed", "best run"]
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([*names, *columns])
    for options, row in rows:
        writer.writerow([options.get(name, "") for name in names] + [row.get(name, "") for name in columns])


def table_columns(rows, by):
    columns = [Column(name, [options.get(name, "-") for options, _ in rows]) for name in differing(rows)]
    rows = [row for _, row in rows]
    columns.append(Column("n", [str(row["n"]) for row in rows]))
    shown = [metric for metric in METRICS if any(f"{metric}-mean" in row for row in rows)]
    for metric in sorted(shown, key=lambda metric: metric != by):
        factor, digits, unit = (100, 2, " %") if metric.endswith("accuracy") else (1, 4, "")
        for name, title in ((f"{metric}-mean", metric.replace("-", " ") + unit), (f"{metric}-sd", "sd")):
            cells = [f"{factor * row[name]:.{digits}f}" if name in row else "-" for row in rows]
            columns.append(Column(title, cells, leaves=0 if metric == by else 2))
    if any(row["not completed"] for row in rows):
        columns.append(Column("not completed", [row["not completed"] or "-" for row in rows], left=True))
    columns.append(Column("best run", [as_text(row["best run"]) for row in rows], leaves=1, left=True))
    return columns


def write_table(rows, by, width, out):
    """A width of None means that the table may be as wide as it is."""
    columns = table_columns(rows, by)
    for line in table_lines(fitted(columns, width) if width else columns):
        out.write(line.rstrip()[:width] + "\n")


def write_comparisons(groups, width, out):
    for line in comparison_lines(groups):
        out.write("\n" + (textwrap.fill(line, width, break_on_hyphens=False) if width else line) + "\n")


def default_metric(runs):
    """The validation accuracy if all runs have it, since nothing should be chosen by the test images."""
    whole = [run for run in runs if run.status in WHOLE]
    validated = whole and all("validation-accuracy" in run.metrics for run in whole)
    return "validation-accuracy" if validated else "test-accuracy"


def main():
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # `leaderboard.py runs | head` ends without an error
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

    groups = grouped(read_runs(arguments.paths, complain))
    runs = [run for group in groups for run in group]
    if runs:
        by = arguments.by or default_metric(runs)
        if not any(by in run.metrics for run in runs) and any(run.metrics for run in runs):
            parser.error(f"--by {by}: expected runs that have one, found none; train them with --validation, "
                         "or on data that has test images")
        ranked = [(summary(group, by), group) for group in groups]
        ranked.sort(key=lambda pair: order(by, pair[0][1].get(f"{by}-mean")))
        rows, groups = map(list, zip(*ranked))
        width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
        if arguments.csv:
            write_csv(rows, sys.stdout)
        else:
            write_table(rows, by, width, sys.stdout)
            write_comparisons(groups, width, sys.stdout)
    sys.stdout.flush()
    return 3 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
