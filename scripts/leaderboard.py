#!/usr/bin/env python3
"""A table of runs, best first, with mean and standard deviation over seeds.

A PATH is a result.json, a directory in or below which there are some, a file of such lines (results.jsonl, or the
output of `mnist-train jobs`), or - for standard input. Runs that differ only in the seed, or in what does not change
the result (path of the data, threads, device, --min-accuracy), share a row; n is the number of seeds. Of several
results with the same options and seed the last one counts. Runs that were interrupted or diverged are counted under
"not completed" only. Options that are the same in all rows are left out.

Exit codes: 0; 2 for usage; 3 if something was not a result of mnist-train. It is named on standard error and left out.
"""

import argparse
import csv
import json
import signal
import statistics
import sys
from collections import Counter
from pathlib import Path

from sweep import table_lines

TRAINED = ("completed", "below-min-accuracy")
METRICS = ("validation accuracy", "validation loss", "test accuracy", "test loss")
NOT_IN_GROUP = ("seed", "data", "threads", "device", "min-accuracy")


def read_lines(path, leave_out):
    """The lines in a file, or in the files below a directory, each with its source."""
    files = sorted(path.rglob("result.json")) if path.is_dir() else [path]
    if not files:
        leave_out(path, "no result.json in or below it")
    for file in files:
        try:
            text = sys.stdin.read() if str(file) == "-" else file.read_text("utf-8-sig")
        except (OSError, ValueError) as error:
            leave_out(file, error)
            continue
        for number, line in enumerate(text.splitlines(), 1):
            if line.strip():
                yield str(file.parent if file.name == "result.json" else f"{file}:{number}"), line


def read_runs(paths, leave_out):
    """A dict for each run: "group" is what decides its result, besides the seed."""
    for source, line in (found for path in paths for found in read_lines(path, leave_out)):
        try:
            record = json.loads(line)
            if "epoch" in record:  # a line of metrics
                continue
            if "error" in record:
                leave_out(source, record["error"])
                continue
            config, data = record["config"], record["data"]
            group = {name: value if isinstance(value, str) else json.dumps(value)
                     for name, value in config.items() if name not in NOT_IN_GROUP}
            group |= {"training images": str(data["train"]), "test set": data.get("test_fingerprint", "-")}
            run = {"source": source, "status": record["status"], "group": group, "seed": config["seed"]}
            for part, name in map(str.split, METRICS):
                if record[part] and record[part][name] is not None:
                    run[f"{part} {name}"] = float(record[part][name])
            yield run
        except (ValueError, KeyError, TypeError, AttributeError):
            leave_out(source, "not a result of mnist-train")


def grouped(runs):
    """Lists of runs that differ in the seed."""
    groups = {}
    for run in runs:
        groups.setdefault(tuple(sorted(run["group"].items())), {})[run["seed"]] = run
    return [list(seeds.values()) for seeds in groups.values()]


def order(metric, values):
    """A sort key that puts the best value first, and a missing one last."""
    value = values.get(metric, "")
    return value == "", (value or 0) * (1 if metric.endswith("loss") else -1)


def summary(runs, by):
    """The options of runs that differ in the seed, and their results, that of `by` first. What there is not is ""."""
    trained = [run for run in runs if run["status"] in TRAINED]
    results = {"n": len(trained)}
    for metric in sorted(METRICS, key=lambda name: name != by):
        values = [run[metric] for run in trained if metric in run]
        results[metric] = statistics.fmean(values) if values else ""
        results[metric + " sd"] = statistics.stdev(values) if len(values) > 1 else ""
    counts = Counter(run["status"] for run in runs if run["status"] != "completed")
    results["not completed"] = ", ".join(f"{count} {status}" for status, count in counts.items())
    results["best run"] = min(trained or runs, key=lambda run: order(by, run))["source"]
    return runs[0]["group"], results


def column_names(rows):
    """Those of the options that differ, and of the results that there are."""
    names = dict.fromkeys(name for options, _ in rows for name in options)
    return ([name for name in names if len({options.get(name) for options, _ in rows}) > 1]
            + [name for name in rows[0][1] if any(results[name] != "" for _, results in rows)])


def cell(name, value):
    if name.startswith(METRICS) and value != "":
        return f"{100 * value:.2f}" if "accuracy" in name else f"{value:.4f}"
    return str(value) or "-"


def print_table(names, rows):
    titles = ["sd" if name.endswith(" sd") else name.replace("accuracy", "accuracy %") for name in names]
    cells = [list(map(cell, names, row)) for row in rows]
    for line in table_lines([titles, *cells], left=("not completed", "best run")):
        print(line)


def main():
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # `leaderboard.py runs | head` ends without an error
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", metavar="PATH", nargs="+", type=Path)
    choices = [metric.replace(" ", "-") for metric in METRICS]
    parser.add_argument("--by", choices=choices, metavar="METRIC",
                        help=f"{', '.join(choices)} [validation-accuracy if all have it, else test-accuracy]")
    parser.add_argument("--csv", action="store_true", help="as CSV, accuracies in [0,1]")
    arguments = parser.parse_args()
    left_out = []

    def leave_out(source, why):
        left_out.append(source)
        print(f"leaderboard.py: left out {source}: {why}", file=sys.stderr)

    groups = grouped(read_runs(arguments.paths, leave_out))
    trained = [run for group in groups for run in group if run["status"] in TRAINED]
    is_validated = trained and all("validation accuracy" in run for run in trained)
    by = (arguments.by or ("validation-accuracy" if is_validated else "test-accuracy")).replace("-", " ")
    if trained and not any(by in run for run in trained):
        parser.error(f"no run has a {by}; train with --validation, or on data with test images")
    rows = sorted((summary(group, by) for group in groups), key=lambda row: order(by, row[1]))
    if rows:
        names = column_names(rows)
        values = [[(options | results).get(name, "") for name in names] for options, results in rows]
        if arguments.csv:
            csv.writer(sys.stdout, lineterminator="\n").writerows([names, *values])
        else:
            print_table(names, values)
    return 3 if left_out else 0


if __name__ == "__main__":
    sys.exit(main())
