#!/usr/bin/env python3
"""Runs sweeps with the real program, real signals, a full disk and a real PostgreSQL server.

    MNIST_TRAIN_PROGRAM=build/release/mnist-train sweep_test.py

Needs Debian's python3-optuna and python3-sklearn; without python3-psycopg2 and postgresql, and
without a browser, the parts that need them are skipped.
"""

import csv
import glob
import html
import importlib.util
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import unittest
import unittest.mock
from argparse import Namespace
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SWEEP = str(ROOT / "scripts/sweep.py")
PROGRAM = os.environ.get("MNIST_TRAIN_PROGRAM", str(ROOT / "build/release/mnist-train"))
SAMPLE = ["--data", str(ROOT / "data/sample"), "--validation", "200"]
PATIENCE = 100  # seconds; only what never comes waits that long
LONG = ["--lr", "0.01,0.02", "--hidden", "32", "--sampler", "grid"]  # two trials of some seconds
LONG_RUN = ["--epochs", "400", *SAMPLE]

sys.path.insert(0, str(ROOT / "scripts"))
HAS_OPTUNA = importlib.util.find_spec("optuna") and importlib.util.find_spec("sklearn")
if HAS_OPTUNA:
    import optuna
    from optuna.trial import TrialState
    from sweep import SweepError, chart, places, report, space, study

    optuna.logging.set_verbosity(optuna.logging.ERROR)


def wait_until(is_so, otherwise):
    deadline = time.monotonic() + PATIENCE
    while not is_so():
        if time.monotonic() > deadline:
            raise AssertionError(otherwise)
        time.sleep(0.05)


def is_alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def stored_trials(url, name):
    return optuna.load_study(study_name=name, storage=url).trials


def counted(trials):
    """The settled trials of each place."""
    return [[trial for trial in attempts if places.is_settled(trial)]
            for attempts in places.places(trials).values()]


class SweepTest(unittest.TestCase):
    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="sweep-test-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.out = self.folder / "study"

    def command(self, options, passed_on, out=None):
        return [sys.executable, SWEEP, "--out", str(out or self.out), "--program", PROGRAM, *options,
                "--", *passed_on]

    def sweep(self, options, passed_on, expected=0):
        ended = subprocess.run(self.command(options, passed_on), capture_output=True, text=True,
                               timeout=PATIENCE)
        self.assertEqual(ended.returncode, expected, ended.stderr)
        return ended

    def start(self, options, passed_on, out=None):
        process = subprocess.Popen(self.command(options, passed_on, out), stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def trials(self):
        return stored_trials(f"sqlite:///{self.out}/study.db", "study")

    def processes(self, folder):
        """The identities of all whose errors go to a file in or below the folder."""
        found = []
        for link in glob.glob("/proc/[0-9]*/fd/2"):
            try:
                if os.readlink(link).startswith(f"{folder.resolve()}/"):
                    found.append(int(link.split("/")[2]))
            except OSError:
                pass  # it has just ended
        return found

    def children(self):
        """What trains."""
        return self.processes(self.out / "trials")

    def wait_for_epochs(self, count, out=None):
        """Until so many trials have finished an epoch."""
        wait_until(lambda: len(list((out or self.out).glob("trials/*/metrics.jsonl"))) >= count,
                   "the trials never began")

    def test_keeps_finished_trials_and_goes_on(self):
        options = ["--lr", "0.01:0.2:log", "--hidden", "32", "--shuffle", "yes,no", "--sampler", "random"]
        passed_on = ["--epochs", "3", *SAMPLE]
        self.sweep([*options, "--trials", "3", "--final-seeds", "2"], passed_on)
        first = {file: file.stat().st_mtime_ns for file in self.out.glob("trials/*/result.json")}
        self.assertEqual(len(first), 3)
        self.sweep([*options, "--trials", "5", "--final-seeds", "2"], passed_on)
        self.assertEqual({file: file.stat().st_mtime_ns for file in first}, first)
        self.assertEqual([trial.state for trial in self.trials()], [TrialState.COMPLETE] * 5)

        rows = self.leaderboard()
        accuracies = [float(row["accuracy"]) for row in rows]
        self.assertEqual(len(rows), 5)
        self.assertEqual(accuracies, sorted(accuracies, reverse=True))
        best = max(self.trials(), key=lambda trial: trial.value)
        self.assertEqual(int(rows[0]["trial"]), best.number)
        with open(self.out / "final.csv") as stream:
            self.assertEqual([row["seed"] for row in csv.DictReader(stream)], ["1", "2"])
        self.expect_page("The best", "History", "What matters", "lr", "Learning curves", "Trials")

        different = self.sweep([*options, "--trials", "5"], ["--epochs", "4", *SAMPLE], expected=2)
        self.assertIn("options that the study was begun with", different.stderr)

    def test_tests_nothing_on_data_without_test_images(self):
        data = self.folder / "data"
        data.mkdir()
        for name in ("train-images-idx3-ubyte", "train-labels-idx1-ubyte"):
            shutil.copy(ROOT / "data/sample" / name, data)
        ended = self.sweep(["--lr", "0.01,0.1", "--sampler", "grid"],
                           ["--epochs", "1", "--data", str(data), "--validation", "200"])
        self.assertIn("the data has no test images", ended.stderr)
        self.assertEqual([row["state"] for row in self.leaderboard()], ["done", "done"])
        self.assertFalse((self.out / "final.csv").exists())

    def leaderboard(self):
        with open(self.out / "leaderboard.csv") as stream:
            return list(csv.DictReader(stream))

    def test_ranks_by_loss_if_asked(self):
        self.sweep(["--lr", "1e-5,0.1,0.01", "--sampler", "grid", "--metric", "loss", "--final-seeds", "1"],
                   ["--epochs", "2", *SAMPLE])
        rows = self.leaderboard()
        self.assertEqual([float(row["lr"]) for row in rows], [0.1, 0.01, 1e-5])
        losses = [float(row["loss"]) for row in rows]
        self.assertEqual(losses, sorted(losses))
        self.assertEqual({str(trial.value) for trial in self.trials()}, {row["loss"] for row in rows})
        # What is trained again is the best by loss, too.
        self.assertEqual([folder.name for folder in (self.out / "final").iterdir() if folder.is_dir()], ["0001-seed-1"])

    def test_searches_the_space_of_a_file_and_of_options(self):
        file = self.folder / "space.toml"
        file.write_text('lr = [0.5, 0.6]\nbatch = [20, 50]\n')
        self.sweep(["--space", str(file), "--lr", "0.01,0.02", "--sampler", "grid", "--final-seeds", "0"],
                   ["--epochs", "1", *SAMPLE])
        self.assertEqual(sorted((trial.params["lr"], trial.params["batch"]) for trial in self.trials()),
                         [(0.01, 20), (0.01, 50), (0.02, 20), (0.02, 50)])

    def expect_page(self, *texts):
        page = (self.out / "sweep.html").read_text()
        self.assertNotIn("<script", page)
        self.assertNotIn("http", page)
        for text in texts:
            self.assertIn(f">{text}<", page)
        texts = [html.unescape(text) for text in texts]
        if importlib.util.find_spec("selenium") and os.path.exists("/usr/bin/chromedriver"):
            browsed = subprocess.run([sys.executable, str(ROOT / "tests/browse.py"), "report",
                                      str(self.out / "sweep.html"), "--shows", *texts],
                                     capture_output=True, text=True)
            self.assertEqual(browsed.returncode, 0, browsed.stderr)

    def test_page_says_that_nothing_was_completed_and_escapes_names(self):
        self.out = self.folder / "a<b>&c"
        failed = self.sweep(["--lr", "1e9,1e10", "--sampler", "grid"], ["--epochs", "1", *SAMPLE], expected=1)
        self.assertRegex(failed.stderr, "sweep.py: error: expected a trial that was completed, found none; see ")
        self.expect_page("No trial was completed.", "2 trials: 2 diverged", "Sweep a&lt;b&gt;&amp;c")

    def test_page_has_no_name_that_is_not_given(self):
        template = self.folder / "page.html"
        template.write_text("${title} ${titel}")
        with unittest.mock.patch.object(report, "PAGE", template), self.assertRaisesRegex(NameError, "titel"):
            report.page("title", optuna.create_study(), [], "accuracy", [], ["state"], [])

    def test_ticks_are_round_numbers_around_what_is_drawn(self):
        self.assertEqual(chart.log_ticks(0.7, 12), [0.5, 1, 2, 5, 10, 20])
        self.assertEqual(chart.log_ticks(1, 1), [1, 2])
        self.assertEqual(list(chart.whole_ticks(0, 39)), [0, 5, 10, 15, 20, 25, 30, 35])
        self.assertEqual(list(chart.whole_ticks(1, 10)), list(range(1, 11)))
        self.assertEqual(list(chart.whole_ticks(0.5, 1.5)), [1])

    def test_tells_pruned_and_diverged_trials_as_pruned(self):
        # After five good ones the median is known; what then learns nothing must end early.
        self.sweep(["--lr", "0.1,0.11,0.12,0.13,0.14,1e-7,1e10", "--hidden", "32", "--sampler", "grid",
                    "--jobs", "1", "--final-seeds", "0"], ["--epochs", "80", *SAMPLE])
        trials = self.trials()
        self.assertEqual([trial.params["lr"] for trial in trials], [0.1, 0.11, 0.12, 0.13, 0.14, 1e-7, 1e10])
        self.assertEqual([trial.user_attrs["run"]["ended"] for trial in trials[5:]], ["pruned", "diverged"])
        self.assertEqual([trial.state for trial in trials[5:]], [TrialState.PRUNED] * 2)
        self.assertIn(TrialState.COMPLETE, [trial.state for trial in trials])
        self.assertLess(len(trials[5].intermediate_values), 80)

    def test_full_disk_fails_that_trial_alone(self):
        if os.geteuid() == 0 and self.mount_small_disk(self.out / "trials/0001"):
            reason = "No space left on device"
        else:
            # The nearest that there is without one: nothing can be written here, either.
            (self.out / "trials").mkdir(parents=True)
            (self.out / "trials/0001").touch()
            reason = "Not a directory"
        self.sweep(["--lr", "0.01,0.02,0.03", "--sampler", "grid", "--final-seeds", "0"], ["--epochs", "2", *SAMPLE])
        states = {trial.params["lr"]: trial.state for trial in self.trials()}
        done, failed = TrialState.COMPLETE, TrialState.FAIL
        self.assertEqual(states, {0.01: done, 0.02: failed, 0.03: done})
        (run,) = [trial.user_attrs["run"] for trial in self.trials() if trial.state == TrialState.FAIL]
        self.assertEqual(run["ended"], "failed")
        self.assertRegex(run["trouble"], f"^exit code 7: .*{reason}")

    def mount_small_disk(self, folder):
        folder.mkdir(parents=True)
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", str(folder)],
                              capture_output=True)
        if done.returncode == 0:
            self.addCleanup(subprocess.run, ["umount", str(folder)], check=True)
        return done.returncode == 0

    def first_lines(self):
        return [file.read_text().splitlines()[0] for file in sorted(self.out.glob("trials/*/metrics.jsonl"))]

    def expect_ended(self, process, children, code):
        self.assertEqual(len(children), 2)
        self.assertEqual(process.wait(PATIENCE), code)
        for child in children:
            self.assertFalse(is_alive(child), f"{child} is still there")
        self.assertEqual(self.processes(self.out), [])

    def expect_to_go(self, children):
        """After a SIGKILL the kernel ends them, in its own time; /proc hides a command line before its process ends."""
        self.assertEqual(len(children), 2)
        wait_until(lambda: not any(map(is_alive, children)) and not self.processes(self.out), "the children live on")

    def test_signals_end_all_and_the_same_command_goes_on(self):
        options = [*LONG, "--jobs", "2", "--final-seeds", "0"]
        for number, code in ((signal.SIGINT, -signal.SIGINT), (signal.SIGTERM, 143), (signal.SIGHUP, 143)):
            process = self.start(options, LONG_RUN)
            self.wait_for_epochs(2)
            wait_until(lambda: len(self.children()) == 2, "the trials never began again")
            children = self.children()
            process.send_signal(number)
            self.expect_ended(process, children, code)
        first_lines = self.first_lines()

        self.sweep(options, LONG_RUN)
        trials = self.trials()
        self.assertEqual([len(settled) for settled in counted(trials)], [1, 1])
        for (settled,) in counted(trials):
            self.assertEqual(settled.state, TrialState.COMPLETE)
            self.assertEqual(len(settled.intermediate_values), 400)
        # Resumed, not begun anew: the time of the first epoch is still that of the first attempt.
        self.assertEqual(self.first_lines(), first_lines)

    def test_leaves_signals_that_were_ignored_at_its_start(self):
        ignoring = ["sh", "-c", 'trap "" INT HUP; exec "$@"', "sh"]
        process = subprocess.Popen(ignoring + self.command([*LONG, "--final-seeds", "0"], ["--epochs", "40", *SAMPLE]),
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        self.wait_for_epochs(1)
        process.send_signal(signal.SIGINT)
        process.send_signal(signal.SIGHUP)
        self.assertEqual(process.wait(PATIENCE), 0)

    def test_ends_children_that_hang(self):
        process = self.start([*LONG, "--jobs", "2"], ["--epochs", "100000", *SAMPLE])
        self.wait_for_epochs(2)
        children = self.children()
        os.kill(children[0], signal.SIGSTOP)
        process.send_signal(signal.SIGTERM)
        self.expect_ended(process, children, 143)

    def test_children_go_when_the_sweep_is_killed(self):
        process = self.start([*LONG, "--jobs", "2"], ["--epochs", "100000", *SAMPLE])
        self.wait_for_epochs(2)
        children = self.children()
        os.kill(children[0], signal.SIGSTOP)
        process.kill()
        process.wait()
        self.expect_to_go(children)

    def test_goes_on_after_the_spawner_was_killed(self):
        options = [*LONG, "--jobs", "2", "--final-seeds", "0"]
        process = self.start(options, LONG_RUN)
        self.wait_for_epochs(2)
        children = self.children()
        (spawner,) = set(self.processes(self.out)) - set(children)
        os.kill(spawner, signal.SIGKILL)
        self.assertEqual(process.wait(PATIENCE), 1)
        self.expect_to_go(children)
        self.sweep(options, LONG_RUN)
        self.assertEqual([trial.state for trial in places.counted(self.trials())], [TrialState.COMPLETE] * 2)

    def lock_database(self):
        connection = sqlite3.connect(self.out / "study.db", timeout=PATIENCE)
        self.addCleanup(connection.close)
        connection.execute("BEGIN EXCLUSIVE")
        return connection

    def expect_locked(self, code, errors):
        self.assertEqual(code, 1, errors)
        self.assertRegex(errors.splitlines()[-1], f"^sweep.py: error: {self.out}/study.db: expected a database that "
                                                  "answers, found: database is locked; mend that, ")
        self.assertNotIn("Traceback", errors)

    def test_names_a_locked_database_and_goes_on_later(self):
        options = ["--lr", "0.01,0.02", "--sampler", "grid", "--final-seeds", "0"]
        passed_on = ["--epochs", "1", *SAMPLE]
        self.out.mkdir()
        lock = self.lock_database()  # before anything is in it
        self.expect_locked(1, self.sweep(options, passed_on, expected=1).stderr)
        lock.close()
        self.sweep([*options, "--trials", "1"], passed_on)
        lock = self.lock_database()
        self.expect_locked(1, self.sweep(options, passed_on, expected=1).stderr)
        lock.close()
        self.sweep(options, passed_on)
        self.assertEqual([trial.state for trial in places.counted(self.trials())], [TrialState.COMPLETE] * 2)

    def test_keeps_the_runs_if_the_database_is_locked_in_the_middle(self):
        options = [*LONG, "--jobs", "2", "--final-seeds", "0"]
        process = subprocess.Popen(self.command(options, LONG_RUN), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                   text=True)
        self.addCleanup(process.kill)
        self.wait_for_epochs(2)
        lock = self.lock_database()
        _, errors = process.communicate(timeout=PATIENCE)
        self.expect_locked(process.returncode, errors)
        lock.close()
        self.assertEqual(self.processes(self.out), [])
        first_lines = self.first_lines()
        self.sweep(options, LONG_RUN)
        self.assertEqual([trial.state for trial in places.counted(self.trials())], [TrialState.COMPLETE] * 2)
        self.assertEqual(self.first_lines(), first_lines)

    def test_names_what_is_wrong_with_a_storage(self):
        for url, found in (("mysql://u:secret@127.0.0.1:1/db", "MySQLdb"), ("oracle://u:secret@h/db", "cx_Oracle"),
                           ("foo://u:secret@h/db", "'foo://...@h/db'"), ("nonsense", "'nonsense'"),
                           ("postgresql://u:secret@h:port/db", "h:port")):
            with self.assertRaisesRegex(SweepError, f"^--storage.*: expected .*, found.*") as caught:
                study.open_storage(url, None)
            self.assertRegex(str(caught.exception), found)
            self.assertNotIn("secret", str(caught.exception))
            self.assertEqual(caught.exception.code, 2)
        (self.folder / "text.db").write_text("no database\n" * 100)
        for url, found in ((f"sqlite:///{self.folder}/none/a.db", "unable to open database file"),
                           (f"sqlite:///{self.folder}/text.db", "file is not a database")):
            with self.assertRaises(study.STORAGE_ERRORS) as caught:
                study.open_storage(url, None)
            trouble = study.storage_trouble(Namespace(storage=url), caught.exception)
            self.assertEqual(trouble.split("; ")[0], f"{url[10:]}: expected a database that answers, found: {found}")
        errors = self.sweep(["--storage", "mysql://u@h/db", "--lr", "0.1,0.2"], ["--epochs", "1", *SAMPLE], 2).stderr
        self.assertEqual(errors.count("\n"), 1, errors)

    def test_says_whose_validation_a_small_set_cannot_spare(self):
        options = ["--lr", "0.1,0.2", "--sampler", "grid"]
        errors = self.sweep(options, SAMPLE[:2], expected=2).stderr
        self.assertRegex(errors, "^sweep.py: error: --validation: expected fewer than the 1000 training images, found "
                                 "10000, which sweep.py takes of itself; [^\\n]*\n$")
        errors = self.sweep(options, [*SAMPLE[:2], "--validation", "10000"], expected=2).stderr
        self.assertNotIn("of itself", errors)

    def test_loses_nothing_if_nobody_reads_on(self):
        for how in ("| true", "2>&1 | head -n 1", ">&- 2>&-"):
            command = self.command(["--lr", "0.1,0.2", "--sampler", "grid", "--final-seeds", "0"], ["--epochs", "1", *SAMPLE])
            done = subprocess.run(["bash", "-c", f'"$@" {how}; exit ${{PIPESTATUS[0]}}', "bash", *command],
                                  capture_output=True, text=True, timeout=PATIENCE)
            self.assertIn(done.returncode, (0, 128 + signal.SIGPIPE), how)
            self.assertNotIn("error", done.stderr)
            self.assertTrue((self.out / "sweep.html").exists(), how)
            self.assertEqual(len(self.leaderboard()), 2)
            shutil.rmtree(self.out)

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
        for sampler in ("random", "tpe"):
            first = self.drawn(f"{sampler}1", sampler, 1, 12)
            self.assertEqual(self.drawn(f"{sampler}2", sampler, 1, 12), first)
            self.assertEqual(len({*first, *self.drawn(f"{sampler}3", sampler, 2, 12),
                                  *self.drawn(f"{sampler}4", sampler, None, 12)}), 36)
            # One that goes on does not begin to draw anew.
            self.assertEqual(self.drawn(f"{sampler}5", sampler, 1, 6), first[:6])
            self.assertEqual(self.drawn(f"{sampler}5", sampler, 1, 12), first)

    def test_refuses_what_it_does_not_understand(self):
        for name, text in (("lr", "0.1:0.01"), ("lr", "0:1:log"), ("lr", "0.1:1:2:3"), ("batch", "20,x"),
                           ("batch", "20,20"), ("hidden", "64;"), ("shuffle", "perhaps"),
                           ("alpha", "x"), ("augment", "none,none")):
            with self.assertRaisesRegex(SweepError, f"--{name}: expected .* found '{text}'"):
                space.parse(name, text)
        no_data = self.sweep(["--lr", "0.1,0.2"], ["--data", str(self.folder / "nothing")], expected=3)
        self.assertRegex(no_data.stderr, "^sweep.py: error: .*nothing.* fetch")
        # What only the program knows, and what would be given twice.
        self.assertIn("--momentum", self.sweep(["--momentum", "0:2"], SAMPLE, expected=2).stderr)
        self.assertIn("--augment", self.sweep(["--augment", "twist"], SAMPLE, expected=2).stderr)
        self.assertIn("--alpha: expected --augment", self.sweep(["--alpha", "9:20"], SAMPLE, expected=2).stderr)
        self.assertIn("--nonsense", self.sweep(["--lr", "0.1"], ["--nonsense"], expected=2).stderr)
        self.assertIn("--lr", self.sweep(["--lr", "0.1"], ["--lr", "0.1"], expected=2).stderr)
        for option in ("--help", "-h", "--version"):  # at which it would show no settings
            refused = self.sweep(["--lr", "0.1"], [option], expected=2)
            self.assertRegex(refused.stderr, f"^sweep.py: error: {option}: after -- expected [^\\n]*\n$")

    def test_reads_a_space_from_a_file(self):
        file = self.folder / "space.toml"
        file.write_text('lr = "1e-3:0.1:log"\nbatch = [20, 32]\n'
                        'hidden = ["256,256", "none"]\nshuffle = [true, false]\n')
        found = {name: space.parse(name, text) for name, text in space.read_toml(file).items()}
        file.write_text("\ufeff" + file.read_text().replace("\n", "\r\n"))  # as Notepad has it
        self.assertEqual(found, {name: space.parse(name, text) for name, text in space.read_toml(file).items()})
        file.write_text(file.read_text(), encoding="utf-16")
        self.assertRaisesRegex(SweepError, "expected TOML", space.read_toml, file)
        self.assertEqual(found["lr"], space.Range(1e-3, 0.1, True))
        self.assertEqual([found[name].values for name in ("batch", "hidden", "shuffle")],
                         [[20, 32], ["256,256", "none"], [True, False]])

    def test_searches_schedules_and_distortions(self):
        options = ["--lr-schedule", "constant,cosine", "--warmup", "0:1", "--label-smoothing", "0,0.1",
                   "--augment", "none,shift,elastic", "--alpha", "10:20", "--sampler", "random"]
        self.sweep([*options, "--trials", "4", "--final-seeds", "1"], ["--recipe", "quick", "--epochs", "2", *SAMPLE])
        self.assertEqual([trial.state for trial in self.trials()], [TrialState.COMPLETE] * 4)
        for row in self.leaderboard():
            self.assertIn(row["augment"], ("none", "shift", "elastic"))

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

    # With a server.

    def start_server(self):
        programs = sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb"))
        if not programs or not importlib.util.find_spec("psycopg2"):
            self.skipTest("postgresql or python3-psycopg2 is not installed")
        folder = self.folder / "server"
        folder.mkdir()
        self.folder.chmod(0o755)
        # The server refuses to be root.
        user = {"user": "postgres", "group": "postgres"} if os.geteuid() == 0 else {}
        if user:
            shutil.chown(folder, "postgres", "postgres")
        bin_folder = os.path.dirname(programs[-1])
        data = str(folder / "data")
        subprocess.run([programs[-1], "-D", data, "-U", "sweep", "-A", "trust", "-E", "UTF8", "-N"],
                       check=True, capture_output=True, cwd=folder, **user)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = str(free.getsockname()[1])
        server = subprocess.Popen([f"{bin_folder}/postgres", "-D", data, "-h", "127.0.0.1", "-p", port,
                                   "-k", str(folder)], stderr=subprocess.DEVNULL, cwd=folder, **user)
        self.addCleanup(server.wait)
        self.addCleanup(server.send_signal, signal.SIGINT)
        ready = [f"{bin_folder}/pg_isready", "-q", "-h", "127.0.0.1", "-p", port]
        wait_until(lambda: subprocess.run(ready).returncode == 0, "the server never came up")
        return f"postgresql://sweep@127.0.0.1:{port}/postgres"

    def test_two_workers_share_a_study_and_one_is_killed(self):
        url = self.start_server()
        options = ["--lr", "0.01:0.2:log", "--hidden", "32", "--sampler", "random", "--pruner", "none",
                   "--trials", "5", "--jobs", "1", "--storage", url, "--study", "shared", "--heartbeat", "2",
                   "--final-seeds", "0"]
        passed_on = ["--epochs", "80", *SAMPLE]
        killed, other = self.folder / "killed", self.folder / "other"
        first = self.start(options, passed_on, killed)
        second = self.start(options, passed_on, other)
        self.wait_for_epochs(1, killed)
        first.kill()
        first.wait()
        running = [trial for trial in stored_trials(url, "shared") if trial.state == TrialState.RUNNING]
        self.assertTrue(running)
        self.assertEqual(second.wait(PATIENCE), 0)
        trials = stored_trials(url, "shared")
        self.assertEqual([len(settled) for settled in counted(trials)], [1] * 5)
        self.assertEqual(sum(trial.state == TrialState.COMPLETE for trial in trials), 5)
        self.assertTrue(any(places.RETRY in trial.user_attrs for trial in trials))


if __name__ == "__main__":
    if not HAS_OPTUNA:
        print("skipped: python3-optuna or python3-sklearn is not installed")
        sys.exit(77)  # ctest shows it as skipped
    unittest.main()
