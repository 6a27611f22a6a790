"""The trials of one process: started, followed, told to the study; and the final trainings."""

import socket
import sys
import time

from optuna.trial import TrialState

from sweep import runs as sweep_runs
from sweep.format import short
from sweep.study import RETRY

LOOK = 0.1  # seconds from one look at the running trials to the next


class FinalError(Exception):
    """A final training that failed."""


def note(text):
    print(text, file=sys.stderr, flush=True)


class Search:
    """The trials of this process: starts them, reports their epochs, tells how they ended."""

    def __init__(self, arguments, spawner, space, settings, study):
        self.jobs = arguments.jobs
        self.metric = arguments.metric
        self.folder = arguments.out / "trials"
        self.spawner = spawner
        self.space = space
        self.settings = settings
        self.study = study
        self.running = {}  # trial by run
        self.ended = 0
        self.busy = 0.0

    def work(self, is_stopped):
        """Until the study is over or is_stopped()."""
        began = time.monotonic()
        try:
            while not is_stopped() and not (self.start_trials() and self.study.is_over()):
                # With nothing of our own to follow we wait for other machines, or their end.
                self.spawner.wait(LOOK if self.running else 1)
                self.study.keep_alive(self.running.values())
                for run, trial in list(self.running.items()):
                    self.follow(run, trial)
        finally:
            self.interrupt()
        seconds = time.monotonic() - began
        if self.ended:
            note(f"{self.ended} trials in {seconds:.1f} s, {3600 * self.ended / seconds:.0f} an hour; "
                 f"mnist-train ran for {self.busy / seconds / self.jobs:.0%} of the time of {self.jobs} jobs")

    def start_trials(self):
        """Whether nothing runs then."""
        while len(self.running) < self.jobs:
            trial = self.study.ask()
            if trial is None:
                break
            for name, domain in self.space.items():
                domain.suggest(trial, name)
            first = trial.user_attrs.get(RETRY, trial.number)
            try:
                run = sweep_runs.Run(self.spawner, self.settings | trial.params, self.folder / f"{first:04d}")
                self.running[run] = trial
            except OSError as error:
                self.tell(trial, TrialState.FAIL, {"ended": "failed", "trouble": str(error)})
        return not self.running

    def follow(self, run, trial):
        # In this order, so that no epoch of a run that has ended is missed.
        has_ended = run.code is not None
        epochs = run.new_epochs()
        for epoch in epochs:
            if not self.report(trial, epoch):
                self.drop(run)
                return note(f"trial {trial.number}: given to another machine")
        if has_ended:
            self.finish(run, trial)
        elif epochs and run.seen < self.settings["epochs"] and trial.should_prune():
            self.drop(run)
            self.tell(trial, TrialState.PRUNED, self.record(run, "pruned"))

    def report(self, trial, epoch):
        value = epoch.get("validation_" + self.metric)
        if value is not None and epoch["train_loss"] is not None:  # else it has diverged and is about to end
            try:
                trial.report(value, epoch["epoch"])
            except RuntimeError:  # the trial is over, and not by us
                return False
        return True

    def drop(self, run):
        run.kill()
        self.busy += run.seconds
        del self.running[run]

    def finish(self, run, trial):
        self.drop(run)
        result = run.result()
        if run.code == 0 and result.get("status") == "completed":
            record = self.record(run, "done")
            record |= {"epochs": result["chosen"]["epoch"], "loss": result["validation"]["loss"],
                       "accuracy": result["validation"]["accuracy"]}
            self.tell(trial, TrialState.COMPLETE, record, record[self.metric])
        elif result.get("status") == "diverged":
            self.tell(trial, TrialState.PRUNED, self.record(run, "diverged"))
        else:
            self.tell(trial, TrialState.FAIL, self.record(run, "failed") | {"trouble": run.trouble()})

    def record(self, run, ended):
        return {"ended": ended, "epochs": run.seen, "seconds": round(run.seconds, 3),
                "host": socket.gethostname(), "folder": str(run.folder)}

    def tell(self, trial, state, record, value=None):
        self.ended += self.study.tell(trial, state, record, value)
        shown = f" {self.metric} {short(value, self.metric)}" if value is not None else ""
        shown += f": {record['trouble']}" if "trouble" in record else ""
        params = ", ".join(f"{name} {short(value)}" for name, value in trial.params.items())
        note(f"trial {trial.number} ({params}) {record['ended']}{shown}")

    def interrupt(self):
        """Ends what still runs; a trial that was interrupted waits for the next who asks."""
        sweep_runs.end(self.running)
        for run, trial in list(self.running.items()):
            if run.result().get("status") in ("completed", "diverged"):
                self.follow(run, trial)
            else:
                self.drop(run)
                self.tell(trial, TrialState.FAIL, self.record(run, "interrupted"))
        self.study.requeue()


def train_finals(arguments, spawner, settings, best, is_stopped):
    """The results of the best options, a row a seed."""
    waiting = list(range(1, arguments.final_seeds + 1))
    running, results = {}, {}
    try:
        while waiting or running:
            if is_stopped():
                return []
            while waiting and len(running) < arguments.jobs:
                seed = waiting.pop(0)
                folder = arguments.out / "final" / f"{best.number:04d}-seed-{seed}"
                running[sweep_runs.Run(spawner, settings | {"seed": seed}, folder)] = seed
            spawner.wait(LOOK)
            for run in [run for run in running if run.code is not None]:
                seed = running.pop(run)
                if not run.result().get("test") or run.code not in (0, 6):
                    raise FinalError(f"{run.folder}: {run.trouble()}")
                test = run.result()["test"]
                results[seed] = {"seed": seed, "accuracy": test["accuracy"], "loss": test["loss"]}
                note(f"final, seed {seed}: test accuracy {short(test['accuracy'], 'accuracy')}")
    finally:
        sweep_runs.end(running)
    return [results[seed] for seed in sorted(results)]
