#!/usr/bin/env python3
"""Runs the recipes in the section "Grids" of docs/sweeps.md with GNU parallel, and the script for Slurm.

Stand-ins take the places of ssh and of Slurm's scontrol.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from support import PROGRAM, ROOT, fenced, section, wait_until, write_program

SLURM_SCRIPT = ROOT / "scripts/slurm_array.sh"
needs_parallel = unittest.skipUnless(shutil.which("parallel"), "needs parallel")


def recipe(part):
    """The only command in the section that has this in it."""
    grids = section((ROOT / "docs/sweeps.md").read_text(), "## Grids")
    [command] = [block for language, block in fenced(grids) if language == "sh" and part in block]
    return command


class Grid(unittest.TestCase):
    def setUp(self):
        self.root = Path(self.enterContext(tempfile.TemporaryDirectory())).resolve()
        self.work, self.bin = self.root / "work", self.root / "bin"
        self.work.mkdir()
        self.bin.mkdir()
        (self.bin / "mnist-train").symlink_to(PROGRAM)
        self.environment = {**os.environ, "HOME": str(self.root), "MNIST_DATA_DIR": str(ROOT / "data/sample"),
                            "PATH": f"{self.bin}:{os.environ['PATH']}"}
        for name in ("PARALLEL", "GRID", "MNIST_TRAIN"):
            self.environment.pop(name, None)

    def shell(self, command):
        return subprocess.run(["bash", "-c", command], cwd=self.work, env=self.environment,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True)

    def check(self, command):
        done = self.shell(command)
        self.assertEqual(done.returncode, 0, f"{command}\n{done.stdout}\n{done.stderr}")
        return done.stdout

    def expect_whole_grid(self):
        lines = (self.work / "results.jsonl").read_text().splitlines()
        configs = [json.loads(line)["config"] for line in lines]
        self.assertEqual(sorted((config["lr"], config["seed"]) for config in configs),
                         [(lr, seed) for lr in (0.003, 0.01, 0.03) for seed in (1, 2, 3)])

    @needs_parallel
    def test_RunsAgainOnlyWhatFailed(self):
        write_program(self.bin / "mnist-train", f"exec '{PROGRAM}' --epochs 3 \"$@\"")
        command = recipe("--resume-failed mnist-train")
        (self.work / "runs").mkdir()
        obstacle = self.work / "runs/lr0.01-seed2"
        obstacle.write_text("")  # where a run wants its directory
        first = self.shell(command)
        self.assertEqual(first.returncode, 1, first.stderr)  # the number of jobs that failed
        lines = (self.work / "results.jsonl").read_text()
        times = {path: path.stat().st_mtime_ns for path in self.work.glob("runs/*/result.json")}
        self.assertEqual(len(times), 8)

        obstacle.unlink()
        self.check(command)
        self.assertTrue((self.work / "results.jsonl").read_text().startswith(lines))
        self.expect_whole_grid()
        self.assertEqual({path: path.stat().st_mtime_ns for path in times}, times)

        self.check(command)  # nothing is left to do
        self.expect_whole_grid()
        table = self.check(f"'{sys.executable}' '{ROOT}/scripts/leaderboard.py' runs results.jsonl")
        self.assertEqual([line.split()[:2] for line in table.splitlines()[1:]],
                         [["0.03", "3"], ["0.01", "3"], ["0.003", "3"]])

    @needs_parallel
    def test_SpreadsOverHostsAndDoesWithoutOneThatIsDown(self):
        # As ssh does: a shell in the home directory with an environment of its own takes the words as a line.
        write_program(self.bin / "ssh", f"""[[ ! -e '{self.root}/down' || $1 != two ]] || exit 255
host=$1
shift 2 # and --
cd
exec env -i HOME="$HOME" PATH="$PATH" MNIST_DATA_DIR="$MNIST_DATA_DIR" SHELL=/bin/bash HOST="$host" bash -c "$*"
""")
        write_program(self.bin / "mnist-train", f"""echo "$HOST" >> '{self.root}/used'
exec '{PROGRAM}' --epochs 3 "$@"
""")
        (self.work / "hosts").write_text("2/ssh one\n2/ssh two\n")
        command = recipe("--sshloginfile")
        self.check(command)
        self.expect_whole_grid()
        self.assertEqual(set((self.root / "used").read_text().split()), {"one", "two"})

        for file in (self.work / "grid.log", self.work / "results.jsonl", self.root / "used"):
            file.unlink()
        (self.root / "down").touch()
        self.check(command)  # the runs are there and are only shown
        self.expect_whole_grid()
        self.assertEqual(set((self.root / "used").read_text().split()), {"one"})

    def task(self, number, *options, **environment):
        write_program(self.bin / "scontrol", f"echo \"$@\" >> '{self.root}/scontrol'")
        slurm = {"SLURM_ARRAY_JOB_ID": "40", "SLURM_ARRAY_TASK_ID": str(number)}
        return subprocess.Popen(["bash", SLURM_SCRIPT, *options], cwd=self.work, text=True, start_new_session=True,
                                env={**self.environment, **slurm, **environment},
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def expect_end(self, task, code):
        output, errors = task.communicate()
        self.assertEqual(task.returncode, code, errors)
        return output

    def test_GoesOnAfterTimeLimitAndPreemption(self):
        for line in ("--requeue", "--signal=B:USR1@"):
            self.assertIn(f"\n#SBATCH {line}", SLURM_SCRIPT.read_text())
        options = ("--epochs", "150", "--save-every", "50")
        self.check("mnist-train --quiet --out reference --seed 3 " + " ".join(options))
        metrics = self.work / "runs/3/metrics.jsonl"

        def start_and_wait_for(epochs):
            task = self.task(3, *options)
            wait_until(lambda: task.poll() is not None or
                       (metrics.exists() and metrics.read_text().count("\n") >= epochs), f"epoch {epochs} never came")
            return task

        task = start_and_wait_for(5)
        os.kill(task.pid, signal.SIGUSR1)  # to the shell alone, as --signal=B: has it
        result = json.loads(self.expect_end(task, 143))
        self.assertEqual(result["status"], "interrupted")
        self.assertEqual((self.root / "scontrol").read_text(), "requeue 40_3\n")

        task = start_and_wait_for(result["epochs"] + 5)
        os.killpg(task.pid, signal.SIGTERM)  # to all, as Slurm does
        self.assertEqual(json.loads(self.expect_end(task, 143))["status"], "interrupted")
        self.assertEqual((self.root / "scontrol").read_text(), "requeue 40_3\n")  # Slurm does so itself

        self.assertEqual(json.loads(self.expect_end(self.task(3, *options), 0))["status"], "completed")
        resumed, reference = (self.work / run / "model.safetensors" for run in ("runs/3", "reference"))
        self.assertEqual(resumed.read_bytes(), reference.read_bytes())

    @needs_parallel
    def test_TakesOptionsFromALineOfTheGrid(self):
        for name in ("mnist-train", "show words"):
            write_program(self.bin / name, 'printf "<%s>" "$@"')
        (self.work / "words").write_text('printf "<%s>" "$@"\n')
        self.check(recipe("grid.txt").split("\nGRID=")[0])
        (self.work / "windows.txt").write_text("\ufeff--lr 1\r\n--lr 2\r\n")
        (self.work / "quoted.txt").write_text("""--hidden "64,32" --out 'a b' --data c\\ d\n""")
        quoted = "<--hidden><64,32><--out><a b><--data><c d>"
        for number, environment, before, options in (
                (2, {}, "", "<--seed><2>"), (9, {"GRID": "grid.txt"}, "", "<--lr><0.03><--seed><3>"),
                (1, {"GRID": "windows.txt"}, "", "<--lr><1>"),
                (1, {"GRID": "quoted.txt", "MNIST_TRAIN": f"{self.bin}/show words"}, "", quoted),
                (1, {"GRID": "quoted.txt", "MNIST_TRAIN": "bash -- words 1"}, "<1>", quoted)):
            self.assertEqual(self.expect_end(self.task(number, "--epochs", "3", **environment), 0),
                             f"{before}<--out><runs/{number}><--resume><--json><--quiet>{options}<--epochs><3>")

    def test_NamesWhatIsWrongWithTheGrid(self):
        (self.work / "grid.txt").write_text("--hidden '64\n")
        for number, grid, said in ((2, "grid.txt", "line 2"), (1, "none.txt", "none.txt"), (0, "grid.txt", "task 0"),
                                   ("", "grid.txt", "SLURM_ARRAY_TASK_ID"), (1, "grid.txt", "quoted")):
            task = self.task(number, GRID=grid)
            self.assertRegex(task.communicate()[1], f"^slurm_array.sh: error: .*{said}")
            self.assertEqual(task.returncode, 2)

    def test_PassesFailuresOn(self):
        self.expect_end(self.task(1, "--lr", "1e6"), 4)
        self.assertFalse((self.root / "scontrol").exists())


if __name__ == "__main__":
    unittest.main()
