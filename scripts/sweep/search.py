"""The trials of this process: how they are started, followed and told to the study; and the final trainings."""

import signal
import socket
import time
from argparse import Namespace
from dataclasses import dataclass, field

from optuna.trial import TrialState

from sweep import SweepError, note, short
from sweep.places import first_number
from sweep.run_results import WHOLE
from sweep.runs import Run, Spawner, end
from sweep.study import Study

# Exit codes of runs that have saved all. Below --min-accuracy it is 6, and one that was tested already when SIGINT
# came is completed, but ends by the signal.
SAVED = (0, 6, -signal.SIGINT)
LOOK = 0.1  # seconds between two looks at the running trials


@dataclass
class Search:
    arguments: Namespace
    spawner: Spawner
    space: dict
    settings: dict
    study: Study
    running: dict = field(default_factory=dict)  # trial by run
    ended: int = 0  # trials
    busy: float = 0.0  # seconds, of all runs together

    def work(self, is_stopped):
        """Runs trials until the study is over, also those of other machines, or is_stopped()."""
        began = time.monotonic()
        try:
            while not is_stopped():
                self.start_trials()
                if not self.running and self.study.is_over():
                    break
                # A process without trials of its own waits for other machines to end theirs, or to die.
                self.spawner.wait(LOOK if self.running else 1)
                self.study.keep_alive(self.running.values())
                for run, trial in list(self.running.items()):
                    self.follow(run, trial)
        finally:
            self.interrupt()
        seconds, jobs = time.monotonic() - began, self.arguments.jobs
        if self.ended:
            note(f"{self.ended} trials in {seconds:.1f} s, {3600 * self.ended / seconds:.0f} an hour; "
                 f"mnist-train ran for {self.busy / seconds / jobs:.0%} of the time of {jobs} jobs")

    def start_trials(self):
        """Starts trials until all jobs are busy or the study has no more."""
        while len(self.running) < self.arguments.jobs and (trial := self.study.ask()):
            for name, domain in self.space.items():
                domain.suggest(trial, name)
            folder = self.arguments.out / "trials" / f"{first_number(trial):04d}"
            try:
                self.running[Run(self.spawner, self.settings | trial.params, folder)] = trial
            except OSError as error:
                self.tell(trial, TrialState.FAIL, {"ended": "failed", "trouble": str(error)})

    def follow(self, run, trial):
        """Reports the new epochs of the run, and finishes or prunes the trial if it is time."""
        has_ended = run.code is not None  # asked before the epochs are read, so that none of them is missed
        epochs = run.new_epochs()
        for epoch in epochs:
            value = epoch.get("validation_" + self.arguments.metric)
            if value is None or epoch["train_loss"] is None:
                continue  # the run has diverged and is about to end
            try:
                trial.report(value, epoch["epoch"])
            except RuntimeError:  # the trial is over, and this process did not end it
                self.drop(run)
                return note(f"trial {trial.number}: given to another machine")
        if has_ended:
            self.finish(run, trial)
        elif epochs and run.epochs < self.settings["epochs"] and trial.should_prune():
            self.drop(run)
            self.tell(trial, TrialState.PRUNED, self.record(run, "pruned"))

    def drop(self, run):
        run.kill()
        self.busy += run.seconds
        del self.running[run]

    def finish(self, run, trial):
        self.drop(run)
        result = run.result()
        if run.code in SAVED and result.get("status") == "completed":
            record = self.record(run, "done")
            record |= {"epochs": result["chosen"]["epoch"], "loss": result["validation"]["loss"],
                       "accuracy": result["validation"]["accuracy"], "tested": result["test"] is not None}
            self.tell(trial, TrialState.COMPLETE, record, record[self.arguments.metric])
        elif result.get("status") == "diverged":
            # For Optuna it is pruned and not failed, so that the sampler learns to avoid such options.
            self.tell(trial, TrialState.PRUNED, self.record(run, "diverged"))
        else:
            self.tell(trial, TrialState.FAIL, self.record(run, "failed") | {"trouble": run.trouble()})

    def record(self, run, ended):
        return {"ended": ended, "epochs": run.epochs, "seconds": round(run.seconds, 3),
                "host": socket.gethostname(), "folder": str(run.folder)}

    def tell(self, trial, state, record, value=None):
        self.ended += self.study.tell(trial, state, record, value)
        metric = self.arguments.metric
        shown = f" {metric} {short(value, metric)}" if value is not None else ""
        shown += f": {record['trouble']}" if "trouble" in record else ""
        params = ", ".join(f"{name} {short(value)}" for name, value in trial.params.items())
        note(f"trial {trial.number} ({params}) {record['ended']}{shown}")

    def interrupt(self):
        """Ends the runs that still go on. Their trials go back into the queue."""
        end(self.running)
        for run, trial in list(self.running.items()):
            if run.result().get("status") in ("completed", "diverged"):
                self.follow(run, trial)
            else:
                self.drop(run)
                self.tell(trial, TrialState.FAIL, self.record(run, "interrupted"))
        self.study.requeue()


def train_finals(arguments, spawner, settings, best, is_stopped):
    """Trains the best options with each seed and returns the test results in the order of the seeds."""
    waiting = list(range(1, arguments.final_seeds + 1))
    running, results = {}, {}
    try:
        while waiting or running:
            if is_stopped():
                return []
            while waiting and len(running) < arguments.jobs:
                seed = waiting.pop(0)
                folder = arguments.out / "final" / f"{best.number:04d}-seed-{seed}"
                running[Run(spawner, settings | {"seed": seed}, folder)] = seed
            spawner.wait(LOOK)
            for run in [run for run in running if run.code is not None]:
                seed, result = running.pop(run), run.result()
                test, status = result.get("test"), result.get("status")
                if not test or status not in WHOLE or run.code not in SAVED:
                    raise SweepError(f"{run.folder}: {run.trouble()}")
                results[seed] = {"seed": seed, "accuracy": test["accuracy"], "loss": test["loss"]}
                note(f"final, seed {seed}: test accuracy {short(test['accuracy'], 'accuracy')}")
    finally:
        end(running)
    return [results[seed] for seed in sorted(results)]
