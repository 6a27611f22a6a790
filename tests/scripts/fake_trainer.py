#!/usr/bin/python3
"""Stands in for `mnist-train jobs` in the tests of sweep.py. The result follows from --lr alone: 0.1 has the
best accuracy and 0.2 the best loss. From 1e3 on a run diverges, below 1e-6 it ends by a signal only.
--batch=0 is a usage error, --batch=3 diverges without held-out images, --batch=7 is a full disk, and --batch=9 a
crash. While there is a file "hold" beside the directory of a run, it waits after an epoch."""

import json
import os
import signal
import sys
import time
from math import log10
from pathlib import Path

DEFAULTS = {"epochs": "30", "validation": "0", "lr": "0.01", "lr-schedule": "constant", "seed": "1", "batch": "20"}
ended = []  # signals


def parse(arguments):
    return DEFAULTS | {name[2:]: value for name, _, value in (argument.partition("=") for argument in arguments)}


def evaluate(lr, epoch):
    return {"accuracy": 0.95 - abs(log10(lr / 0.1)) / 20 - 0.1 / epoch,
            "loss": abs(log10(lr / 0.2)) + 1 / epoch if lr < 1e3 else None}


def train(options):
    out, lr = Path(options["out"]), float(options["lr"])
    errors = {"0": {"error": "--batch: found 0", "exit_code": 2},
              "7": {"error": f"{out}: No space left on device", "exit_code": 7}}
    if options["batch"] in errors:
        return errors[options["batch"]]
    if options["batch"] == "9":
        os.abort()
    if options["batch"] == "3" and options["validation"] == "0":
        return {"status": "diverged"}
    out.mkdir(parents=True, exist_ok=True)
    if "overwrite" in options:
        (out / "metrics.jsonl").unlink(missing_ok=True)
    with open(out / "metrics.jsonl", "a+", buffering=1) as metrics:
        metrics.seek(0)
        epoch = len(metrics.readlines())
        while epoch < int(options["epochs"]) and not ended:
            epoch += 1
            measured = evaluate(lr, epoch)
            line = json.dumps({"epoch": epoch, "train_loss": measured["loss"], "validation_loss": measured["loss"],
                               "validation_accuracy": measured["accuracy"]})
            print(line, file=metrics)
            print(line, flush=True)
            if lr >= 1e3:
                return {"status": "diverged"}
            while (lr < 1e-6 or (out.parent / "hold").exists()) and not ended:
                time.sleep(0.01)
            time.sleep(0.01)  # in which a signal comes
    if ended:
        return {"status": "interrupted"}
    measured = evaluate(lr, epoch)
    return {"status": "completed", "chosen": {"epoch": epoch}, "validation": measured, "test": measured}


def main():
    for number in (signal.SIGTERM, signal.SIGUSR1):
        signal.signal(number, lambda number, _: ended.append(number))
    if "--print-config" in sys.argv:
        print("".join(f'{name} = {value if value.isdigit() else repr(value)}\n'
                      for name, value in parse(sys.argv[1:]).items() if value))
        return
    while signal.SIGTERM not in ended and (line := sys.stdin.readline()):
        ended.clear()
        print(json.dumps(train(parse(json.loads(line)))), flush=True)


main()
