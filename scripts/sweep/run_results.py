"""The results of runs, read from result.json, from lines of results.jsonl, or from standard input."""

import codecs
import json
import os
import sys
from pathlib import Path
from typing import NamedTuple

SCHEMA = "mnist-train/1"
WHOLE = ("completed", "below-min-accuracy")  # trained to the end
STATUSES = (*WHOLE, "interrupted", "diverged")
BOM = "\ufeff"
METRICS = ("validation-accuracy", "validation-loss", "test-accuracy", "test-loss")


class NoResult(Exception):
    """Says why something is not the result of a run."""


class Run(NamedTuple):
    source: str  # the folder or file that it was read from
    status: str
    options: dict  # all but the seed, as text
    seed: object
    metrics: dict  # those of METRICS that the run has, accuracies in [0,1]
    images: object = None  # the fingerprint of the test images; version 1.0.0 wrote none


def expect(is_so, otherwise):
    if not is_so:
        raise NoResult(otherwise)


def parse_json(text):
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise NoResult("not JSON") from None


def parse_metrics(result):
    metrics = {}
    for part in ("validation", "test"):
        evaluation = result.get(part)
        expect(evaluation is None or isinstance(evaluation, dict), f"a strange '{part}'")
        for name, limit in (("accuracy", 1), ("loss", 1e300)):
            value = (evaluation or {}).get(name)
            if value is not None:  # a loss that is not finite is null
                expect(type(value) in (int, float) and 0 <= value <= limit, f"'{part}' with a strange {name}")
                metrics[f"{part}-{name}"] = value
    return metrics


def parse_run(source, text):
    result = parse_json(text)
    expect(isinstance(result, dict) and result.get("schema") == SCHEMA, f"no schema '{SCHEMA}'")
    expect(result.get("status") in STATUSES, "an unknown status")
    config = result.get("config")
    expect(isinstance(config, dict), "no options")
    expect(all(isinstance(value, (str, int, float)) for value in config.values()), "options that are not plain")
    expect("seed" in config, "no seed")
    metrics = parse_metrics(result)
    measured = "test-accuracy" in metrics or "validation-accuracy" in metrics  # some data have no test images
    expect(result["status"] not in WHOLE or measured, "no accuracy")
    options = {name: as_text(value) for name, value in config.items() if name != "seed"}
    data = result.get("data")
    images = data.get("test_fingerprint") if isinstance(data, dict) else None
    return Run(source, result["status"], options, config["seed"], metrics, images)


def as_text(value):
    """The value on one line and without control characters; true and false as in JSON."""
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return "".join(c if c.isprintable() else "?" for c in text)


def result_files(path, complain):
    """The files to read for a PATH of the command line."""
    if not path.is_dir():
        return [path]
    found = []
    for folder, _, files in os.walk(path, onerror=lambda error: complain(error.filename, error.strerror)):
        if "result.json" in files:
            found.append(Path(folder, "result.json"))
    if not found:
        complain(path, "a folder with no result.json in or below it")
    return sorted(found)


def documents(file):
    """What may be results, each with the number of its line: the whole file if it is JSON, or else its lines."""
    data = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    encoding = "utf-16" if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8"
    try:
        text = data.decode(encoding).replace(BOM, "")  # which PowerShell and Notepad begin files with
    except UnicodeDecodeError:
        raise NoResult("no text") from None
    lines = [(number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip()]
    expect(lines, "an empty file")
    try:
        parse_json(text)
        return [(lines[0][0], text)]
    except NoResult:
        return lines


def read_file(file, complain):
    try:
        found = documents(file)
    except OSError as error:
        return complain(file, error.strerror) or []
    except NoResult as why:
        return complain(file, why) or []
    runs, bad = [], []
    for number, text in found:
        source = file.parent if file.name == "result.json" else file
        try:
            runs.append(parse_run(str(source) if len(found) == 1 else f"{file}:{number}", text))
        except NoResult as why:
            bad.append((number, why))
    if bad:
        number, why = bad[0]
        lines = f"line {number} of" if len(bad) == 1 else f"{len(bad)} lines, the first being {number}, of"
        complain(file if len(found) == 1 else f"{lines} {file}", why)
    return runs


def read_runs(paths, complain):
    """All runs in these, in order. Whatever is not a run is told to complain(where, why)."""
    return [run for path in paths for file in result_files(path, complain) for run in read_file(file, complain)]
