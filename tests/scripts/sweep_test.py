#!/usr/bin/python3
"""Runs sweeps with real processes, real signals and a real PostgreSQL server.

Most have fake_trainer.py as their program; the tests that need mnist-train have "real" in their names. Without
python3-psycopg2 and postgresql, and without a browser, the parts that need them are skipped.
"""

import contextlib
import csv
import glob
import importlib.util
import json
import multiprocessing
import os
import runpy
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import unittest
from argparse import Namespace
from pathlib import Path
from unittest import mock

from support import PATIENCE, PROGRAM, ROOT, wait_until, write_program

SWEEP = str(ROOT / "scripts/sweep.py")
FAKE = str(Path(__file__).with_name("fake_trainer.py"))
DATA = ROOT / "data/sample"
TWO_TRIALS = ["--lr", "0.1,0.2", "--final-seeds", "0", "--jobs", "2"]

sys.path.insert(0, str(ROOT / "scripts"))
if not all(map(importlib.util.find_spec, ("optuna", "sklearn", "matplotlib"))):
    print("skipped: python3-optuna, python3-sklearn or python3-matplotlib is not installed")
    sys.exit(77)  # ctest shows it as skipped
import optuna
import sklearn.ensemble  # here once, since Optuna loads it only when it needs it
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.trial import TrialState

main = Namespace(**runpy.run_path(SWEEP))  # its functions
from sweep import SweepError, search, space

COMPLETED = (TrialState.COMPLETE,)
search.LOCK_SECONDS = 1
optuna.logging.set_verbosity(optuna.logging.ERROR)


def lines(file):
    return file.read_text().splitlines() if file.exists() else []


def run_sweep(arguments, errors, ignored):
    """Does what `sweep.py arguments 2> errors` does, in a fork of the test: to load Optuna again takes two seconds."""
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN if number in ignored else signal.SIG_DFL)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    os.dup2(os.open(errors, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 2)
    sys.argv = [SWEEP, *arguments]
    runpy.run_path(SWEEP, run_name="__main__")


class SweepTest(unittest.TestCase):
    def setUp(self):
        self.directory = Path(self.enterContext(tempfile.TemporaryDirectory(ignore_cleanup_errors=True)))
        self.out = self.directory / "study"

    def start(self, given, passed_on=("--epochs=1",), out=None, program=FAKE, ignored=()):
        out = out or self.out
        arguments = ["--out", str(out), "--program", program, *given, "--", *passed_on]
        errors = self.directory / f"errors-{out.name}"
        process = multiprocessing.get_context("fork").Process(target=run_sweep, args=(arguments, errors, ignored))
        process.errors = errors
        process.start()
        self.addCleanup(process.join)
        self.addCleanup(process.kill)
        return process

    def expect_end(self, process, code):
        process.join(PATIENCE)
        errors = process.errors.read_text()
        self.assertEqual(process.exitcode, code, errors)
        self.assertNotIn("Traceback", errors)
        return errors

    def sweep(self, *arguments, code=0, **others):
        return self.expect_end(self.start(*arguments, **others), code)

    def trials(self, url=None, states=None, name=None):
        storage = optuna.storages.RDBStorage(url or f"sqlite:///{self.out}/study.db")
        trials = optuna.load_study(study_name=name, storage=storage).get_trials(states=states)  # None: the only one
        storage.remove_session()  # no connection may be open in a fork
        storage.engine.dispose()
        return trials

    def rows(self, name="leaderboard.csv"):
        with open(self.out / name) as stream:
            return list(csv.DictReader(stream))

    def processes(self):
        found = []
        for link in glob.glob("/proc/[0-9]*/fd/2"):
            with contextlib.suppress(OSError):  # it has just ended
                if os.readlink(link) == str(self.out.resolve() / "jobs.log"):
                    found.append(int(link.split("/")[2]))
        return found

    def test_real_sweep_from_trials_to_page(self):
        # After five trials the median is known. The last one takes its time and learns nothing, so it ends early.
        self.sweep(["--lr", "0.1,1e-5", "--hidden", "32;64;256,256", "--jobs", "1", "--final-seeds", "2"],
                   ["--epochs", "40", "--data", str(DATA), "--validation", "200"], program=PROGRAM)
        trials = self.trials()
        self.assertEqual([(trial.params["lr"], trial.params["hidden"]) for trial in trials],
                         [(lr, hidden) for lr in (0.1, 1e-5) for hidden in ("32", "64", "256,256")])
        self.assertEqual([trial.state for trial in trials], [TrialState.COMPLETE] * 5 + [TrialState.PRUNED])
        best = max(trials[:5], key=lambda trial: trial.value)
        self.assertEqual(self.rows()[0]["trial"], str(best.number))
        finals = self.rows("final.csv")
        self.assertEqual([row["seed"] for row in finals], ["1", "2"])
        self.assertGreater(min(float(row["accuracy"]) for row in finals), 0.5)
        results = [json.loads(file.read_text()) for file in self.out.glob("final/*/result.json")]
        self.assertEqual([(result["data"]["train"], result["data"]["test"]) for result in results], [(1000, 500)] * 2)
        page = (self.out / "sweep.html").read_text()
        self.assertEqual((page.count("<figure>"), page.count("<tr>")), (4, 7))
        if importlib.util.find_spec("selenium") and os.path.exists("/usr/bin/chromedriver"):
            browsed = subprocess.run([sys.executable, ROOT / "tests/browse.py", "report", self.out / "sweep.html",
                                      "--shows", "Sweep study", "Hyperparameter Importances", "pruned"],
                                     capture_output=True, text=True)
            self.assertEqual(browsed.returncode, 0, browsed.stderr)

    def test_real_processes_do_not_outlive_a_killed_sweep_which_goes_on_and_does_without_test_images(self):
        data = self.directory / "data"
        shutil.copytree(DATA, data, ignore=shutil.ignore_patterns("t10k*"))
        command = [["--lr", "0.1,1e10", "--jobs", "2"], ["--epochs", "200", "--data", str(data), "--validation", "200"]]
        metrics = self.out / "trials/0000/metrics.jsonl"
        process = self.start(*command, program=PROGRAM)
        wait_until(lambda: len(lines(metrics)) > 1, "the run never began")
        process.kill()
        wait_until(lambda: not self.processes(), "the processes live on")
        begun = lines(metrics)
        self.assertLess(len(begun), 200)
        self.assertIn("the data has no test images", self.sweep(*command, program=PROGRAM))
        self.assertFalse((self.out / "final.csv").exists())
        self.assertEqual([(row["lr"], row["state"]) for row in self.rows()],
                         [("0.1", "completed"), ("10000000000.0", "diverged")])
        self.assertEqual(lines(metrics)[0], begun[0])  # with its times: resumed, not begun anew

    def test_real_program_says_what_is_wrong(self):
        for given, passed_on, code, said in (
                ("--lr=0.1", ["--data", "nothing"], 3, "nothing"),
                ("--lr=0.1", ["--data", str(DATA)], 2, "validation: .* found 10000"),
                ("--lr=0.1", ["--epochs", "no"], 2, "--epochs"),
                ("--lr=0.1", ["--recipe"], 2, "--recipe: expected a value"),
                ("--lr=0.1", ["--validation=9", "--patience=2", "--lr-schedule=linear"], 2, "--patience"),
                ("--lr-schedule=constant,cosine", ["--max-time=1h"], 2, "--max-time"),
                *(("--lr=0.1", [name], 2, f"{name}: the sweep sets this") for name in ("--lr", "-h", "--out=x"))):
            errors = self.sweep([given], passed_on, program=PROGRAM, code=code)
            self.assertRegex(errors, f"^sweep.py: error: .*{said}[^\\n]*\n$")
        self.assertFalse((self.out / "leaderboard.csv").exists())

    def test_keeps_finished_trials_and_goes_on(self):
        given = ["--lr", "0.01:0.2:log", "--sampler", "random"]
        self.sweep([*given, "--trials", "3", "--final-seeds", "0"], ["--epochs=3"])
        first = {file: file.stat().st_mtime_ns for file in self.out.glob("trials/*/metrics.jsonl")}
        self.assertEqual(len(first), 3)
        self.sweep([*given, "--trials", "5", "--final-seeds", "2"], ["--epochs=3"])
        self.assertEqual({file: file.stat().st_mtime_ns for file in first}, first)
        self.assertEqual([trial.state for trial in self.trials()], [TrialState.COMPLETE] * 5)
        accuracies = [float(row["accuracy"]) for row in self.rows()]
        self.assertEqual(accuracies, sorted((trial.value for trial in self.trials()), reverse=True))
        self.assertEqual(len(self.rows("final.csv")), 2)
        self.assertRegex(self.sweep(given, ["--epochs=4"], code=2), "epochs of this study: expected 3, found 4")

    def test_goes_on_in_a_renamed_directory_of_any_name(self):
        self.sweep(TWO_TRIALS)
        self.out = self.out.rename(self.directory / "a?b=c&d #%41 {<x>}")
        self.assertIn("\n0 trials in ", "\n" + self.sweep(TWO_TRIALS))
        self.assertEqual([row["state"] for row in self.rows()], ["completed"] * 2)
        self.assertIn("<title>Sweep a?b=c&amp;d #%41 {&lt;x&gt;}<", (self.out / "sweep.html").read_text())

    def test_ranks_by_loss_and_tells_pruned_and_diverged_trials_as_pruned(self):
        values = "0.1,0.2,0.12,0.13,0.14,1e-7,1e10"
        self.sweep(["--lr", values, "--jobs", "1", "--metric", "loss", "--final-seeds", "1"], ["--epochs=3"])
        trials = self.trials()
        self.assertEqual([trial.state for trial in trials], [TrialState.COMPLETE] * 5 + [TrialState.PRUNED] * 2)
        self.assertEqual([trial.user_attrs["run"]["state"] for trial in trials[5:]], ["pruned", "diverged"])
        self.assertEqual([len(trial.intermediate_values) for trial in trials], [3] * 5 + [1, 0])
        rows = self.rows()[:5]
        self.assertEqual([row["lr"] for row in rows], ["0.2", "0.14", "0.13", "0.12", "0.1"])
        self.assertEqual({row["loss"] for row in rows}, {str(trial.value) for trial in trials[:5]})
        self.assertEqual([directory.name for directory in (self.out / "final").iterdir()], ["0001-seed-1"])

    def test_takes_each_point_of_a_listed_grid_once_and_starts_one_program_for_each_job(self):
        starts, program = self.directory / "starts", self.directory / "program"
        write_program(program, f'echo >> {starts}\nexec {FAKE} "$@"')
        values = ",".join(map(str, range(1, 41)))
        self.sweep(["--lr", values, "--jobs", "2", "--final-seeds", "0"], program=str(program))
        self.assertEqual(sorted(trial.params["lr"] for trial in self.trials()), list(range(1, 41)))
        self.assertLessEqual(len(lines(starts)), 3)  # and one that prints the options

    def test_ends_if_the_first_trial_is_refused_and_the_corrected_command_goes_on(self):
        for _ in range(2):
            self.assertRegex(self.sweep(["--batch", "0"], code=2), "^sweep.py: error: --batch: .*\n$")
        self.sweep(["--batch", "1", "--final-seeds", "0"])
        self.assertEqual([row["state"] for row in self.rows()], ["completed"])

    def test_a_later_failure_costs_only_itself(self):
        self.sweep(["--batch", "1,0,9,2", "--jobs", "1", "--final-seeds", "0"])
        self.assertEqual([(row["batch"], row["state"], row["error"]) for row in self.rows()],
                         [("1", "completed", ""), ("2", "completed", ""),
                          ("0", "failed", "--batch: found 0"), ("9", "failed", "mnist-train jobs: ended with -6")])

    def test_keeps_the_table_if_a_final_training_diverges(self):
        errors = self.sweep(["--batch", "3"], code=1)
        self.assertRegex(errors.splitlines()[-1], "^sweep.py: error: .*0000-seed-1: diverged$")
        self.assertEqual([row["state"] for row in self.rows()], ["completed"])
        self.assertTrue((self.out / "sweep.html").exists())

    def test_ends_if_no_trial_can_write_its_files(self):
        errors = self.sweep(["--batch", "1,7,2", "--jobs", "1"], code=7)
        self.assertRegex(errors.splitlines()[-1], "^sweep.py: error: .*: No space left on device$")
        self.assertEqual(len(self.trials(states=(TrialState.WAITING,))), 2)  # it and the next

    def test_says_that_nothing_was_completed_and_keeps_the_earlier_table(self):
        self.out.mkdir()
        (self.out / "leaderboard.csv").write_text("precious")
        self.assertRegex(self.sweep(["--lr", "1e9,1e10"], code=1), "\nsweep.py: error: no trial was completed\n$")
        self.assertEqual((self.out / "leaderboard.csv").read_text(), "precious")

    def test_loses_nothing_if_nobody_reads_on(self):
        for name, how in (("piped", "| true"), ("closed", ">&- 2>&-")):
            command = [sys.executable, SWEEP, *TWO_TRIALS, "--program", FAKE, "--out", self.directory / name]
            shell = ["bash", "-c", f'"$@" -- --epochs=1 {how}; exit ${{PIPESTATUS[0]}}', "bash"]
            done = subprocess.run([*shell, *command], capture_output=True, text=True, timeout=PATIENCE)
            self.assertIn(done.returncode, (0, 128 + signal.SIGPIPE), name)
            self.assertNotIn("error", done.stderr)
            self.assertTrue((self.directory / name / "sweep.html").exists(), name)

    def hold(self, out):
        (out / "trials").mkdir(parents=True, exist_ok=True)
        (out / "trials/hold").touch()  # lets each run in the directory wait after an epoch

    def start_held(self, attempt=1, **others):
        """Starts a sweep of two runs, which wait. With each attempt they get one epoch further."""
        self.hold(self.out)
        process = self.start(TWO_TRIALS, ["--epochs=9"], **others)
        wait_until(lambda: [len(lines(file)) for file in self.out.glob("trials/*/metrics.jsonl")] == [attempt] * 2,
                   f"the runs never had {attempt} epochs")
        return process

    def expect_to_go_on(self):
        (self.out / "trials/hold").unlink(missing_ok=True)
        self.sweep(TWO_TRIALS, ["--epochs=9"])
        self.assertEqual(sorted(row["lr"] for row in self.rows()), ["0.1", "0.2"])
        for file in self.out.glob("trials/*/metrics.jsonl"):
            self.assertEqual([json.loads(line)["epoch"] for line in lines(file)], list(range(1, 10)))

    def test_is_ended_in_any_way_and_the_same_command_goes_on(self):
        for attempt, number in enumerate((signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL), 1):
            process = self.start_held(attempt)
            self.assertIn("another sweep is running in this directory", self.sweep(TWO_TRIALS, [], code=1))
            os.kill(process.pid, number)
            process.join()
            self.assertEqual(process.exitcode, -number)
            if number == signal.SIGKILL:
                (self.out / "trials/hold").unlink()
                wait_until(lambda: not self.processes(), "the processes live on")
            self.assertEqual(self.processes(), [])
        self.expect_to_go_on()
        for trial in self.trials(states=COMPLETED):
            self.assertLessEqual({1, 2, 3, 4, 9}, trial.intermediate_values.keys())  # also what was reported before

    def test_a_second_signal_ends_at_once(self):
        for attempt, number in enumerate((signal.SIGINT, signal.SIGTERM), 1):
            process = self.start_held(attempt)
            for pid in self.processes():
                os.kill(pid, signal.SIGSTOP)
            for _ in range(2):  # as timeout(1) does, to the process and to its group: one request
                os.kill(process.pid, number)
            wait_until(lambda: "saving" in process.errors.read_text(), "the signal never came")
            time.sleep(2 * main.SAME_REQUEST)
            self.assertTrue(process.is_alive())
            os.kill(process.pid, number)
            self.expect_end(process, -number)
            wait_until(lambda: not self.processes(), "the processes live on")
        self.expect_to_go_on()

    def test_leaves_signals_that_were_ignored_at_its_start(self):
        ignored = (signal.SIGINT, signal.SIGHUP)
        process = self.start_held(ignored=ignored)
        for number in ignored:
            os.kill(process.pid, number)
        (self.out / "trials/hold").unlink()
        self.expect_end(process, 0)

    def test_keeps_the_runs_if_the_database_is_locked_in_the_middle(self):
        process = self.start_held()
        lock = sqlite3.connect(self.out / "study.db", timeout=PATIENCE)
        self.addCleanup(lock.close)
        lock.execute("BEGIN EXCLUSIVE")
        (self.out / "trials/hold").unlink()  # and the next epochs cannot be reported
        errors = self.expect_end(process, 1)
        lock.close()
        self.assertRegex(errors.splitlines()[-1], f"^sweep.py: error: {self.out}/study.db: database is locked$")
        self.assertEqual(self.processes(), [])
        self.expect_to_go_on()

    def test_says_that_a_trial_was_taken_over(self):
        process = self.start_held()  # and frozen, so that another machine has taken it for dead
        storage = optuna.storages.RDBStorage(f"sqlite:///{self.out}/study.db")
        storage.set_trial_state_values(storage.get_all_trials(1)[0]._trial_id, TrialState.FAIL)
        storage.engine.dispose()
        (self.out / "trials/hold").unlink()
        errors = self.expect_end(process, 1)
        self.assertRegex(errors.splitlines()[-1], f"^sweep.py: error: {self.out}/study.db: .*finished")

    def test_names_what_is_wrong_with_a_storage(self):
        for url, found in (("mysql://u:secret@127.0.0.1:1/db", "MySQLdb"), ("foo://u:secret@h/db", "foo"),
                           ("postgresql://u:secret@h:port/db", "'port'")):
            with self.assertRaisesRegex(SweepError, f"^--storage .*: .*{found}") as caught:
                search.open_storage(Namespace(storage=url, heartbeat=1, out=self.out))
            self.assertNotIn("secret", str(caught.exception))
            self.assertEqual(caught.exception.code, 2)

    def test_draws_the_same_again_with_the_same_seed(self):
        drawn = []
        for name in ("first", "again"):
            self.out = self.directory / name  # 12 trials, since TPE draws its first ten at random
            self.sweep(["--lr", "0.01:0.5:log", "--trials", "12", "--jobs", "1", "--seed", "1", "--final-seeds", "0"])
            drawn.append([trial.params["lr"] for trial in self.trials()])
        self.assertEqual(drawn[0], drawn[1])

    def test_parses_a_space(self):
        for name, text, domain in (("lr", "1e-4:0.1:log", FloatDistribution(1e-4, 0.1, log=True)),
                                   ("batch", "20:64", IntDistribution(20, 64)),
                                   ("translate", "0:3", IntDistribution(0, 3)),
                                   ("translate", "0.0:3.0", FloatDistribution(0, 3)),
                                   ("hidden", "256,256; 64", CategoricalDistribution(["256,256", "64"])),
                                   ("shuffle", "yes,no", CategoricalDistribution([True, False]))):
            self.assertEqual(space.parse(name, text), domain)
        for name, text in (("lr", "0.1:0.01"), ("lr", "0:1:log"), ("lr", "0.1:1:2:3"), ("batch", "20,x"),
                           ("batch", "20,20"), ("batch", "1.5:3"), ("hidden", "64;"), ("shuffle", "perhaps")):
            with self.assertRaisesRegex(SweepError, f"--{name}: expected .* found '{text}'"):
                space.parse(name, text)

    def test_searches_the_strengths_of_an_augmentation_only_where_it_has_them(self):
        alpha = {"alpha": CategoricalDistribution([10, 20])}
        self.assertEqual(space.grid_points(alpha), [{"alpha": 10}, {"alpha": 20}])
        self.assertEqual(space.grid_points({"augment": CategoricalDistribution(["none", "elastic"]), **alpha}), [
            {"augment": "none"}, {"augment": "elastic", "alpha": 10}, {"augment": "elastic", "alpha": 20}])
        settings = {"translate": 2, "degrees": 5, "alpha": 9, "shuffle": True}
        affine = ["--translate=2", "--degrees=5"]
        elastic = [*affine, "--alpha=9"]
        for params, options in (({"augment": "none"}, []), ({"augment": "shift"}, affine[:1]),
                                ({"augment": "affine"}, affine), ({"lr": 1}, elastic)):
            self.assertEqual(search.as_options(settings, params),
                             [*options, "--shuffle=true", *(f"--{name}={value}" for name, value in params.items())])

    def test_reads_a_space_from_a_file_and_from_options(self):
        file = self.directory / "space.toml"
        file.write_text('\ufefflr = 0.5\nmomentum = "0:1"\nhidden = ["256,256", "none"]\nshuffle = [true, false]\n')
        arguments = main.parse_arguments(["--out", "x", "--space", str(file), "--lr", "0.1,0.2"])
        self.assertEqual(main.read_space(arguments), {
            "lr": CategoricalDistribution([0.1, 0.2]), "momentum": FloatDistribution(0, 1),
            "hidden": CategoricalDistribution(["256,256", "none"]), "shuffle": CategoricalDistribution([True, False])})
        file.write_text(file.read_text(), encoding="utf-16")
        self.assertRaisesRegex(SweepError, "expected TOML", space.read_toml, file)

    def test_starts_as_many_jobs_as_a_container_may_use(self):
        write_program(self.directory / "nproc", "echo 1")
        with mock.patch.dict(os.environ, PATH=f"{self.directory}:{os.environ['PATH']}"):
            self.assertEqual(main.parse_arguments(["--out", "x"]).jobs, 1)

    def start_server(self):
        found = sorted(glob.glob("/usr/lib/postgresql/*/bin/pg_ctl"))
        if not found or not importlib.util.find_spec("psycopg2"):
            self.skipTest("postgresql or python3-psycopg2 is not installed")
        directory = self.directory / "server"
        directory.mkdir()
        self.directory.chmod(0o755)
        user = {"user": "postgres", "group": "postgres"} if os.geteuid() == 0 else {}  # the server refuses to be root
        if user:
            shutil.chown(directory, **user)

        def pg_ctl(*arguments):
            command = [found[-1], "--pgdata=data", "--silent", *arguments]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=directory, **user)

        pg_ctl("initdb", "--options=-U sweep -A trust -E UTF8 -N")
        pg_ctl("start", "--log=log", f"--options=-h '' -k {directory}")  # reached by a socket in the directory alone
        self.addCleanup(pg_ctl, "stop", "--mode=immediate")
        return f"postgresql+psycopg2://sweep@/postgres?host={directory}"

    def share(self, url, name, search):
        """The values of the completed trials of two machines, of which one is killed in its first trial."""
        given = [*search, "--jobs", "1", "--storage", url, "--study", name, "--heartbeat", "1", "--final-seeds", "0"]
        directories = [self.directory / f"{name}-{machine}" for machine in ("killed", "other")]
        machines = []
        for directory in directories:
            self.hold(directory)
            machines.append(self.start([*given, "--pruner", "none"], ["--epochs=3"], out=directory))
            wait_until(lambda: list(directory.glob("trials/*/metrics.jsonl")), "the run never began")
        machines[0].kill()
        machines[0].join()
        for directory in directories:  # also for the run of the killed one, which then ends
            (directory / "trials/hold").unlink()
        self.expect_end(machines[1], 0)
        self.assertEqual(self.trials(url, (TrialState.RUNNING,), name), [])
        return sorted(trial.params["lr"] for trial in self.trials(url, COMPLETED, name))

    def test_two_machines_share_a_study_and_one_is_killed(self):
        url = self.start_server()
        self.assertEqual(self.share(url, "grid", ["--lr", "0.01,0.02,0.05,0.1,0.2"]), [0.01, 0.02, 0.05, 0.1, 0.2])
        drawn = self.share(url, "drawn", ["--lr", "0.01:0.2:log", "--sampler", "random", "--trials", "5"])
        self.assertIn(len(drawn), (5, 6))
        self.assertEqual(len(set(drawn)), len(drawn))


if __name__ == "__main__":
    unittest.main()
