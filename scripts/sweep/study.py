"""The study of a sweep in Optuna's storage, which several machines may share."""

import re
import sqlite3
import threading

import optuna
import sqlalchemy.exc
import sqlalchemy.pool
from optuna.distributions import distribution_to_json
from optuna.trial import TrialState

from sweep import SweepError

# RuntimeError: of a trial that another machine has taken over, after this one was silent for too long.
STORAGE_ERRORS = (sqlalchemy.exc.SQLAlchemyError, optuna.exceptions.StorageInternalError, sqlite3.Error, RuntimeError)
SETTLED = (TrialState.COMPLETE, TrialState.PRUNED)
RUN = "run"  # the attribute of a settled trial that says how its run ended, as a dict
LOCK_SECONDS = 30  # that a transaction of another process may take
NO_RESULT = ("data", "threads", "device")  # settings that do not change the result of a run
RETRY = optuna.storages.RetryFailedTrialCallback(inherit_intermediate_values=True)


def storage_trouble(arguments, error):
    """One line about an error of the storage: Optuna and SQLAlchemy put errors of their own around it."""
    while error.__cause__ or error.__context__:
        error = error.__cause__ or error.__context__
    line = f"{arguments.storage or arguments.out / 'study.db'}: {error}".splitlines()[0]
    return re.sub(r"://\S*@", "://***@", line)  # without a password


def open_storage(arguments):
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    if not arguments.storage:
        return optuna.storages.RDBStorage("sqlite:///", local_database(arguments.out / "study.db"))
    threading.excepthook = lambda _: None  # of a heartbeat that has lost the database: so does a trial
    try:
        return optuna.storages.RDBStorage(arguments.storage, heartbeat_interval=arguments.heartbeat,
                                          failed_trial_callback=RETRY)
    except (ImportError, ValueError, sqlalchemy.exc.ArgumentError) as error:  # no driver, or no URL of a database
        raise SweepError(f"--storage {storage_trouble(arguments, error)}", 2) from None


def local_database(file):
    """SQLAlchemy's options for a file: any path, one connection for each thread, and no wait for the disk at each
    transaction. A power cut can cost the last trials, which then run again, but cannot corrupt the file."""

    def connect():
        connection = sqlite3.connect(file, timeout=LOCK_SECONDS, check_same_thread=False)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        return connection

    return {"creator": connect, "poolclass": sqlalchemy.pool.QueuePool, "pool_size": 0}  # 0: no limit


def ask_one_by_one(study):
    """SQLite cannot lock a row, so two threads that ask at once could get the same waiting trial."""
    ask, lock = study.ask, threading.Lock()

    def locked_ask():
        with lock:
            return ask()

    study.ask = locked_ask


def open_study(arguments, space, settings):
    """Creates the study or loads the one to continue, which must have the same search space and settings."""
    storage = open_storage(arguments)
    pruners = {"hyperband": optuna.pruners.HyperbandPruner(max_resource=settings["epochs"]),
               "median": optuna.pruners.MedianPruner(), "none": optuna.pruners.NopPruner()}
    study = optuna.create_study(
        storage=storage, load_if_exists=True, pruner=pruners[arguments.pruner],
        study_name=arguments.study or (arguments.out.resolve().name if arguments.storage else "sweep"),
        direction="maximize" if arguments.metric == "accuracy" else "minimize")
    trials = study.get_trials(deepcopy=False)
    seed = None if arguments.seed is None else arguments.seed + len(trials)  # so that it does not draw the first again
    study.sampler = (optuna.samplers.RandomSampler(seed) if arguments.sampler == "random" else
                     optuna.samplers.TPESampler(multivariate=True, constant_liar=True, seed=seed))
    # The results of trials with other settings could not be compared with those that are there.
    now = {name: value for name, value in settings.items() if name not in NO_RESULT}
    now |= {"metric": arguments.metric} | {name: distribution_to_json(domain) for name, domain in space.items()}
    before = study.user_attrs.get("sweep", now)
    if before == now:
        study.set_user_attr("sweep", now)
    elif any(trial.state in (*SETTLED, TrialState.RUNNING) for trial in trials):
        changed = next(name for name in before | now if before.get(name) != now.get(name))
        raise SweepError(f"{changed} of this study: expected {before.get(changed)}, found {now.get(changed)}; give "
                         "another --out, and another --study if it has a --storage", 2)
    else:  # the options of its first trials were refused
        optuna.delete_study(study_name=study.study_name, storage=storage)
        return open_study(arguments, space, settings)
    ask_one_by_one(study)
    return study
