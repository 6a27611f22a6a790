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
import json
import os
import shutil
import signal
import statistics
import sys
from collections import Counter
from pathlib import Path
from typing import NamedTuple

SCHEMA = "mnist-train/1"
WHOLE = ("completed", "below-min-accuracy")  # trained to the end
STATUSES = (*WHOLE, "interrupted", "diverged")
METRICS = ("validation-accuracy", "validation-loss", "test-accuracy", "test-loss")


class NoResult(Exception):
    """Why something is no result of a run."""


class Run(NamedTuple):
    source: str  # where it was read
    status: str
    options: dict  # all but the seed, as text
    seed: object
    metrics: dict  # by name, of METRICS those that there are; accuracies in [0,1]


# Reading.


def expect(is_so, otherwise):
    if not is_so:
        raise NoResult(otherwise)


def is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def parse_metrics(result):
    metrics = {}
    for part in ("validation", "test"):
        evaluation = result.get(part)
        expect(evaluation is None or isinstance(evaluation, dict), f"a strange '{part}'")
        for name in ("accuracy", "loss"):
            value = (evaluation or {}).get(name)
            if value is None:  # as is a loss that was not finite
                continue
            limit = 1 if name == "accuracy" else 1e300
            expect(is_number(value) and 0 <= value <= limit, f"'{part}' with a strange {name}")
            metrics[f"{part}-{name}"] = value
    return metrics


def parse_run(source, text):
    try:
        result = json.loads(text)
    except (ValueError, RecursionError):
        raise NoResult("not JSON") from None
    expect(isinstance(result, dict) and result.get("schema") == SCHEMA, f"no schema '{SCHEMA}'")
    expect(result.get("status") in STATUSES, "an unknown status")
    config = result.get("config")
    expect(isinstance(config, dict), "no options")
    scalar = (str, int, float, bool)
    expect(all(isinstance(value, scalar) for value in config.values()), "options that are not plain")
    expect("seed" in config, "no seed")
    metrics = parse_metrics(result)
    expect(result["status"] not in WHOLE or "test-accuracy" in metrics, "no test accuracy")
    options = {name: as_text(value) for name, value in config.items() if name != "seed"}
    return Run(source, result["status"], options, config["seed"], metrics)


def as_text(value):
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return "".join(c if c.isprintable() else "?" for c in text)


def result_files(path, complain):
    """The files that a PATH stands for."""
    if not path.is_dir():
        return [path]
    found = []
    for folder, _, files in os.walk(path, onerror=lambda error: complain(error.filename, error.strerror)):
        if "result.json" in files:
            found.append(Path(folder, "result.json"))
    if not found:
        complain(path, "a folder with no result.json in or below it")
    return sorted(found)


def read_text(file):
    data = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    return data.decode("utf-8")


def documents(text):
    """What may be results, with the number of the line: the lines, or the whole text if that is one."""
    lines = [(number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip()]
    expect(lines, "an empty file")
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return lines
    return [(lines[0][0], text)]


def read_file(file, complain):
    try:
        found = documents(read_text(file))
    except OSError as error:
        return complain(file, error.strerror) or []
    except UnicodeDecodeError:
        return complain(file, "no text") or []
    except NoResult as why:
        return complain(file, why) or []
    runs, bad = [], []
    of_run = file.name == "result.json"
    for number, text in found:
        source = str(file.parent if of_run else file) if len(found) == 1 else f"{file}:{number}"
        try:
            runs.append(parse_run(source, text))
        except NoResult as why:
            bad.append((number, why))
    if bad:
        number, why = bad[0]
        lines = f"line {number} of" if len(bad) == 1 else f"{len(bad)} lines, the first being {number}, of"
        complain(file if len(found) == 1 else f"{lines} {file}", why)
    return runs


def read_runs(paths, complain):
    """All runs in these, in order. complain(where, why) is told of whatever is none."""
    files = [file for path in paths for file in result_files(path, complain)]
    return [run for file in files for run in read_file(file, complain)]


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


class Column(NamedTuple):
    title: str
    cells: list
    leaves: int = 0  # in which order columns go where there is no room; 0: stays
    left: bool = False  # aligned


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


def width_of(column):
    return max(len(cell) for cell in (column.title, *column.cells))


def total_width(columns):
    return sum(width_of(column) + 2 for column in columns) - 2


def fitted(columns, width):
    """Leaves out columns, the last first, and then shortens the widest, until all fit."""
    columns = list(columns)
    for turn in (1, 2):
        while total_width(columns) > width and any(column.leaves == turn for column in columns):
            del columns[max(i for i, column in enumerate(columns) if column.leaves == turn)]
    while total_width(columns) > width:
        i, widest = max(enumerate(columns), key=lambda item: width_of(item[1]))
        limit = width_of(widest) - 1
        if limit < 4:
            break
        columns[i] = widest._replace(title=shortened(widest.title, limit),
                                     cells=[shortened(cell, limit) for cell in widest.cells])
    return columns


def shortened(text, limit):
    """Of a path the end, of anything else the beginning."""
    if len(text) <= limit:
        return text
    return ".." + text[2 - limit :] if "/" in text else text[: limit - 2] + ".."


def write_table(rows, by, width, out):
    columns = table_columns(rows, by)
    if width:
        columns = fitted(columns, width)
    for cells in zip(*([column.title, *column.cells] for column in columns)):
        padded = [align(cell, column) for cell, column in zip(cells, columns)]
        out.write("  ".join(padded).rstrip()[: width or None] + "\n")


def align(cell, column):
    return cell.ljust(width_of(column)) if column.left else cell.rjust(width_of(column))


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
