"""The trials of this process, and the final trainings."""

import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import optuna
from optuna.exceptions import TrialPruned
from optuna.trial import TrialState

from sweep import SweepError, note, short
from sweep.jobs import Interrupted
from sweep.space import combined, suggest
from sweep.study import RUN, RetryCallback, is_settled

FIRST = "first trial"  # the attribute of a trial with the number of the one that it repeats, or its own
LOST_CAUSES = (3, 7)  # exit codes that all trials would have: the data cannot be read, files cannot be written


class TrialFailed(Exception):
    """The run has failed, or another trial has the same parameters. The sweep goes on."""


def as_options(settings):
    """Turns {"lr": 0.1} into ["--lr=0.1"]."""
    return [f"--{name}={str(value).lower() if isinstance(value, bool) else value}" for name, value in settings.items()]


class Search:
    def __init__(self, arguments, study, jobs, space, settings, points):
        self.arguments = arguments
        self.study = study
        self.jobs = jobs
        self.space = space
        # Nothing may be chosen by the test images, so a trial gets as few as mnist-train allows: one.
        self.settings = settings | {"test-limit": 1}
        self.points = points  # of the grid, or []
        self.total = len(points) or arguments.trials or 50
        self.error = None
        self.retry = RetryCallback(inherit_intermediate_values=True)
        # A thread that sends heartbeats may lose the database. So does a trial then, and that ends the sweep.
        threading.excepthook = lambda _: None

    def work(self):
        """Runs trials until there are enough, those of other machines included, or until the jobs are stopped."""
        began, before = time.monotonic(), self.settled()
        while not self.jobs.is_stopped and self.settled() < self.total:
            try:
                self.run_trials()
            except (RuntimeError, ValueError) as error:
                if not self.is_given_away(error):
                    raise
                note(f"a trial was given to another machine: {error}")
        if self.error:  # which Optuna does not pass on from its last trials
            raise self.error
        note(f"{self.settled() - before} trials in {time.monotonic() - began:.1f} s")

    def run_trials(self):
        optuna.storages.fail_stale_trials(self.study)
        if not self.arguments.storage:
            for trial in self.trials(TrialState.RUNNING):  # of a sweep that was killed
                self.study.tell(trial.number, state=TrialState.FAIL)
                self.retry(self.study, trial)
        self.enqueue_grid()
        if self.open() > 0:
            self.study.optimize(self.objective, n_trials=self.open(), n_jobs=self.arguments.jobs,
                                catch=(Interrupted, TrialFailed), callbacks=[self.after_trial])
        else:
            time.sleep(1)  # until another machine has finished its trials, or is dead

    def trials(self, *states):
        return self.study.get_trials(deepcopy=False, states=states or None)

    def settled(self):
        found = [trial for trial in self.trials() if is_settled(trial)]
        params = [trial.params for trial in found]
        return sum(point in params for point in self.points) if self.points else len(found)

    def open(self):
        """How many trials have yet to begin."""
        return self.total - self.settled() - len(self.trials(TrialState.RUNNING))

    def enqueue_grid(self):
        """Not by skip_if_exists, which also skips the points of trials that were interrupted or lost."""
        taken = [trial.params or trial.system_attrs.get("fixed_params") for trial in self.trials()
                 if is_settled(trial) or trial.state in (TrialState.RUNNING, TrialState.WAITING)]
        for point in self.points:
            if point not in taken:
                self.study.enqueue_trial(point)

    def is_taken(self, number, params):
        """Two machines can enqueue the same point of a grid: the first trial has it."""
        return any(trial.params == params and trial.number < number for trial in self.trials()
                   if is_settled(trial) or trial.state == TrialState.RUNNING)

    def is_given_away(self, error):
        """Whether it is Optuna's error if another machine has taken over a trial, since this one seemed dead."""
        return self.arguments.storage and isinstance(error, (RuntimeError, ValueError))

    def objective(self, trial):
        try:
            return self.train(trial)
        except (Interrupted, TrialFailed, TrialPruned):
            raise
        except Exception as error:
            if not self.is_given_away(error):
                self.end(error)
            raise

    def end(self, error):
        self.error = self.error or error
        self.jobs.stop()

    def train(self, trial):
        first = trial.user_attrs.get(FIRST, trial.number)
        trial.set_user_attr(FIRST, first)
        params = suggest(trial, self.space)
        if self.points and self.is_taken(trial.number, params):
            trial.set_user_attr(RUN, {"state": "duplicate"})
            raise TrialFailed
        folder = self.arguments.out / "trials" / f"{first:04d}"
        epochs, began = [0], time.monotonic()
        is_pruned = False

        def on_epoch(epoch):
            nonlocal is_pruned
            epochs.append(epoch["epoch"])
            value = epoch["validation_" + self.arguments.metric]
            if value is not None and epoch["train_loss"] is not None:  # else it has diverged and is about to end
                trial.report(value, epoch["epoch"])
                is_pruned = epoch["epoch"] < self.settings["epochs"] and trial.should_prune()
            return not is_pruned

        existing = "--overwrite" if first == trial.number else "--resume"
        options = [*as_options(combined(self.settings, params)), f"--out={folder.resolve()}", existing]
        result = self.jobs.run(options, on_epoch)
        run = {"epochs": epochs[-1], "seconds": round(time.monotonic() - began, 3), "host": socket.gethostname(),
               "folder": str(folder)}
        return self.conclude(trial, run, result, is_pruned)

    def conclude(self, trial, run, result, is_pruned):
        """Returns the value of a completed trial, or throws what Optuna is to know of another."""
        status = result.get("status", "failed")
        if status == "failed" and (result["exit_code"] in LOST_CAUSES or not any(map(is_settled, self.trials()))):
            self.end(SweepError(result["error"], result["exit_code"]))
        if self.error or (status == "interrupted" and not is_pruned):
            raise Interrupted
        value = None
        if status == "completed":
            run |= {"epochs": result["chosen"]["epoch"], "tested": result["test"] is not None,
                    "loss": result["validation"]["loss"], "accuracy": result["validation"]["accuracy"]}
            value = run[self.arguments.metric]
        run |= {"state": "pruned" if status == "interrupted" else status, "trouble": result.get("error", "")}
        trial.set_user_attr(RUN, run)
        params = ", ".join(f"{name} {short(value)}" for name, value in trial.params.items())
        shown = f" {self.arguments.metric} {short(value, self.arguments.metric)}" if value is not None else ""
        note(f"trial {trial.number} ({params}) {run['state']}{shown} {run['trouble']}".rstrip())
        if status == "failed":
            raise TrialFailed
        if status != "completed":
            raise TrialPruned  # also if it has diverged, so that the sampler learns to avoid such options
        return value

    def after_trial(self, study, trial):
        if trial.state == TrialState.FAIL and RUN not in trial.user_attrs:
            self.retry(study, trial)
        if self.jobs.is_stopped or self.open() <= 0:
            study.stop()


def train_finals(arguments, jobs, settings, best):
    """Trains the options of the best trial on all training images, with each seed, for as many epochs as its weights
    had. Returns the test results in the order of the seeds."""
    settings = {name: value for name, value in settings.items() if name not in ("validation", "patience", "max-time")}
    settings = combined(settings, best.params) | {"epochs": best.user_attrs[RUN]["epochs"]}

    def train(seed):
        folder = arguments.out / "final" / f"{best.number:04d}-seed-{seed}"
        result = jobs.run([*as_options(settings), f"--seed={seed}", f"--out={folder.resolve()}", "--resume"])
        if result.get("status") != "completed":
            raise SweepError(f"{folder}: {result.get('error') or result['status']}", result.get("exit_code", 1))
        test = result["test"]
        note(f"final, seed {seed}: test accuracy {short(test['accuracy'], 'accuracy')}")
        return {"seed": seed, "accuracy": test["accuracy"], "loss": test["loss"]}

    with ThreadPoolExecutor(arguments.jobs) as executor:
        return list(executor.map(train, range(1, arguments.final_seeds + 1)))
