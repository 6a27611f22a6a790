#!/usr/bin/env python3
"""Tests scripts/leaderboard.py; values that are expected were worked out by hand."""

import contextlib
import csv
import fcntl
import io
import json
import os
import pty
import struct
import subprocess
import sys
import tempfile
import termios
import unittest
from pathlib import Path
from types import SimpleNamespace
from unittest import mock

SCRIPT = Path(__file__).resolve().parents[2] / "scripts/leaderboard.py"
sys.path.insert(0, str(SCRIPT.parent))

import leaderboard


def result(seed=1, test=(0.9, 0.3), validation=None, status="completed", **options):
    """As mnist-train writes it, as far as the table is concerned."""

    def evaluation(values):
        return values and {"accuracy": values[0], "loss": values[1], "correct": 1, "total": 2}

    config = {"epochs": 30, "lr": 0.01, "hidden": "256,256", "seed": seed, "shuffle": False, **options}
    return {"schema": "mnist-train/1", "status": status, "config": config,
            "validation": evaluation(validation), "test": evaluation(test), "seconds": 1.5}


class Leaderboard(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        self.addCleanup(os.chdir, os.getcwd())
        os.chdir(self.root)

    def write_run(self, name, *arguments, **options):
        path = self.root / name / "result.json"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(result(*arguments, **options)) + "\n")
        return path

    def write_answering_run(self, name, wrong, seed=1, images="00ff", **options):
        """Writes a run on 40 test images that is wrong on those of the range `wrong`."""
        path = self.root / name / "result.json"
        path.parent.mkdir(parents=True)
        record = result(seed, (1 - len(wrong) / 40, 0.3), **options)
        path.write_text(json.dumps({**record, "data": {"test_fingerprint": images}}) + "\n")
        lines = [f"{i},{i % 10},{(i + (i in wrong)) % 10},0.900000\n" for i in range(40)]
        answers = path.with_name("predictions.csv")
        answers.write_text("position,digit,guess,probability\n" + "".join(lines))
        return answers

    def comparisons(self):
        """What is said below the table."""
        return self.run_script(".").stdout.split("\n\n", 1)[1:]

    def run_script(self, *arguments, stdin="", code=0):
        """In this process: Python takes longer to start than the script to end."""
        streams = {name: io.TextIOWrapper(io.BytesIO(text), "utf-8")
                   for name, text in (("stdin", stdin.encode()), ("stdout", b""), ("stderr", b""))}
        with mock.patch.multiple(sys, argv=["leaderboard.py", *map(str, arguments)], **streams):
            try:
                returned = leaderboard.main()
            except SystemExit as end:
                returned = end.code
        for stream in streams.values():
            stream.seek(0)
        done = SimpleNamespace(stdout=streams["stdout"].read(), stderr=streams["stderr"].read())
        self.assertEqual(returned, code, done.stderr)
        return done

    def table(self, *arguments, **options):
        """The lines as lists of words; what is in one cell has no blanks here."""
        return [line.split() for line in self.run_script(*arguments, **options).stdout.splitlines()]

    def rows(self, *arguments, **options):
        output = self.run_script("--csv", *arguments, **options).stdout
        return list(csv.DictReader(io.StringIO(output)))

    def test_GroupsOverSeedsWithMeanAndSampleDeviation(self):
        for seed, accuracy, loss in ((1, 0.90, 0.5), (2, 0.92, 0.3), (3, 0.97, 0.1)):
            self.write_run(f"a{seed}", seed, (accuracy, loss))
        # accuracy: 0.93; (0.03^2 + 0.01^2 + 0.04^2) / 2 = 0.0013; loss: 0.3; (0.2^2 + 0.2^2) / 2 = 0.04
        header, row = self.table(".")
        self.assertEqual(header, "n test accuracy % sd test loss sd best run".split())
        self.assertEqual(row, ["3", "93.00", "3.61", "0.3000", "0.2000", "a3"])
        [row] = self.rows(".")
        self.assertAlmostEqual(float(row["test-accuracy-mean"]), 0.93, places=12)
        self.assertAlmostEqual(float(row["test-accuracy-sd"]), 0.0013**0.5, places=12)
        self.assertAlmostEqual(float(row["test-loss-sd"]), 0.2, places=12)

    def test_HasNoDeviationOfOneRun(self):
        self.write_run("a", 1, (0.9, 0.5))
        self.assertEqual(self.table(".")[1], ["1", "90.00", "-", "0.5000", "-", "a"])
        self.assertEqual(self.rows(".")[0]["test-accuracy-sd"], "")

    def test_ShowsOnlyOptionsThatDiffer(self):
        self.write_run("a", lr=0.1, momentum=0.9)
        self.write_run("b", lr=0.2)
        header, *rows = self.table(".")
        self.assertEqual(header[:3], ["lr", "momentum", "n"])
        self.assertEqual([row[:3] for row in rows], [["0.1", "0.9", "1"], ["0.2", "-", "1"]])

    def test_SortsByWhatIsAskedFor(self):
        self.write_run("a", 1, (0.90, 0.2), (0.7, 0.9), lr=1)
        self.write_run("b", 1, (0.80, 0.1), (0.8, 0.8), lr=2)
        self.write_run("c", 1, (0.85, 0.3), (0.6, 0.7), lr=3)
        for by, order in (("test-accuracy", "132"), ("test-loss", "213"),
                          ("validation-accuracy", "213"), ("validation-loss", "321")):
            with self.subTest(by):
                rows = self.rows("--by", by, ".")
                self.assertEqual("".join(row["lr"] for row in rows), order)

    def test_ChoosesByValidationWhereAllHaveIt(self):
        self.write_run("a", 1, (0.9, 0.2), (0.7, 0.9), lr=1)
        self.write_run("b", 1, (0.8, 0.1), (0.8, 0.8), lr=2)
        self.assertEqual([row["best run"] for row in self.rows(".")], ["b", "a"])
        self.write_run("c", 1, (0.7, 0.1), lr=3)
        self.assertEqual([row["best run"] for row in self.rows(".")], ["a", "b", "c"])

    def test_TakesRunsOnDataWithoutTestImages(self):
        self.write_run("a", 1, None, (0.7, 0.9), lr=1)
        self.write_run("b", 1, None, (0.8, 0.8), lr=2)
        rows = self.rows(".")
        self.assertEqual([row["best run"] for row in rows], ["b", "a"])
        self.assertEqual([row["n"] for row in rows], ["1", "1"])
        self.assertEqual(rows[0]["test-accuracy-mean"], "")
        self.assertNotIn("test accuracy", self.run_script(".").stdout)
        self.assertIn("data that has test images", self.run_script("--by", "test-accuracy", ".", code=2).stderr)

    def test_MarksAndDoesNotCountWhatWasNotTrainedToTheEnd(self):
        self.write_run("a", 1, (0.75, 0.5))
        self.write_run("b", 2, (0.1, 2.5), status="interrupted")
        self.write_run("c", 3, None, status="diverged")
        self.write_run("d", 4, (0.25, 0.5), status="below-min-accuracy")
        self.write_run("e", 1, None, status="diverged", lr=100)
        first, last = self.rows(".")
        self.assertEqual(first["not completed"], "1 below-min-accuracy, 1 interrupted, 1 diverged")
        self.assertEqual((first["n"], first["test-accuracy-mean"], first["best run"]), ("2", "0.5", "a"))
        self.assertEqual((last["lr"], last["n"], last["test-accuracy-mean"]), ("100", "0", ""))
        self.assertEqual(last["not completed"], "1 diverged")
        self.assertIn("not completed", self.run_script(".").stdout)

    def test_CountsARunOnceAndItsCompletedResultBeforeOthers(self):
        path = self.write_run("a", 1, (0.75, 0.5))
        lines = [result(2, (0.2, 2.0), status="interrupted"), result(2, (0.25, 0.5)),
                 result(2, None, status="diverged"), json.loads(path.read_text())]
        (self.root / "results.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
        [row] = self.rows("results.jsonl", ".", "a", "a/result.json")
        self.assertEqual((row["n"], row["test-accuracy-mean"], row["not completed"]), ("2", "0.5", ""))

    def test_CountsTheLastOfSeveralThatWereNotCompleted(self):
        lines = [result(1, None, status=status) for status in ("diverged", "interrupted")]
        (self.root / "results.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
        [row] = self.rows("results.jsonl")
        self.assertEqual((row["n"], row["not completed"]), ("0", "1 interrupted"))

    def test_FindsRunsInFoldersBelow(self):
        self.write_run("x/y/a", 1)
        self.write_run("x/b", 2)
        self.assertEqual(self.rows("x")[0]["n"], "2")

    def test_ReadsStandardInputAndIndentedFiles(self):
        line = json.dumps(result(1))
        self.assertEqual(self.rows("-", stdin=line + "\n\n" + json.dumps(result(2)))[0]["n"], "2")
        self.assertEqual(self.rows("-", stdin=json.dumps(result(1), indent=2))[0]["n"], "1")

    def test_RunsByALinkFromAnyFolder(self):
        self.write_run("a", 1)
        for name, target in (("link", SCRIPT), ("second", "link")):
            (self.root / name).symlink_to(target)
            done = subprocess.run([f"./{name}", "a"], cwd=self.root, capture_output=True, text=True)
            self.assertEqual((done.returncode, done.stdout), (0, self.run_script("a").stdout), done.stderr)

    def test_NamesWhatIsNoResultAndShowsTheRest(self):
        self.write_run("good", 1)
        (self.root / "empty").mkdir()
        strange = {
            "cut.json": json.dumps(result())[:100],
            "foreign.json": '{"schema": "other/1"}',
            "list.json": "[1, 2]",
            "deep.json": "[" * 100000,
            "empty.json": "",
            "status.json": json.dumps(result(status="done")),
            "percent.json": json.dumps(result(test=(97.8, 0.1))),
            "nan.json": json.dumps(result(test=(0.9, float("nan")))),
            "huge.json": json.dumps(result(test=(0.9, 10**400))),
            "word.json": json.dumps(result(test=("0.9", 0.1))),
            "untested.json": json.dumps(result(test=None)),
            "test.json": json.dumps({**result(), "test": 0.9}),
            "config.json": json.dumps({**result(), "config": None}),
            "nested.json": json.dumps(result(lr=[1, 2])),
            "seedless.json": json.dumps({**result(), "config": {"lr": 1}}),
        }
        for name, text in strange.items():
            (self.root / name).write_text(text)
        (self.root / "image.png").write_bytes(b"\x89PNG\xff")
        for name in (*strange, "image.png", "missing.json", "empty"):
            with self.subTest(name):
                done = self.run_script("--csv", name, "good", code=3)
                self.assertEqual(done.stdout.splitlines()[1].split(",")[0], "1")
                self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
                self.assertTrue(done.stderr.startswith(f"leaderboard.py: left out {name}: "), done.stderr)

    def test_ReadsFilesWithAByteOrderMark(self):
        lines = "".join(json.dumps(result(seed)) + "\r\n" for seed in (1, 2))
        for encoding in ("utf-8-sig", "utf-16"):
            (self.root / "results.jsonl").write_bytes(lines.encode(encoding))
            self.assertEqual(self.rows("results.jsonl")[0]["n"], "2", encoding)
        whole = b"".join(json.dumps(result(seed)).encode("utf-8-sig") + b"\n" for seed in (1, 2))
        (self.root / "results.jsonl").write_bytes(whole)  # of `cat one.jsonl two.jsonl`
        self.assertEqual(self.rows("results.jsonl")[0]["n"], "2")

    def test_NamesTheLinesThatAreNone(self):
        lines = [json.dumps(result(1)), '{"cut', json.dumps(result(2)), "also cut"]
        (self.root / "results.jsonl").write_text("\n".join(lines[:3]))
        done = self.run_script("--csv", "results.jsonl", code=3)
        self.assertIn("left out line 2 of results.jsonl: ", done.stderr)
        self.assertEqual(done.stdout.splitlines()[1].split(",")[0], "2")
        (self.root / "results.jsonl").write_text("\n".join(lines))
        done = self.run_script("results.jsonl", code=3)
        self.assertIn("left out 2 lines, the first being 2, of results.jsonl: ", done.stderr)
        self.assertEqual(len(done.stderr.splitlines()), 1)

    def test_ShowsNothingOfNothing(self):
        self.assertEqual(self.run_script(".", code=3).stdout, "")

    def test_RefusesToSortByWhatNoRunHas(self):
        self.write_run("a", 1)
        self.assertIn("--validation", self.run_script("--by", "validation-loss", ".", code=2).stderr)
        self.run_script("--by", "beauty", ".", code=2)
        self.run_script(code=2)

    def test_LetsNoControlCharacterThrough(self):
        self.write_run("a", lr="\x1b[31m")
        self.write_run("b", lr="2\n3")
        output = self.run_script(".").stdout
        self.assertNotIn("\x1b", output)
        self.assertEqual(len(output.splitlines()), 3)

    def test_FitsTheTerminal(self):
        for seed in (1, 2):
            for lr in (0.1, 0.2):
                self.write_run(f"a-folder-with-a-long-name/{lr}/{seed}", seed, (0.9, 0.1), (0.8, 0.2), lr=lr,
                               data=f"/home/ada/a/long/way/to/the/data-{lr}")
        wide = self.shown_on_terminal(250)
        self.assertEqual(wide, self.run_script(".").stdout.splitlines())
        for width in (100, 80, 60, 40, 25):
            with self.subTest(width):
                lines = self.shown_on_terminal(width)
                self.assertEqual(len(lines), 3)
                self.assertLessEqual(max(map(len, lines)), width)
        self.assertIn("80.00", " ".join(self.shown_on_terminal(60)))

    def shown_on_terminal(self, width):
        leader, follower = pty.openpty()
        fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 24, width, 0, 0))
        environment = {name: value for name, value in os.environ.items() if name != "COLUMNS"}
        with os.fdopen(leader, "rb", buffering=0) as terminal:
            script = subprocess.Popen([sys.executable, SCRIPT, "."], cwd=self.root, stdout=follower,
                                      env=environment)
            os.close(follower)
            output = b""
            with contextlib.suppress(OSError):  # how a terminal without a writer ends
                while part := terminal.read(65536):
                    output += part
            self.assertEqual(script.wait(), 0)
        self.assertNotIn(b"\x1b", output)
        return output.decode().splitlines()

    def test_SaysThatADifferenceCanBeChance(self):
        self.write_answering_run("a", range(7), lr=1)
        self.write_answering_run("b", range(5, 15), lr=2)
        [text] = self.comparisons()
        # 8 and 5 of 13: 2 * (1 + 13 + 78 + 286 + 715 + 1287) / 8192 = 0.5811
        self.assertTrue(text.startswith(
            "b is right on 5 test images that a gets wrong, and wrong on 8 that it gets right; by chance in 58 of 100 "
            "such pairs of runs: this can be chance.\n"), text)
        self.assertNotIn("Holm", text)
        self.assertNotIn("chance", self.run_script("--csv", ".").stdout)

    def test_SaysWhichRowIsWorse(self):
        self.write_answering_run("a", range(10, 11), lr=1)
        self.write_answering_run("b", range(10), lr=2)
        # 1 and 10 of 11: 2 * (1 + 11) / 2048 = 0.0117
        self.assertIn("by chance in 1.2 of 100 such pairs of runs: b is worse.\n", self.comparisons()[0])

    def test_AsksMoreOfEachOfSeveralComparisons(self):
        self.write_answering_run("a", range(0), lr=1)
        self.write_answering_run("b", range(6), lr=2)
        self.assertIn("3.1 of 100 such pairs of runs: b is worse.", self.comparisons()[0])
        self.write_answering_run("c", range(6), lr=3)
        text = self.comparisons()[0]
        self.assertEqual(text.count("3.1 of 100 such pairs of runs: this can be chance."), 2)
        self.assertIn("each of these 2 has to be clearer", text)

    def test_ComparesTheLowestSeedThatBothRowsHave(self):
        for seed in (2, 3, 10):
            self.write_answering_run(f"a{seed}", range(4), seed, lr=1)
        for seed in (1, 3, 10):
            self.write_answering_run(f"b{seed}", range(5), seed, lr=2)
        self.assertTrue(self.comparisons()[0].startswith("b3 is right on 0 test images that a3 gets wrong, "))
        self.write_answering_run("c4", range(9), 4, lr=3)
        self.assertIn("\n\nc4 is right on 0 test images that a2 gets wrong, ", self.comparisons()[0])

    def test_ComparesOnlyOnTheSameTestImages(self):
        answers = self.write_answering_run("a", range(1), lr=1)
        self.write_answering_run("b", range(3), lr=2, images="11ff")
        self.assertEqual(self.comparisons(), ["b is not compared with a: the two were tested on other test images.\n"])
        answers.unlink()
        self.assertEqual(self.comparisons(), [])

    def test_SaysWhatIsWrongWithAnswers(self):
        self.write_answering_run("a", range(1), lr=1)
        answers = self.write_answering_run("b", range(3), lr=2)
        whole = answers.read_text()
        lines = whole.splitlines(keepends=True)
        for text, why in ((whole[:-3], "the last line of predictions.csv is not whole"),
                          ("".join(lines[1:]), "line 1 of predictions.csv is not position,digit,guess,probability"),
                          (whole.replace("\n7,7,7,", "\n7,12,7,"),
                           "line 9 of predictions.csv is not the answer to image 7"),
                          (whole.replace("\n7,7,7,0.9", "\n7,7,7"),
                           "line 9 of predictions.csv is not the answer to image 7"),
                          ("".join(lines[:-1]), "predictions.csv has another accuracy than result.json"),
                          (lines[0], "predictions.csv has another accuracy than result.json"),
                          (whole.replace("\n7,7,7,", "\n7,3,3,"), "the two have other labels in predictions.csv"),
                          ("\xff\n", "predictions.csv could not be read: no text")):
            with self.subTest(why):
                answers.write_text(text)
                self.assertEqual(self.comparisons(), [f"b is not compared with a: {why}.\n"])

    def test_EndsQuietlyWhenItsReaderDoes(self):
        lines = "".join(json.dumps(result(1, lr=lr)) + "\n" for lr in range(5000))  # more than a pipe holds
        (self.root / "results.jsonl").write_text(lines)
        command = f"'{sys.executable}' '{SCRIPT}' results.jsonl | head -n 1"
        done = subprocess.run(["bash", "-c", command], cwd=self.root, capture_output=True, text=True)
        self.assertEqual((len(done.stdout.splitlines()), done.stderr), (1, ""))


if __name__ == "__main__":
    unittest.main()
