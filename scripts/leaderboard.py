#!/usr/bin/env python3
"""A table of runs, best first, with mean and standard deviation over seeds.

A PATH is a result.json, a directory in or below which there are some, a file of such lines (results.jsonl, or the
output of `mnist-train jobs`), or - for standard input. Runs that differ only in the seed, or in what does not change
the result (path of the data, threads, device, --min-accuracy), share a row; n is the number of seeds, and the last
result of each counts. Runs that were interrupted or diverged are only counted, under "not completed".

Exit codes: 0; 2 for usage; 3 if something was left out, as it was not a result of mnist-train.
"""

import argparse
import json
import signal
import statistics
import sys
from collections import Counter, defaultdict
from pathlib import Path

from sweep import table_lines, write_csv

TRAINED = ("completed", "below-min-accuracy")
METRICS = ("validation accuracy", "validation loss", "test accuracy", "test loss")
RESULTS = ("n", *(metric + sd for metric in METRICS for sd in ("", " sd")), "not completed", "best run")
NOT_IN_GROUP = ("seed", "data", "threads", "device", "min-accuracy")


def read_run(source, record):
    """What the table needs of a result; "group" is what decides it, besides the seed."""
    config, data = record["config"], record["data"]
    group = {name: value if isinstance(value, str) else json.dumps(value)
             for name, value in config.items() if name not in NOT_IN_GROUP}
    group |= {"training images": str(data["train"]), "test set": data.get("test_fingerprint", "-")}
    run = {"source": source, "status": record["status"], "group": group, "seed": config["seed"]}
    for part, name in map(str.split, METRICS):
        if record[part] and record[part][name] is not None:
            run[f"{part} {name}"] = float(record[part][name])
    return run


def read_runs(path, leave_out):
    """The runs of a file, or of the files below a directory."""
    files = sorted(path.rglob("result.json")) or [path / "result.json"] if path.is_dir() else [path]
    for file in files:
        try:
            text = sys.stdin.read() if str(file) == "-" else file.read_text("utf-8-sig")
        except (OSError, ValueError) as error:
            leave_out(file, error)
            continue
        for number, line in enumerate(text.splitlines(), 1):
            if not line.strip():
                continue
            source = file.parent if file.name == "result.json" else f"{file}:{number}"
            try:
                record = json.loads(line)
                if "error" in record:
                    leave_out(source, record["error"])
                elif "epoch" not in record:  # not a line of metrics
                    yield read_run(source, record)
            except (ValueError, KeyError, TypeError, AttributeError):
                leave_out(source, "not a result of mnist-train")


def order(metric):
    """A sort key that puts the best value first, and a missing one last."""
    sign = 1 if metric.endswith("loss") else -1
    return lambda values: (metric not in values, sign * values.get(metric, 0))


def summary(runs, by):
    """A row of the table: the options of runs that differ in the seed, and such of RESULTS as there are."""
    trained = [run for run in runs if run["status"] in TRAINED]
    row = {**runs[0]["group"], "n": len(trained), "best run": min(trained or runs, key=order(by))["source"]}
    for metric in METRICS:
        values = [run[metric] for run in trained if metric in run]
        if values:
            row[metric] = statistics.fmean(values)
        if len(values) > 1:
            row[metric + " sd"] = statistics.stdev(values)
    if counts := Counter(run["status"] for run in runs if run["status"] != "completed"):
        row["not completed"] = ", ".join(f"{count} {status}" for status, count in counts.items())
    return row


def column_names(rows):
    """Those of the options that differ, and of the results that there are."""
    names = dict.fromkeys(name for row in rows for name in row)
    options = [name for name in names if name not in RESULTS and len({row.get(name) for row in rows}) > 1]
    return options + [name for name in RESULTS if name in names]


def cell(name, row):
    if name in row and name.startswith(METRICS):
        return f"{100 * row[name]:.2f}" if "accuracy" in name else f"{row[name]:.4f}"
    return str(row.get(name, "-"))


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

    groups = defaultdict(dict)
    for path in arguments.paths:
        for run in read_runs(path, leave_out):
            groups[frozenset(run["group"].items())][run["seed"]] = run
    trained = [run for seeds in groups.values() for run in seeds.values() if run["status"] in TRAINED]
    is_validated = trained and all("validation accuracy" in run for run in trained)
    by = (arguments.by or ("validation-accuracy" if is_validated else "test-accuracy")).replace("-", " ")
    if trained and not any(by in run for run in trained):
        parser.error(f"no run has a {by}; train with --validation, or on data with test images")
    rows = sorted((summary(list(seeds.values()), by) for seeds in groups.values()), key=order(by))
    names = column_names(rows)
    if rows and arguments.csv:
        write_csv(sys.stdout, names, rows)
    elif rows:
        titles = ["sd" if name.endswith(" sd") else name.replace("accuracy", "accuracy %") for name in names]
        print(*table_lines([titles, *([cell(name, row) for name in names] for row in rows)]), sep="\n")
    return 3 if left_out else 0


if __name__ == "__main__":
    sys.exit(main())
