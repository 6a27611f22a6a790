#!/usr/bin/python3
"""Stands in for mnist-train in the tests of the sweep. It trains nothing: how good a run is follows from --lr alone.

0.1 has the best accuracy, and 0.2 the best loss. From 1e3 on a run diverges; below 1e-6 it never ends by itself. While
there is a file "hold" beside the folder of a run, the run waits after an epoch. Options are written --name=value.
"""

import ctypes
import json
import os
import select
import signal
import sys
import time
from math import log10
from pathlib import Path

DEFAULTS = {"epochs": "30", "validation": "0", "lr": "0.01", "seed": "1"}


def parse(arguments):
    return DEFAULTS | {name[2:]: value for name, _, value in (argument.partition("=") for argument in arguments)}


def evaluation(lr, epoch):
    if lr >= 1e3:
        return {"accuracy": 0.1, "loss": None}
    return {"accuracy": 0.95 - abs(log10(lr / 0.1)) / 20 - 0.1 / epoch, "loss": abs(log10(lr / 0.2)) + 1 / epoch}


def train(options):
    out, epochs, lr = Path(options["out"]), int(options["epochs"]), float(options["lr"])
    out.mkdir(parents=True, exist_ok=True)
    result = {"status": "interrupted"}
    try:
        with open(out / "metrics.jsonl", "a+" if "resume" in options else "x+", buffering=1) as metrics:
            metrics.seek(0)
            for epoch in range(len(metrics.readlines()) + 1, epochs + 1):
                found = evaluation(lr, epoch)
                line = {"epoch": epoch, "train_loss": found["loss"],
                        "validation_loss": found["loss"], "validation_accuracy": found["accuracy"]}
                metrics.write(json.dumps(line) + "\n")
                if lr >= 1e3:
                    result = {"status": "diverged"}
                    sys.exit(4)
                while lr < 1e-6 or (out.parent / "hold").exists():
                    time.sleep(0.01)
        found = evaluation(lr, epochs)
        result = {"status": "completed", "chosen": {"epoch": epochs}, "validation": found, "test": found}
    finally:
        (out / "result.json").write_text(json.dumps(result))


def spawn():
    """Returns after the end of the input and of all runs, and in each run with its options."""
    print(json.dumps({"pid": os.getpid()}), flush=True)
    requests, running = [sys.stdin], 0
    while requests or running:
        if select.select(requests, [], [], 0.01)[0]:
            line = sys.stdin.readline()  # the only one: the sweep waits for the answer
            if not line:
                requests = []
                continue
            request = json.loads(line)
            pid = os.fork()
            if pid == 0:
                ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG: the run goes with the spawner
                log = os.open(request["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
                os.dup2(log, 1)
                os.dup2(log, 2)
                return parse(request["options"])
            print(json.dumps({"pid": pid}), flush=True)
            running += 1
        pid, status = os.waitpid(-1, os.WNOHANG) if running else (0, 0)
        if pid:
            code = os.waitstatus_to_exitcode(status)
            print(json.dumps({"pid": pid, "signal" if code < 0 else "exit": abs(code)}), flush=True)
            running -= 1
    return None


def main():
    for number in (signal.SIGTERM, signal.SIGUSR1):
        signal.signal(number, lambda *_: sys.exit(143))
    if "--print-config" in sys.argv:
        print('augment = "none"')
        for name, value in parse(sys.argv[1:]).items():
            print(f"{name} = {value}" if value else "")
    elif options := spawn():
        train(options)


main()
