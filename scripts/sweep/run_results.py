"""The results of runs, read from result.json, from lines of results.jsonl, or from standard input."""

import json
import os
import sys
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
    """On one line and without control characters; true and false as in JSON."""
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
