#!/usr/bin/env python3
"""Runs everything that scripts/bench.sh compares, interleaved, and prints medians and ratios.

Machines are shared and their speed drifts, so only times of the same run are compared: each round
runs every contestant once, one after the other.
"""

import argparse
import csv
import os
import re
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RAW = ROOT / "data/MNIST/raw"
REFERENCE = ["/usr/bin/python3", str(ROOT / "scripts/reference.py"), "--data", str(ROOT / "data")]


def run(command, **environment):
    environment = {**os.environ, "MNIST_DATA_DIR": str(RAW), **environment}
    result = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    return result.stdout


def epoch_seconds(output):
    """The time of the last epoch line: by then caches and clocks have warmed up."""
    return float(re.findall(r"^epoch .*?([0-9.]+) s\b", output, re.MULTILINE)[-1])


def bench_seconds(output):
    """Times by name from Google Benchmark's CSV, the median of repetitions."""
    times = {}
    lines = output[output.index("name,iterations") :].splitlines()
    for row in csv.DictReader(lines):
        name = re.sub("/iterations:1|/real_time|/manual_time", "", row["name"])
        times.setdefault(name, []).append(float(row["real_time"]))
    return {name: statistics.median(values) for name, values in times.items()}


def contestants(build, beside):
    """What is compared on one epoch: label -> function that returns its seconds."""
    bench = str(build / "mnist_bench")

    def trainer(*options, program=build / "mnist-train", **environment):
        command = [str(program), "--quiet", "--epochs", "2", *options]
        return lambda: epoch_seconds(run(command, **environment))

    def benchmark(name):
        command = [bench, f"--benchmark_filter=^{name}/", "--benchmark_format=csv"]
        return lambda: next(iter(bench_seconds(run(command)).values()))

    others = {
        f"{beside}, {threads} thread{'s' * (threads > 1)}": trainer(
            "--engine", "sparse", "--threads", str(threads), program=beside
        )
        for threads in ((1, 2) if beside else ())
    }
    return {
        "reference implementation": lambda: epoch_seconds(run([*REFERENCE, "--epochs", "1"])),
        "scikit-learn MLPClassifier": lambda: epoch_seconds(
            run(["/usr/bin/python3", str(ROOT / "bench/sklearn_mlp.py"), str(RAW)])
        ),
        "LibTorch DataLoader, Stack": benchmark("loader"),
        "--engine autograd": trainer("--engine", "autograd"),
        "dense GEMMs alone (BLAS)": benchmark("floor"),
        "--engine sparse, AVX2": trainer("--engine", "sparse", ATEN_CPU_CAPABILITY="avx2"),
        "--engine sparse": trainer("--engine", "sparse"),
        "--engine sparse, 2 threads": trainer("--engine", "sparse", "--threads", "2"),
        "--engine sparse, least time of each step": benchmark("steps"),
        "limit of sparse, computed": benchmark("limit"),
        **others,
    }


def print_epochs(build, rounds, beside):
    run_one = contestants(build, beside)
    times = {label: [] for label in run_one}
    for number in range(1, rounds + 1):
        for label, measure in run_one.items():
            print(f"round {number}/{rounds}: {label}", file=sys.stderr)
            times[label].append(measure())
    medians = {label: statistics.median(values) for label, values in times.items()}
    best = medians["--engine sparse"]
    print(f"\n| one epoch, batch 20 | median of {rounds} | range | sparse / row |")
    print("|---|---|---|---|")
    for label, median in medians.items():
        spread = f"{min(times[label]):.2f} to {max(times[label]):.2f} s"
        print(f"| {label} | {median:.2f} s | {spread} | {best / median:.2f} |")


def print_whole_runs(build):
    seconds = {}
    for label, command in {
        "reference implementation": REFERENCE,
        "mnist-train": [str(build / "mnist-train"), "--quiet", "--epochs", "30", "--batch", "20"],
    }.items():
        print(f"whole run: {label}", file=sys.stderr)
        start = time.perf_counter()
        run(command)
        seconds[label] = time.perf_counter() - start
    ratio = seconds["reference implementation"] / seconds["mnist-train"]
    print(f"\nWhole run of 30 epochs: reference {seconds['reference implementation']:.1f} s, ", end="")
    print(f"mnist-train {seconds['mnist-train']:.1f} s: {ratio:.1f} times faster.")


def print_table(build, repetitions):
    print("table of engines", file=sys.stderr)
    output = run(
        [str(build / "mnist_bench"), "--benchmark_filter=^engine", "--benchmark_format=csv",
         f"--benchmark_repetitions={repetitions}", "--benchmark_enable_random_interleaving=true"]
    )
    times = {
        tuple(re.match(r"engine/(\w+)/batch:(\d+)/hidden:(\d+)", name).groups()): seconds
        for name, seconds in bench_seconds(output).items()
        if "_" not in name
    }
    print("\n| batch | hidden | autograd | sparse | sparse / autograd |\n|---|---|---|---|---|")
    shapes = sorted({(int(hidden), int(batch)) for _, batch, hidden in times})
    for hidden, batch in shapes:
        autograd, sparse = (times[engine, str(batch), str(hidden)] for engine in ("autograd", "sparse"))
        print(f"| {batch} | {hidden},{hidden} | {autograd:.3f} s | {sparse:.3f} s | ", end="")
        print(f"{sparse / autograd:.2f} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=Path, default=ROOT / "build/bench")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", choices=["epochs", "whole", "table"], help="one part only")
    parser.add_argument("--beside", type=Path, help="an older mnist-train, for rows of its own")
    arguments = parser.parse_args()
    cpu = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    print(cpu.group(1) if cpu else "unknown CPU")
    if arguments.only in (None, "epochs"):
        print_epochs(arguments.build, arguments.rounds, arguments.beside)
    if arguments.only in (None, "whole"):
        print_whole_runs(arguments.build)
    if arguments.only in (None, "table"):
        print_table(arguments.build, arguments.rounds)


if __name__ == "__main__":
    main()
