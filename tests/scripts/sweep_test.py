#!/usr/bin/env python3
"""Runs sweeps with real processes, real signals, a full disk and a real PostgreSQL server.

    MNIST_TRAIN_PROGRAM=build/release/mnist-train sweep_test.py

Most have fake_trainer.py as their program; the tests that need mnist-train have "real" in their names. Needs Debian's
python3-optuna and python3-sklearn; without python3-psycopg2 and postgresql, and without a browser, the parts that need
them are skipped.
"""

import contextlib
import csv
import functools
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

ROOT = Path(__file__).resolve().parents[2]
SWEEP = str(ROOT / "scripts/sweep.py")
FAKE = str(Path(__file__).with_name("fake_trainer.py"))
REAL = os.environ.get("MNIST_TRAIN_PROGRAM", str(ROOT / "build/release/mnist-train"))
DATA = ROOT / "data/sample"
PATIENCE = 300  # seconds; only what never comes waits that long
WAIT_SHORTLY = mock.patch("sqlite3.dbapi2.connect", functools.partial(sqlite3.connect, timeout=0.1))  # for locks
TWO_TRIALS = ["--lr", "0.1,0.2", "--sampler", "grid", "--final-seeds", "0", "--jobs", "2"]

sys.path.insert(0, str(ROOT / "scripts"))
HAS_OPTUNA = importlib.util.find_spec("optuna") and importlib.util.find_spec("sklearn")
if HAS_OPTUNA:
    import optuna
    import sklearn.ensemble  # here once, since Optuna loads it only when it needs it
    from optuna.trial import TrialState
    from sweep import SweepError, chart, options, places, runs, space, study

    optuna.logging.set_verbosity(optuna.logging.ERROR)


def wait_until(is_so, otherwise):
    deadline = time.monotonic() + PATIENCE
    while not is_so():
        if time.monotonic() > deadline:
            raise AssertionError(otherwise)
        time.sleep(0.02)


def stored_trials(url, name):
    storage = optuna.storages.RDBStorage(url)
    trials = optuna.load_study(study_name=name, storage=storage).trials
    storage.remove_session()  # no connection may be open in a fork
    storage.engine.dispose()
    return trials


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
        self.folder = Path(tempfile.mkdtemp(prefix="sweep-test-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.out = self.folder / "study"
        self.errors = self.folder / "errors"

    def start(self, given, passed_on, out=None, program=FAKE, ignored=()):
        arguments = ["--out", str(out or self.out), "--program", program, *given, "--", *passed_on]
        process = multiprocessing.get_context("fork").Process(target=run_sweep, args=(arguments, self.errors, ignored))
        process.start()
        self.addCleanup(process.join)
        self.addCleanup(process.kill)
        return process

    def expect_end(self, process, code):
        """Returns what the sweep has said."""
        process.join(PATIENCE)
        errors = self.errors.read_text()
        self.assertEqual(process.exitcode, code, errors)
        return errors

    def sweep(self, *arguments, code=0, **others):
        return self.expect_end(self.start(*arguments, **others), code)

    def trials(self):
        return stored_trials(f"sqlite:///{self.out}/study.db", "study")

    def rows(self, file):
        with open(file) as stream:
            return list(csv.DictReader(stream))

    def processes(self, folder):
        """The identities of all whose errors go to a file in or below the folder."""
        found = []
        for link in glob.glob("/proc/[0-9]*/fd/2"):
            with contextlib.suppress(OSError):  # it has just ended
                if os.readlink(link).startswith(f"{folder.resolve()}/"):
                    found.append(int(link.split("/")[2]))
        return found

    def wait_for_end_of_processes(self, folder):
        """The kernel takes its time to kill them."""
        wait_until(lambda: not self.processes(folder), "the processes live on")

    def expect_completed(self, count, trials):
        """One trial in each place."""
        self.assertEqual([trial.state for trial in places.counted(trials)], [TrialState.COMPLETE] * count)
        self.assertEqual([trial.state for trial in trials].count(TrialState.COMPLETE), count)

    def expect_page(self, *texts):
        page = (self.out / "sweep.html").read_text()
        self.assertNotIn("<script", page)
        self.assertNotIn("http", page)
        for text in texts:
            self.assertIn(f">{text}<", page)

    # With mnist-train.

    def test_real_sweep_from_trials_to_page(self):
        # After five trials the median is known. The last one takes its time and learns nothing, so it ends early.
        self.sweep(["--lr", "0.1,1e-5", "--hidden", "32;64;256,256", "--sampler", "grid", "--jobs", "1",
                    "--final-seeds", "2"], ["--epochs", "40", "--data", str(DATA), "--validation", "200"], program=REAL)
        trials = self.trials()
        self.assertEqual([(trial.params["lr"], trial.params["hidden"]) for trial in trials],
                         [(lr, hidden) for lr in (0.1, 1e-5) for hidden in ("32", "64", "256,256")])
        self.assertEqual([trial.state for trial in trials], [TrialState.COMPLETE] * 5 + [TrialState.PRUNED])
        best = max(trials[:5], key=lambda trial: trial.value)
        self.assertEqual(best.params["lr"], 0.1)
        self.assertEqual(self.rows(self.out / "leaderboard.csv")[0]["trial"], str(best.number))
        finals = self.rows(self.out / "final.csv")
        self.assertEqual([row["seed"] for row in finals], ["1", "2"])
        self.assertGreater(min(float(row["accuracy"]) for row in finals), 0.5)
        results = [json.loads(file.read_text()) for file in self.out.glob("final/*/result.json")]
        self.assertEqual([result["data"]["train"] for result in results], [1000, 1000])
        texts = ["The best", "History", "What matters", "lr", "Learning curves", "Trials"]
        self.expect_page(*texts)
        if importlib.util.find_spec("selenium") and os.path.exists("/usr/bin/chromedriver"):
            command = [sys.executable, ROOT / "tests/browse.py", "report", self.out / "sweep.html", "--shows", *texts]
            browsed = subprocess.run(command, capture_output=True, text=True)
            self.assertEqual(browsed.returncode, 0, browsed.stderr)

    def test_real_sweep_goes_on_beside_a_full_disk_and_without_test_images(self):
        data = self.folder / "data"
        shutil.copytree(DATA, data, ignore=shutil.ignore_patterns("t10k*"))
        command = [["--lr", "0.1,0.2,1e10", "--sampler", "grid", "--jobs", "2"],
                   ["--epochs", "60", "--data", str(data), "--validation", "200"]]
        reason = self.fill_disk(self.out / "trials/0001")
        metrics = self.out / "trials/0000/metrics.jsonl"
        process = self.start(*command, program=REAL)
        wait_until(lambda: lines(metrics), "the run never began")
        process.terminate()
        self.expect_end(process, 143)
        begun = lines(metrics)
        self.assertIn("the data has no test images", self.sweep(*command, program=REAL))
        self.assertFalse((self.out / "final.csv").exists())
        rows = {row["lr"]: row for row in self.rows(self.out / "leaderboard.csv")}
        self.assertEqual({lr: row["state"] for lr, row in rows.items()},
                         {"0.1": "done", "0.2": "failed", "10000000000.0": "diverged"})
        self.assertRegex(rows["0.2"]["trouble"], f"^exit code 7: .*{reason}")
        # Resumed, not begun anew: the times of the first epochs are still those of the first attempt.
        self.assertEqual(lines(metrics)[:len(begun)], begun)

    def fill_disk(self, folder):
        """Returns why nothing can be written to the folder."""
        folder.mkdir(parents=True)
        mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "none", str(folder)]
        if os.geteuid() == 0 and subprocess.run(mount, capture_output=True).returncode == 0:
            self.addCleanup(subprocess.run, ["umount", str(folder)], check=True)
            return "No space left on device"
        folder.rmdir()
        folder.touch()
        return "Not a directory"

    def test_real_runs_are_killed_if_they_hang_or_their_spawner_is_gone(self):
        settings = {"data": DATA, "validation": 200, "hidden": "32", "epochs": 1000000}
        with runs.Spawner(REAL, settings, self.folder / "spawner.log") as spawner:
            spawner.wait_until_ready()
            hanging, ending, left = [runs.Run(spawner, settings, self.folder / str(i)) for i in range(3)]
            for run in (hanging, ending, left):
                wait_until(run.new_epochs, "the run never began")
            for run in (hanging, left):
                os.kill(run.pid, signal.SIGSTOP)
            with mock.patch.object(runs, "PATIENCE", 0.1):
                runs.end([hanging])
            runs.end([ending])
            self.assertEqual([hanging.code, ending.code, left.code], [-signal.SIGKILL, 143, None])
            self.assertEqual(ending.result()["status"], "interrupted")
        self.wait_for_end_of_processes(self.folder)

    def test_passes_on_what_the_real_program_says_of_the_data(self):
        with (self.assertRaisesRegex(SweepError, "nothing.* fetch") as caught,
              runs.Spawner(REAL, {"data": self.folder / "nothing"}, self.folder / "log") as spawner):
            spawner.wait_until_ready()
        self.assertEqual(caught.exception.code, 3)
        errors = self.sweep(["--lr", "0.1"], ["--data", str(DATA)], program=REAL, code=2)
        self.assertRegex(errors, "^sweep.py: error: --validation: expected fewer than the 1000 training images, found "
                                 "10000, which sweep.py takes of itself; [^\\n]*\n$")

    def test_real_program_knows_the_options_of_the_space(self):
        values = dict.fromkeys(space.NAMES, 0.1) | {"batch": 20, "alpha": 10, "hidden": "32,32", "shuffle": True,
                                                    "lr-schedule": "cosine", "augment": "elastic"}
        options.ask_program(REAL, *runs.as_options(values), "--recipe", "quick", "--print-config")
        for option, text, passed_on, found in (
                ("momentum", "0:2", [], "--momentum"), ("alpha", "9:20", [], "--alpha requires --augment"),
                *(("lr", "0.1", [name], f"^{name}: after -- exp") for name in ("--lr", "--help", "-h", "--version"))):
            with self.assertRaisesRegex(SweepError, found) as caught:
                options.read_settings(REAL, passed_on, {option: space.parse(option, text)})
            self.assertEqual(caught.exception.code, 2)

    def test_asks_about_each_option_with_those_that_it_needs(self):
        searched = {"alpha": space.Range(10, 20, False), "augment": space.Choices(["elastic"])}
        with mock.patch.object(options, "ask_program", return_value='augment = "none"') as ask:
            options.read_settings("program", [], searched)
        for alpha in (10, 20):
            ask.assert_any_call("program", f"--alpha={alpha}", "--augment=elastic", "--print-config")

    def test_asks_for_parameters_only_where_they_have_an_effect(self):
        searched = {"augment": space.Choices(["none", "elastic", "shift"]), "alpha": space.Range(10, 20, False)}
        options.read_settings(REAL, [], searched)
        self.assertEqual(space.applicable({"augment": "shift", "translate": 2, "alpha": 9, "lr": 1}),
                         {"augment": "shift", "translate": 2, "lr": 1})
        self.assertEqual(space.applicable({"lr": 1, "degrees": 5}), {"lr": 1})

    # Whole sweeps.

    def test_keeps_finished_trials_and_goes_on(self):
        given = ["--lr", "0.01:0.2:log", "--sampler", "random"]
        self.sweep([*given, "--trials", "3", "--final-seeds", "0"], ["--epochs=3"])
        first = {file: file.stat().st_mtime_ns for file in self.out.glob("trials/*/result.json")}
        self.assertEqual(len(first), 3)
        self.sweep([*given, "--trials", "5", "--final-seeds", "2"], ["--epochs=3"])
        self.assertEqual({file: file.stat().st_mtime_ns for file in first}, first)
        self.assertEqual([trial.state for trial in self.trials()], [TrialState.COMPLETE] * 5)
        accuracies = [float(row["accuracy"]) for row in self.rows(self.out / "leaderboard.csv")]
        self.assertEqual(accuracies, sorted((trial.value for trial in self.trials()), reverse=True))
        self.assertEqual(len(self.rows(self.out / "final.csv")), 2)
        self.assertIn("options that the study was begun with", self.sweep(given, ["--epochs=4"], code=2))

    def test_ranks_by_loss_and_tells_pruned_and_diverged_trials_as_pruned(self):
        self.sweep(["--lr", "0.1,0.2,0.12,0.13,0.14,1e-7,1e10", "--sampler", "grid", "--jobs", "1", "--metric", "loss",
                    "--final-seeds", "1"], ["--epochs=3"])
        trials = self.trials()
        self.assertEqual([trial.state for trial in trials], [TrialState.COMPLETE] * 5 + [TrialState.PRUNED] * 2)
        self.assertEqual([trial.user_attrs["run"]["ended"] for trial in trials[5:]], ["pruned", "diverged"])
        self.assertEqual([len(trial.intermediate_values) for trial in trials], [3] * 5 + [1, 0])
        rows = self.rows(self.out / "leaderboard.csv")[:5]
        self.assertEqual([row["lr"] for row in rows], ["0.2", "0.14", "0.13", "0.12", "0.1"])
        self.assertEqual({row["loss"] for row in rows}, {str(trial.value) for trial in trials[:5]})
        # What is trained again is the best by loss, too.
        self.assertEqual([folder.name for folder in (self.out / "final").iterdir() if folder.is_dir()], ["0001-seed-1"])

    def test_page_says_that_nothing_was_completed_and_escapes_names(self):
        self.out = self.folder / "a<b>&c"
        errors = self.sweep(["--lr", "1e9,1e10", "--sampler", "grid"], ["--epochs=1"], code=1)
        self.assertRegex(errors, "sweep.py: error: expected a trial that was completed, found none; see ")
        self.expect_page("No trial was completed.", "2 trials: 2 diverged", "Sweep a&lt;b&gt;&amp;c")

    def test_loses_nothing_if_nobody_reads_on(self):
        started = {}
        for name, how in (("piped", "| true"), ("joined", "2>&1 | head -n 1"), ("closed", ">&- 2>&-")):
            command = [sys.executable, SWEEP, *TWO_TRIALS, "--program", FAKE, "--out", self.folder / name]
            started[name] = subprocess.Popen(
                ["bash", "-c", f'"$@" -- --epochs=1 {how}; exit ${{PIPESTATUS[0]}}', "bash", *command],
                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for name, process in started.items():
            _, errors = process.communicate(timeout=PATIENCE)
            self.assertIn(process.returncode, (0, 128 + signal.SIGPIPE), name)
            self.assertNotIn("error", errors)
            self.assertTrue((self.folder / name / "sweep.html").exists(), name)
            self.assertEqual(len(self.rows(self.folder / name / "leaderboard.csv")), 2)

    # Sweeps that are disturbed.

    def hold(self, out):
        """Lets each run in the folder wait after an epoch."""
        (out / "trials").mkdir(parents=True, exist_ok=True)
        (out / "trials/hold").touch()

    def start_held(self, attempt=1, **others):
        """Starts a sweep of two runs, which wait. With each attempt they get one epoch further."""
        self.hold(self.out)
        process = self.start(TWO_TRIALS, ["--epochs=9"], **others)
        wait_until(lambda: [len(lines(file)) for file in self.out.glob("trials/*/metrics.jsonl")] == [attempt] * 2,
                   f"the runs never had {attempt} epochs")
        return process

    def expect_to_go_on(self):
        """With the same command, to the end."""
        (self.out / "trials/hold").unlink(missing_ok=True)
        self.sweep(TWO_TRIALS, ["--epochs=9"])
        self.expect_completed(2, self.trials())
        for trial in places.counted(self.trials()):
            self.assertEqual(sorted(trial.intermediate_values), list(range(1, 10)))

    def test_signals_end_all_and_the_same_command_goes_on(self):
        ends = ((signal.SIGINT, -signal.SIGINT), (signal.SIGTERM, 143), (signal.SIGHUP, 143))
        for attempt, (number, code) in enumerate(ends, 1):
            process = self.start_held(attempt)
            os.kill(process.pid, number)
            self.expect_end(process, code)
            self.assertEqual(self.processes(self.out), [])
        self.expect_to_go_on()

    def test_leaves_signals_that_were_ignored_at_its_start(self):
        ignored = (signal.SIGINT, signal.SIGHUP)
        process = self.start_held(ignored=ignored)
        for number in ignored:
            os.kill(process.pid, number)
        (self.out / "trials/hold").unlink()
        self.expect_end(process, 0)

    def test_nothing_outlives_a_killed_sweep_or_spawner_and_the_same_command_goes_on(self):
        process = self.start_held()
        os.kill(self.processes(self.out / "trials")[0], signal.SIGSTOP)
        process.kill()
        self.wait_for_end_of_processes(self.out)
        process = self.start_held(2)
        (spawner,) = set(self.processes(self.out)) - set(self.processes(self.out / "trials"))
        os.kill(spawner, signal.SIGKILL)
        self.assertIn("sweep.py: error: mnist-train spawn: ended with -9", self.expect_end(process, 1))
        self.wait_for_end_of_processes(self.out)
        self.expect_to_go_on()

    @WAIT_SHORTLY
    def test_keeps_the_runs_if_the_database_is_locked_in_the_middle(self):
        process = self.start_held()
        lock = self.lock_database()
        (self.out / "trials/hold").unlink()  # and the next epochs cannot be reported
        errors = self.expect_end(process, 1)
        lock.close()
        self.assertRegex(errors.splitlines()[-1], f"^sweep.py: error: {self.out}/study.db: expected a database that "
                                                  "answers, found: database is locked; mend that, ")
        self.assertNotIn("Traceback", errors)
        self.assertEqual(self.processes(self.out), [])
        self.expect_to_go_on()

    def lock_database(self):
        connection = sqlite3.connect(self.out / "study.db", timeout=PATIENCE)
        self.addCleanup(connection.close)
        connection.execute("BEGIN EXCLUSIVE")
        return connection

    # The parts of a sweep.

    def test_names_what_is_wrong_with_a_storage(self):
        for url, found in (("mysql://u:secret@127.0.0.1:1/db", "MySQLdb"), ("oracle://u:secret@h/db", "cx_Oracle"),
                           ("foo://u:secret@h/db", "'foo://...@h/db'"), ("nonsense", "'nonsense'"),
                           ("postgresql://u:secret@h:port/db", "h:port")):
            with self.assertRaisesRegex(SweepError, f"^--storage(?=.*{found}).*: expected .*, found") as caught:
                study.open_storage(url, None)
            self.assertNotIn("secret", str(caught.exception))
            self.assertEqual(caught.exception.code, 2)
        errors = self.sweep(["--storage", "mysql://u@h/db", "--lr", "0.1,0.2"], ["--epochs=1"], code=2)
        self.assertRegex(errors, "^sweep.py: error: --storage [^\\n]*\n$")

    @WAIT_SHORTLY
    def test_names_what_is_wrong_with_a_database(self):
        self.out.mkdir()
        self.lock_database()
        (self.folder / "text.db").write_text("no database\n" * 100)
        for name, found in (("none/a.db", "unable to open database file"), ("text.db", "file is not a database"),
                            ("study/study.db", "database is locked")):
            url = f"sqlite:///{self.folder}/{name}"
            with self.assertRaises(study.STORAGE_ERRORS) as caught:
                study.open_storage(url, None)
            trouble = study.storage_trouble(Namespace(storage=url), caught.exception)
            self.assertEqual(trouble.split("; ")[0], f"{url[10:]}: expected a database that answers, found: {found}")

    def drawn(self, name, sampler, seed, trials):
        """The learning rates of a study in a folder of this name, which may be there already."""
        arguments = Namespace(out=self.folder / name, storage=None, study=None, pruner="none", metric="loss",
                              sampler=sampler, seed=seed, trials=trials, heartbeat=None)
        arguments.out.mkdir(exist_ok=True)
        domain = space.Range(0.01, 0.5, True)
        whole = study.open_study(arguments, {"lr": domain}, {"epochs": 1})
        while trial := whole.ask():
            whole.tell(trial, TrialState.COMPLETE, {"ended": "done"}, domain.suggest(trial, "lr"))
        return [trial.params["lr"] for trial in whole.trials()]

    def test_draws_the_same_again_with_the_same_seed(self):
        for sampler, count in (("random", 3), ("tpe", 12)):  # TPE draws its first ten at random
            first = self.drawn(f"{sampler}1", sampler, 1, count)
            # One that goes on does not begin to draw anew.
            self.assertEqual(self.drawn(f"{sampler}2", sampler, 1, count - 1), first[:-1])
            self.assertEqual(self.drawn(f"{sampler}2", sampler, 1, count), first)
            others = [self.drawn(f"{sampler}3", sampler, 2, count), self.drawn(f"{sampler}4", sampler, None, count)]
            self.assertEqual(len({*first, *others[0], *others[1]}), 3 * count)

    def test_refuses_a_space_that_it_does_not_understand(self):
        for name, text in (("lr", "0.1:0.01"), ("lr", "0:1:log"), ("lr", "0.1:1:2:3"), ("batch", "20,x"),
                           ("batch", "20,20"), ("hidden", "64;"), ("shuffle", "perhaps"),
                           ("alpha", "x"), ("augment", "none,none")):
            with self.assertRaisesRegex(SweepError, f"--{name}: expected .* found '{text}'"):
                space.parse(name, text)

    def test_reads_a_space_from_a_file_and_from_options(self):
        file = self.folder / "space.toml"
        file.write_text('lr = "1e-3:0.1:log"\nbatch = [20, 32]\n'
                        'hidden = ["256,256", "none"]\nshuffle = [true, false]\n')
        found = {name: space.parse(name, text) for name, text in space.read_toml(file).items()}
        self.assertEqual(found, {"lr": space.Range(1e-3, 0.1, True), "batch": space.Choices([20, 32]),
                                 "hidden": space.Choices(["256,256", "none"]), "shuffle": space.Choices([True, False])})
        file.write_text("\ufeff" + file.read_text().replace("\n", "\r\n"))  # as Notepad has it
        arguments = options.parse_arguments(["--out", "x", "--space", str(file), "--lr", "0.1,0.2"], "")
        self.assertEqual(options.read_space(arguments), found | {"lr": space.Choices([0.1, 0.2])})
        file.write_text(file.read_text(), encoding="utf-16")
        self.assertRaisesRegex(SweepError, "expected TOML", space.read_toml, file)

    def test_ticks_are_round_numbers_around_what_is_drawn(self):
        self.assertEqual(chart.log_ticks(0.7, 12), [0.5, 1, 2, 5, 10, 20])
        self.assertEqual(chart.log_ticks(1, 1), [1, 2])
        self.assertEqual(list(chart.whole_ticks(0, 39)), [0, 5, 10, 15, 20, 25, 30, 35])
        self.assertEqual(list(chart.whole_ticks(1, 10)), list(range(1, 11)))
        self.assertEqual(list(chart.whole_ticks(0.5, 1.5)), [1])

    def test_gives_each_place_to_one_trial(self):
        storage = study.open_storage(f"sqlite:///{self.folder}/study.db", 30)
        whole = study.Study(optuna.create_study(storage=storage), storage, 1, 30)
        # Two machines that ask at once, both before the other's trial is there.
        first, second = whole.study.ask(), whole.study.ask()
        self.assertEqual([whole.has_place(first), whole.has_place(second)], [True, False])
        second.set_user_attr(places.SURPLUS, True)
        whole.study.tell(second, state=TrialState.FAIL)
        self.assertIsNone(whole.ask())
        # The first is lost, and both machines put it into the queue.
        whole.study.tell(first, state=TrialState.FAIL)
        for _ in range(2):
            whole.study.enqueue_trial({}, user_attrs={places.RETRY: first.number})
        again = whole.ask()
        self.assertEqual(again.user_attrs[places.RETRY], first.number)
        self.assertIsNone(whole.ask())
        self.assertFalse(whole.is_over())
        self.assertTrue(whole.tell(again, TrialState.COMPLETE, {"ended": "done"}, 0.5))
        self.assertTrue(whole.is_over())
        self.assertEqual([trial.number for trial in places.counted(whole.trials())], [again.number])

    def test_tries_again_what_was_lost_before_its_first_sign_of_life(self):
        storage = study.open_storage(f"sqlite:///{self.folder}/study.db", 1)
        whole = study.Study(optuna.create_study(storage=storage), storage, 1, 1)
        lost = whole.study.ask()  # by a machine that dies at once

        def is_queued_again():
            whole.keep_alive([])
            return any(trial.state == TrialState.WAITING for trial in whole.trials())

        wait_until(is_queued_again, "the place of the lost trial stays empty")
        self.assertEqual(whole.ask().user_attrs[places.RETRY], lost.number)

    def start_server(self):
        found = sorted(glob.glob("/usr/lib/postgresql/*/bin/pg_ctl"))
        if not found or not importlib.util.find_spec("psycopg2"):
            self.skipTest("postgresql or python3-psycopg2 is not installed")
        folder = self.folder / "server"
        folder.mkdir()
        self.folder.chmod(0o755)
        user = {"user": "postgres", "group": "postgres"} if os.geteuid() == 0 else {}  # the server refuses to be root
        if user:
            shutil.chown(folder, **user)

        def pg_ctl(*arguments):
            command = [found[-1], "--pgdata=data", "--silent", *arguments]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=folder, **user)

        pg_ctl("initdb", "--options=-U sweep -A trust -E UTF8 -N")
        pg_ctl("start", "--log=log", f"--options=-h '' -k {folder}")  # reached by a socket in the folder alone
        self.addCleanup(pg_ctl, "stop", "--mode=immediate")
        return f"postgresql://sweep@/postgres?host={folder}"

    def test_two_workers_share_a_study_and_one_is_killed(self):
        url = self.start_server()
        command = [["--lr", "0.01:0.2:log", "--sampler", "random", "--trials", "5", "--jobs", "1", "--storage", url,
                    "--study", "shared", "--heartbeat", "1", "--final-seeds", "0"], ["--epochs=3"]]
        killed, other = folders = [self.folder / "killed", self.folder / "other"]
        for folder in folders:
            self.hold(folder)
        first, second = [self.start(*command, out=folder) for folder in folders]
        for folder in folders:
            wait_until(lambda: list(folder.glob("trials/*/metrics.jsonl")), "the run never began")
        first.kill()
        first.join()
        (other / "trials/hold").unlink()
        self.expect_end(second, 0)
        trials = stored_trials(url, "shared")
        self.expect_completed(5, trials)
        self.assertTrue(any(places.RETRY in trial.user_attrs for trial in trials))


if __name__ == "__main__":
    if not HAS_OPTUNA:
        print("skipped: python3-optuna or python3-sklearn is not installed")
        sys.exit(77)  # ctest shows it as skipped
    unittest.main()
