#!/usr/bin/env python3
"""How well `mnist-train predict` reads digits on the pictures that people take.

MNIST's test digits are drawn on sheets as cameras, scanners and screenshots show them (see
photo_kinds.py), and `predict --json` reads the files. Each kind comes at strength 1 and at one and
a half times that; both take the same digits at the same places as the row "clean". A row has
scikit-learn's digits, which other people wrote. Needs NumPy, Pillow and scikit-learn.

    bench/photos.py --model runs/a [--program build/release/mnist-train ...] [--digits 300]

With several programs the table has columns for each, such as before and after a change. --files
adds rows for a directory of drawn digits. Its labels.csv has the columns file and label, which is
M for several digits and X for none.
"""

import argparse
import csv
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image
from sklearn.datasets import load_digits

from photo_kinds import KINDS, OTHERS, enlarged, place, saved, several

ROOT = Path(__file__).resolve().parent.parent


def load_mnist(directory):
    images = np.fromfile(directory / "t10k-images-idx3-ubyte", np.uint8)[16:].reshape(-1, 28, 28)
    return images, np.fromfile(directory / "t10k-labels-idx1-ubyte", np.uint8)[8:]


def predict(program, model, files):
    command = [program, "predict", "--json", "--model", model, "-"]
    names = "\n".join(map(str, files))
    result = subprocess.run(command, input=names, capture_output=True, text=True, check=False)
    if result.returncode not in (0, 3):
        sys.exit(result.stderr)
    return json.loads(result.stdout)["predictions"]


def is_marked(answer):
    return "low_confidence" in answer


def cell(answers, labels):
    """A refused file has an error and no digit: it is neither correct nor an unmarked mistake."""
    if labels is None:
        return f"{sum('digit' in a and not is_marked(a) for a in answers)} of {len(answers)}"
    correct = [a.get("digit") == label for a, label in zip(answers, labels)]
    mistakes = sum("digit" in a and not c and not is_marked(a) for a, c in zip(answers, correct))
    marked = sum(c and is_marked(a) for a, c in zip(answers, correct))
    return f"{100 * np.mean(correct):.1f} % · {mistakes} · {marked}"


def print_row(name, cells):
    print(f"| {name} | " + " | ".join(cells) + " |", flush=True)


def measure(arguments):
    images, labels = load_mnist(arguments.data)
    chosen = np.random.default_rng(arguments.seed).permutation(len(images))[:arguments.digits]
    columns = 2 * len(arguments.program)

    def row(name, labels, *sets):
        """sets: for each strength, what writes the files into a directory and returns their paths."""
        if arguments.only and arguments.only not in name:
            return
        cells = []
        with tempfile.TemporaryDirectory() as directory:
            if arguments.keep:
                directory = arguments.keep / re.sub(r"\W+", "-", name).strip("-")
                directory.mkdir(parents=True, exist_ok=True)
            for files in (draw(Path(directory)) for draw in sets):
                cells += [cell(predict(p, arguments.model, files), labels) for p in arguments.program]
        print_row(name, cells + [""] * (columns - len(cells)))

    def drawn(name, strength, directory):
        return [KINDS[name](directory / f"{labels[i]}-{i}-{round(10 * strength)}",
                            place(images[i], np.random.default_rng(i)),
                            np.random.default_rng([i, sum(name.encode())]), strength) for i in chosen]

    def drawn_other(draw, directory):
        rngs = [np.random.default_rng([i, 7]) for i in chosen]
        return [draw(directory / f"{i}", rng.permutation(images) if draw is several else None, rng)
                for i, rng in zip(chosen, rngs)]

    def as_they_are(directory):
        return [saved(directory / f"{labels[i]}-{i}", Image.fromarray(images[i])) for i in chosen]

    print(f"Accuracy · unmarked mistakes · correct but marked, of {len(chosen)} pictures of each kind. "
          "Marked: with `low_confidence`.\n")
    print_row("kind", [f"{program} x{strength}" for strength in (1, 1.5) for program in arguments.program])
    print("|---" * (columns + 1) + "|")
    row("MNIST's test images as 28 x 28 files", labels[chosen], as_they_are)
    for name in KINDS:
        row(name, labels[chosen], *(lambda directory, s=s: drawn(name, s, directory) for s in (1, 1.5)))
    others = load_digits()
    some = np.random.default_rng(arguments.seed).permutation(len(others.target))[:arguments.digits]
    row("scikit-learn's digits, enlarged", others.target[some],
        lambda directory: [enlarged(directory / f"{others.target[i]}-{i}", others.images[i]) for i in some])
    by_label = {}
    if arguments.files:
        with open(arguments.files / "labels.csv", encoding="utf-8") as table:
            for entry in csv.DictReader(table):
                by_label.setdefault(entry["label"], []).append(arguments.files / entry["file"])
        files, expected = zip(*((file, int(label)) for label, files in by_label.items()
                                if label.isdigit() for file in files))
        row(f"{len(files)} drawn digits in {arguments.files}", expected, lambda _: files)
    print_row("not one digit: answered without a mark", [""] * columns)
    for name, draw in OTHERS.items():
        row(name, None, lambda directory: drawn_other(draw, directory))
    for label, what in (("M", "several digits"), ("X", "no digit")):
        if label in by_label:
            row(f"{what} in {arguments.files}", None, lambda _: by_label[label])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", required=True, help="directory of a run, or a file of weights")
    parser.add_argument("--program", nargs="+",
                        default=[str(ROOT / "build/release/mnist-train")])
    parser.add_argument("--data", type=Path, default=ROOT / "data/MNIST/raw")
    parser.add_argument("--digits", type=int, default=300, help="of each kind")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", help="the kinds whose names hold this")
    parser.add_argument("--files", type=Path, help="directory of drawn digits with a labels.csv")
    parser.add_argument("--keep", type=Path, help="directory in which to keep the pictures")
    measure(parser.parse_args())


if __name__ == "__main__":
    main()
