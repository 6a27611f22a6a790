#!/usr/bin/env python3
"""Tests scripts/leaderboard.py; values that are expected were worked out by hand."""

import contextlib
import csv
import io
import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

from support import ROOT

sys.path.insert(0, str(ROOT / "scripts"))

import leaderboard


def result(seed=1, test=(0.9, 0.3), validation=None, status="completed", epochs=30, train=60000, **options):
    """As mnist-train writes it, as far as the table is concerned."""
    test, validation = (values and dict(zip(("accuracy", "loss"), values)) for values in (test, validation))
    config = {"epochs": 30, "lr": 0.01, "hidden": "256,256", "seed": seed, "shuffle": False, **options}
    return {"schema": "mnist-train/1", "status": status, "config": config, "epochs": epochs,
            "data": {"train": train, "test_fingerprint": "00ff"},
            "validation": validation, "test": test}


class Leaderboard(unittest.TestCase):
    def setUp(self):
        self.root = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.enterContext(contextlib.chdir(self.root))

    def write_run(self, name, *arguments, **options):
        (self.root / name).mkdir()
        self.write_lines(f"{name}/result.json", result(*arguments, **options))

    def write_lines(self, name, *records):
        (self.root / name).write_text("".join(json.dumps(record) + "\n" for record in records))

    def run_script(self, *arguments, stdin="", code=0):
        streams = {"stdin": io.StringIO(stdin), "stdout": io.StringIO(), "stderr": io.StringIO()}
        with mock.patch.multiple(sys, argv=["leaderboard.py", *map(str, arguments)], **streams):
            try:
                returned = leaderboard.main()
            except SystemExit as end:
                returned = end.code
        self.assertEqual(returned, code, streams["stderr"].getvalue())
        return streams["stdout"].getvalue(), streams["stderr"].getvalue()

    def table(self, *arguments, **options):
        """The lines as lists of words; what is in one cell has no blanks here."""
        return [line.split() for line in self.run_script(*arguments, **options)[0].splitlines()]

    def rows(self, *arguments, **options):
        return list(csv.DictReader(self.run_script("--csv", *arguments, **options)[0].splitlines()))

    def test_GroupsOverSeedsWithMeanAndSampleDeviation(self):
        for seed, accuracy, loss in ((1, 0.90, 0.5), (2, 0.92, 0.3), (3, 0.97, 0.1)):
            self.write_run(f"a{seed}", seed, (accuracy, loss))
        # accuracy: 0.93; (0.03^2 + 0.01^2 + 0.04^2) / 2 = 0.0013; loss: 0.3; (0.2^2 + 0.2^2) / 2 = 0.04
        header, row = self.table(".")
        self.assertEqual(header, "n test accuracy % sd test loss sd best run".split())
        self.assertEqual(row, ["3", "93.00", "3.61", "0.3000", "0.2000", "a3"])
        self.assertAlmostEqual(float(self.rows(".")[0]["test accuracy sd"]), 0.0013**0.5, places=12)
        self.assertEqual(self.table("a1")[1], ["1", "90.00", "0.5000", "a1"])  # no deviation of one run

    def test_GroupsByWhatDecidesTheResultAndShowsWhatDiffers(self):
        self.write_run("a", 1, data="/here", threads=1, device="cpu", momentum=0.9)
        self.write_run("b", 2, data="/there", threads=2, device="auto", momentum=0.9, **{"min-accuracy": 90})
        self.assertEqual(self.table(".")[1][0], "2")
        self.write_run("c", 3, train=1000)
        header, *rows = self.table(".")
        self.assertEqual(header[:4], ["momentum", "training", "images", "n"])
        self.assertEqual([row[:3] for row in rows], [["0.9", "60000", "2"], ["-", "1000", "1"]])

    def test_SortsByWhatIsAskedFor(self):
        self.write_run("a", 1, (0.90, 0.2), (0.7, 0.9), lr=1)
        self.write_run("b", 1, (0.80, 0.1), (0.8, 0.8), lr=2)
        self.write_run("c", 1, (0.85, 0.3), (0.6, 0.7), lr=3)
        for by, order in (("test-accuracy", "132"), ("test-loss", "213"),
                          ("validation-accuracy", "213"), ("validation-loss", "321")):
            rows = self.rows("--by", by, ".")
            self.assertEqual("".join(row["lr"] for row in rows), order, by)

    def test_ChoosesByValidationWhereAllHaveIt(self):
        self.write_run("a", 1, None, (0.7, 0.9), lr=1)  # on data without test images
        self.write_run("b", 1, None, (0.8, 0.8), lr=2)
        self.assertEqual([row["best run"] for row in self.rows(".")], ["b", "a"])
        self.assertIn("no run has a test accuracy", self.run_script("--by", "test-accuracy", ".", code=2)[1])
        self.write_run("c", 1, (0.7, 0.1), lr=3)
        self.assertEqual([row["best run"] for row in self.rows(".")], ["c", "a", "b"])

    def test_MarksAndDoesNotCountWhatWasNotTrainedToTheEnd(self):
        self.write_run("a", 1, (0.75, 0.5))
        self.write_run("b", 2, (0.1, 2.5), status="interrupted")
        self.write_run("c", 3, None, status="diverged")
        self.write_run("d", 4, (0.25, 0.5), status="below-min-accuracy")
        self.write_run("e", 1, None, status="diverged", lr=100)
        columns = ("lr", "n", "test accuracy", "best run", "not completed")
        self.assertEqual([[row[name] for name in columns] for row in self.rows(".")], [
            ["0.01", "2", "0.5", "a", "1 interrupted, 1 diverged, 1 below-min-accuracy"],
            ["100", "0", "", "e", "1 diverged"]])

    def test_CountsTheLastResultOfARun(self):
        self.write_run("a", 1, (0.75, 0.5))
        self.write_lines("results.jsonl", result(2, None, status="interrupted"), result(2, (0.25, 0.5)),
                         result(1, (0.75, 0.5)))
        [row] = self.rows("results.jsonl", ".", "a", "a/result.json")
        self.assertEqual((row["n"], row["test accuracy"]), ("2", "0.5"))
        self.assertNotIn("not completed", row)

    def test_ReadsTheOutputOfJobs(self):
        lines = [{"job": 1, "line": 1, "epoch": 1, "train_loss": 0.5}, {"job": 1, "line": 1, **result(1)},
                 {"job": 2, "line": 2, "error": "--lr: no", "exit_code": 2}, {"job": 3, "line": 3, **result(2)}]
        text = "\ufeff" + "\r\n".join(map(json.dumps, lines)) + "\r\n\r\n"
        (self.root / "results.jsonl").write_text(text, encoding="utf-8")
        shown, errors = self.run_script("--csv", "results.jsonl", code=3)
        self.assertEqual(shown.splitlines()[1].split(",")[0], "2")
        self.assertEqual(errors, "leaderboard.py: left out results.jsonl:3: --lr: no\n")
        self.assertEqual(self.rows("-", stdin=json.dumps(result(1)))[0]["n"], "1")

    def test_NamesWhatIsNoResultAndShowsTheRest(self):
        self.write_run("good", 1)
        (self.root / "empty").mkdir()
        strange = {
            "cut.json": json.dumps(result())[:100], "foreign.json": '{"schema": "other/1"}', "list.json": "[1, 2]",
            "word.json": json.dumps(result(test=("high", 0.1))), "image.png": "\x89PNG\xff",
            "config.json": json.dumps({**result(), "config": None})}
        for name, text in strange.items():
            (self.root / name).write_text(text, encoding="latin-1")
        for name in (*strange, "missing.json", "empty"):
            with self.subTest(name):
                shown, errors = self.run_script("--csv", name, "good", code=3)
                self.assertEqual(shown.splitlines()[1].split(",")[0], "1")
                self.assertRegex(errors, f"^leaderboard.py: left out {name}[^\\n]*\n$")

    def test_EndsQuietlyWhenItsReaderDoes(self):
        self.write_lines("results.jsonl", *(result(1, lr=lr) for lr in range(5000)))  # more than a pipe holds
        (self.root / "link").symlink_to(ROOT / "scripts/leaderboard.py")
        done = subprocess.run(["bash", "-c", "./link results.jsonl | head -n 1"], capture_output=True, text=True)
        self.assertEqual((len(done.stdout.splitlines()), done.stderr), (1, ""))


if __name__ == "__main__":
    unittest.main()
