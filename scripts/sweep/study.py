"""The study of a sweep in Optuna's storage, and which of its trials count.

A study of N trials has N places. A new trial takes a place; one that was interrupted, or lost with
its machine, is tried again by another trial of Optuna's in the same place. So the total is exact
with any number of machines, and no lock is needed: a place follows from the numbers of the trials,
and of two trials that come to the same one, the first counts.
"""

import sqlite3
import time
import warnings

import optuna
import sqlalchemy
import sqlalchemy.event
import sqlalchemy.exc
import sqlalchemy.pool
from optuna.trial import TrialState

RETRY = "retry of"  # the number of the first trial in this place
SURPLUS = "surplus"  # a trial for which there was no place
RUN = "run"  # how it ended, a dict; missing if the sweep was not there to say
OPEN = (TrialState.RUNNING, TrialState.WAITING)


def open_storage(url, heartbeat):
    """heartbeat: seconds, or None if only one process uses the storage."""
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    warnings.filterwarnings("ignore", category=optuna.exceptions.ExperimentalWarning)
    # What it warns of is done by Study.keep_alive.
    warnings.filterwarnings("ignore", message="Heartbeat of storage is supposed")
    # Only for SQLite does SQLAlchemy open the file anew for each transaction.
    engine = {"poolclass": sqlalchemy.pool.StaticPool} if url.startswith("sqlite") else {}
    for attempts_left in (4, 3, 2, 1, 0):
        try:
            return optuna.storages.RDBStorage(url, engine, heartbeat_interval=heartbeat)
        except sqlalchemy.exc.SQLAlchemyError:
            # Two that make the tables at once get in each other's way.
            if not attempts_left:
                raise
            time.sleep(1)


@sqlalchemy.event.listens_for(sqlalchemy.engine.Engine, "connect")
def spare_the_disk(connection, _):
    """SQLite would wait for the disk a dozen times a trial. With this a power cut can cost the last trials,
    which are then run again, but never the file."""
    if isinstance(connection, sqlite3.Connection):
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")


def is_settled(trial):
    """Whether it has ended by itself, well or badly. A lost one is failed, too, but not by itself."""
    if trial.state == TrialState.FAIL:
        return trial.user_attrs.get(RUN, {}).get("ended") == "failed"
    return trial.state.is_finished()


def places(trials):
    """{number of the first trial: all trials} for each place, in order."""
    found = {}
    for trial in trials:
        if SURPLUS not in trial.user_attrs:
            found.setdefault(trial.user_attrs.get(RETRY, trial.number), []).append(trial)
    return found


def counted(trials):
    """The one trial of each place that counts: the settled one, or else the latest."""
    return [next((trial for trial in attempts if is_settled(trial)), attempts[-1])
            for attempts in places(trials).values()]


def completed(trials):
    """Those that were trained to the end."""
    return [trial for trial in trials if trial.state == TrialState.COMPLETE]


def place_of(study, trial):
    """The index of its place."""
    first = trial.user_attrs.get(RETRY, trial.number)
    return list(places(study.get_trials(deepcopy=False))).index(first)


class Study:
    def __init__(self, study, storage, size, heartbeat):
        self.study = study
        self.storage = storage
        self.size = size
        self.heartbeat = heartbeat
        self.next_beat = 0
        self.first_seen = {}

    def trials(self):
        return self.study.get_trials(deepcopy=False)

    def ask(self):
        """A trial that has a place, or None if there is none to be had now."""
        trials = self.trials()
        waiting = any(trial.state == TrialState.WAITING for trial in trials)
        if not waiting and len(places(trials)) >= self.size:
            return None
        trial = self.study.ask()
        if not self.heartbeat:
            return trial  # nobody else can have taken the place
        # The identity in the storage, which is not the number, has no public name.
        self.storage.record_heartbeat(trial._trial_id)
        if self.has_place(trial):
            return trial
        trial.set_user_attr(SURPLUS, True)
        self.study.tell(trial, state=TrialState.FAIL)
        return None

    def has_place(self, trial):
        first = trial.user_attrs.get(RETRY, trial.number)
        found = places(self.trials())
        before = [other for other in found[first] if other.number < trial.number]
        return list(found).index(first) < self.size and not any(
            other.state in OPEN or is_settled(other) for other in before)

    def tell(self, trial, state, run, value=None):
        """False if the trial was given to others meanwhile, since this machine seemed dead."""
        try:
            trial.set_user_attr(RUN, run)
            self.study.tell(trial, value, state=state)
            return True
        except (RuntimeError, ValueError):
            return False

    def is_over(self):
        found = list(places(self.trials()).values())[: self.size]
        return len(found) == self.size and all(any(map(is_settled, attempts)) for attempts in found)

    def keep_alive(self, trials):
        """Says that these are alive, and looks for others that are not; does so only when it is time."""
        if not self.heartbeat or time.monotonic() < self.next_beat:
            return
        self.next_beat = time.monotonic() + self.heartbeat
        for trial in trials:
            self.storage.record_heartbeat(trial._trial_id)
        try:
            optuna.storages.fail_stale_trials(self.study)
        except RuntimeError:
            pass  # another machine was faster
        self.fail_unborn()
        self.requeue()

    def fail_unborn(self):
        """Fails trials whose machine died before their first sign of life, which Optuna overlooks.

        The sign comes before the first parameter. Clocks of other machines are not trusted.
        """
        now = time.monotonic()
        unborn = {trial.number for trial in self.trials()
                  if trial.state == TrialState.RUNNING and not trial.params}
        self.first_seen = {number: self.first_seen.get(number, now) for number in unborn}
        for number, since in self.first_seen.items():
            if now - since > 2 * self.heartbeat:
                self.fail(number)

    def fail_abandoned(self):
        """Fails what an earlier process has left running; only where there can be no other process."""
        for trial in self.trials():
            if trial.state == TrialState.RUNNING:
                self.fail(trial.number)

    def fail(self, number):
        try:
            self.study.tell(number, state=TrialState.FAIL)
        except (RuntimeError, ValueError):
            pass  # it has just ended

    def requeue(self):
        """Puts trials that were interrupted or lost into the queue again."""
        for first, attempts in list(places(self.trials()).items())[: self.size]:
            if not any(trial.state in OPEN or is_settled(trial) for trial in attempts):
                self.study.enqueue_trial(attempts[-1].params, user_attrs={RETRY: first})
