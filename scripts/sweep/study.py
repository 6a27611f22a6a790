"""The study of a sweep in Optuna's storage, which several machines may share.

Optuna's RetryFailedTrialCallback would repeat only trials of machines that have died, and would lose those
whose finder dies in turn. Here every machine looks for all places that are without a trial, again and again.
"""

import re
import sqlite3
import sys
import time
import warnings

import optuna
import sqlalchemy
import sqlalchemy.event
import sqlalchemy.exc
import sqlalchemy.pool
from optuna.trial import TrialState

from sweep import SweepError
from sweep.places import OPEN, RETRY, RUN, SURPLUS, GridSampler, SeededSampler, first_number, is_settled, places
from sweep.space import grid_points

STORAGE_ERRORS = (sqlalchemy.exc.SQLAlchemyError, optuna.exceptions.StorageInternalError, sqlite3.Error)


def storage_url(arguments):
    return arguments.storage or f"sqlite:///{arguments.out.resolve()}/study.db"


def without_password(url):
    return re.sub("://.*@", "://***@", url)


def storage_trouble(arguments, error):
    """One line about an error of the storage. Optuna says that the data were invalid, whatever happened."""
    while error.__cause__ or error.__context__:
        error = error.__cause__ or error.__context__
    cause = str(error).split("Original exception was: ")[-1].split("\n")[0]
    cause = re.sub(r"^\([\w.]+\) ", "", cause)  # the name of the class
    place = without_password(storage_url(arguments)).removeprefix("sqlite:///")
    return (f"{place}: expected a database that answers, found: {cause}; mend that, and the same command goes on: "
            "all runs are kept")


def open_study(arguments, space, settings):
    """Makes the study, or finds the one to go on with, which must have the same space and settings."""
    is_shared = arguments.storage is not None
    heartbeat = arguments.heartbeat if is_shared else None
    points = grid_points(space) if arguments.sampler == "grid" else []
    size = min(arguments.trials or len(points), len(points)) if points else arguments.trials or 50
    samplers = {"tpe": lambda seed: optuna.samplers.TPESampler(multivariate=True, constant_liar=True, seed=seed),
                "random": optuna.samplers.RandomSampler, "grid": lambda _: GridSampler(points)}
    make = samplers[arguments.sampler]
    pruners = {"hyperband": lambda: optuna.pruners.HyperbandPruner(max_resource=settings["epochs"]),
               "median": optuna.pruners.MedianPruner, "none": optuna.pruners.NopPruner}
    storage = open_storage(storage_url(arguments), heartbeat)
    study = optuna.create_study(
        storage=storage, study_name=arguments.study or arguments.out.resolve().name, load_if_exists=True,
        sampler=make(None) if arguments.seed is None else SeededSampler(make, arguments.seed), pruner=pruners[arguments.pruner](),
        direction="maximize" if arguments.metric == "accuracy" else "minimize")
    # The results of trials with other settings could not be compared with those that are there.
    described = {"search": {name: repr(domain) for name, domain in space.items()}, "metric": arguments.metric,
                 "options": {name: value for name, value in settings.items() if name not in ("data", "threads")}}
    for name, now in described.items():
        before = study.user_attrs.get(name)
        if before is None:
            study.set_user_attr(name, now)
        elif before != now:
            raise SweepError(f"expected the {name} that the study was begun with, {before}, found {now}; "
                             "give another --out, and another --study if it has a --storage", 2)
    return Study(study, storage, size, heartbeat)


def open_storage(url, heartbeat):
    """heartbeat is the time between two signs of life, or None if only this process uses the storage."""
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    warnings.filterwarnings("ignore", category=optuna.exceptions.ExperimentalWarning)
    # Optuna warns that ask() and tell() give no signs of life. Study.keep_alive() does.
    warnings.filterwarnings("ignore", message="Heartbeat of storage is supposed")
    # SQLAlchemy would open a file of SQLite anew for each transaction, unlike any other database.
    engine = {"poolclass": sqlalchemy.pool.StaticPool} if url.startswith("sqlite") else {}
    for attempts_left in (4, 3, 2, 1, 0) if heartbeat else (0,):
        try:
            return optuna.storages.RDBStorage(url, engine, heartbeat_interval=heartbeat)
        except ImportError as error:
            module = getattr(error.__context__, "name", None) or getattr(error, "name", None) or error
            raise SweepError(f"--storage {without_password(url)}: expected the Python module {module}, found none; install "
                             f"it for {sys.executable}, or choose another database", 2) from None
        except (sqlalchemy.exc.ArgumentError, ValueError):
            raise SweepError("--storage: expected the URL of a database that SQLAlchemy knows, such as "
                             f"postgresql://user@host/name, found '{without_password(url)}'", 2) from None
        except STORAGE_ERRORS:
            # Two machines that create the tables at the same moment disturb each other.
            if not attempts_left:
                raise
            time.sleep(1)


@sqlalchemy.event.listens_for(sqlalchemy.engine.Engine, "connect")
def spare_the_disk(connection, _):
    """By default SQLite waits for the disk a dozen times a trial. With these settings a power cut can cost the
    last trials, which are then run again, but it cannot damage the file."""
    if isinstance(connection, sqlite3.Connection):
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")


class Study:
    """Hands out trials and takes their results. Its methods never wait for another machine."""

    def __init__(self, study, storage, size, heartbeat):
        self.study = study
        self.storage = storage
        self.size = size
        self.heartbeat = heartbeat
        self.next_beat = 0
        self.helped = set()  # numbers of trials of others that this machine has given a sign of life
        if not heartbeat:
            # No other process can be at work on this study, so an earlier one has left these behind.
            for trial in self.trials():
                if trial.state == TrialState.RUNNING:
                    self.study.tell(trial.number, state=TrialState.FAIL)
        self.requeue()

    def trials(self):
        return self.study.get_trials(deepcopy=False)

    def ask(self):
        """A trial that has a place, or None if there is no place at the moment."""
        trials = self.trials()
        is_any_waiting = any(trial.state == TrialState.WAITING for trial in trials)
        if not is_any_waiting and len(places(trials)) >= self.size:
            return None
        trial = self.study.ask()
        if not self.heartbeat:
            return trial  # no other machine can have taken the place
        self.show_life(trial)
        if self.has_place(trial):
            return trial
        trial.set_user_attr(SURPLUS, True)
        self.study.tell(trial, state=TrialState.FAIL)
        return None

    def has_place(self, trial):
        """Whether there is a place left for the trial, and no earlier trial is at work there or has settled it."""
        found = places(self.trials())
        first = first_number(trial)
        earlier = [other for other in found[first] if other.number < trial.number]
        return list(found).index(first) < self.size and not any(
            other.state in OPEN or is_settled(other) for other in earlier)

    def tell(self, trial, state, run, value=None):
        """Returns False if the trial was given to another machine meanwhile, since this one seemed dead."""
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
        """When it is time: shows that these trials are alive, and lets others be tried again if they are not."""
        if not self.heartbeat or time.monotonic() < self.next_beat:
            return
        self.next_beat = time.monotonic() + self.heartbeat
        for trial in trials:
            self.show_life(trial)
        for trial in self.trials():
            # Optuna overlooks a trial whose machine died before its first sign of life, which comes before the
            # first parameter. So this machine gives one sign in its place, and then waits for the next.
            if trial.state == TrialState.RUNNING and not trial.params and trial.number not in self.helped:
                self.helped.add(trial.number)
                self.show_life(trial)
        try:
            optuna.storages.fail_stale_trials(self.study)
        except RuntimeError:
            pass  # another machine was faster
        self.requeue()

    def show_life(self, trial):
        # The storage knows a trial by an identity that is not its number and has no public name.
        self.storage.record_heartbeat(trial._trial_id)

    def requeue(self):
        """Queues another trial for each place whose trials were interrupted or lost."""
        for first, attempts in list(places(self.trials()).items())[: self.size]:
            if not any(trial.state in OPEN or is_settled(trial) for trial in attempts):
                self.study.enqueue_trial(attempts[-1].params, user_attrs={RETRY: first})
