"""The study of a sweep in Optuna's storage, which several machines may share, its trials, and the final trainings."""

import contextlib
import re
import socket
import sqlite3
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import optuna
import sqlalchemy.exc
import sqlalchemy.pool
from optuna.distributions import distribution_to_json
from optuna.exceptions import TrialPruned
from optuna.trial import TrialState

from sweep import SweepError, log, short
from sweep.jobs import Interrupted
from sweep.space import LACKS, suggest

# RuntimeError: of a trial that another machine has taken over, after this one was silent for too long.
STORAGE_ERRORS = (sqlalchemy.exc.SQLAlchemyError, optuna.exceptions.StorageInternalError, sqlite3.Error, RuntimeError)
SETTLED = (TrialState.COMPLETE, TrialState.PRUNED)
LOST_CAUSES = (3, 7)  # exit codes that all trials would have: the data cannot be read, files cannot be written
LOCK_SECONDS = 30  # that a transaction of another process may take
NO_RESULT = ("data", "threads", "device")  # settings that do not change the result of a run
RETRY = optuna.storages.RetryFailedTrialCallback(inherit_intermediate_values=True)


def storage_trouble(arguments, error):
    """The innermost error, without a password: Optuna and SQLAlchemy put errors of their own around it."""
    while error.__cause__ or error.__context__:
        error = error.__cause__ or error.__context__
    return re.sub(r"://\S*@", "://***@", f"{arguments.storage or arguments.out / 'study.db'}: {error}".splitlines()[0])


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


def as_options(settings, params):
    """Turns {"shuffle": False} and {"lr": 0.1} into ["--shuffle=false", "--lr=0.1"]. A strength that the augmentation
    lacks is left out if the augmentation is searched; else mnist-train is to refuse it."""
    lacks = LACKS.get(params.get("augment"), ())
    return [f"--{name}={str(value).lower() if isinstance(value, bool) else value}"
            for name, value in (settings | params).items() if name not in lacks]


class Search:
    """In the study, FAIL means that a trial was interrupted or lost: it is enqueued again. A run that ends without a
    result, diverged or refused, is PRUNED, so that the sampler learns to avoid such options."""

    def __init__(self, arguments, study, jobs, space, settings, points):
        self.arguments = arguments
        self.study = study
        self.jobs = jobs
        self.space = space
        self.settings = settings  # the options of all runs
        self.points = points  # of the grid, or []
        self.error = None  # what ends the sweep

    def work(self):
        """Runs trials until there are enough, those of other machines included, or until the jobs are stopped."""
        began, before = time.monotonic(), len(self.trials(*SETTLED))
        while not self.jobs.is_stopped:
            self.recover()
            if (count := self.open()) > 0:
                self.study.optimize(self.objective, n_trials=count, n_jobs=self.arguments.jobs, catch=(Exception,),
                                    callbacks=[self.after_trial])
            elif self.trials(TrialState.RUNNING):
                time.sleep(1)  # until another machine has finished its trials, or is dead
            else:
                break
        if self.error:
            raise self.error
        log.info(f"{len(self.trials(*SETTLED)) - before} trials in {time.monotonic() - began:.1f} s")

    def trials(self, *states):
        return self.study.get_trials(deepcopy=False, states=states or None)

    def open(self):
        """How many trials have yet to begin."""
        if self.points:
            return len(self.trials(TrialState.WAITING))
        return (self.arguments.trials or 50) - len(self.trials(*SETTLED, TrialState.RUNNING))

    def recover(self):
        """Enqueues the trials of dead machines or of a killed sweep again, and the points that the grid still lacks."""
        optuna.storages.fail_stale_trials(self.study)
        if not self.arguments.storage:
            for trial in self.trials(TrialState.RUNNING):
                self.study.tell(trial.number, state=TrialState.FAIL)
                RETRY(self.study, trial)
        # Not by skip_if_exists, which reads the whole study for each point.
        there = [trial.system_attrs.get("fixed_params", trial.params) for trial in self.trials()
                 if trial.state != TrialState.FAIL]
        for point in self.points:
            if point not in there:
                self.study.enqueue_trial(point)

    def after_trial(self, study, trial):
        if trial.state == TrialState.FAIL:
            RETRY(study, trial)
        if self.jobs.is_stopped or self.open() <= 0:
            study.stop()

    def objective(self, trial):
        try:
            return self.train(trial)
        except Exception as error:
            if not isinstance(error, (Interrupted, TrialPruned)):
                self.error = self.error or error
                self.jobs.stop()
            raise

    def train(self, trial):
        # Nothing may be chosen by the test images, so a trial gets as few as mnist-train allows: one.
        options = as_options(self.settings | {"test-limit": 1}, suggest(trial, self.space))
        first = RETRY.retried_trial_number(trial)  # None if this is the first attempt
        directory = self.arguments.out / "trials" / f"{trial.number if first is None else first:04d}"

        def goes_on(epoch):
            value = epoch["validation_" + self.arguments.metric]
            if value is None or epoch["train_loss"] is None:  # it has diverged and is about to end
                return True
            trial.report(value, epoch["epoch"])
            return epoch["epoch"] == self.settings["epochs"] or not trial.should_prune()

        existing = "--overwrite" if first is None else "--resume"
        result = self.jobs.run([*options, f"--out={directory.resolve()}", existing], goes_on)
        return self.conclude(trial, directory, result)

    def conclude(self, trial, directory, result):
        """Returns the value of a completed trial, or throws what Optuna is to know of another."""
        status, metric = result["status"], self.arguments.metric
        if status == "failed" and (result["exit_code"] in LOST_CAUSES or not self.trials(*SETTLED)):
            raise SweepError(result["error"], result["exit_code"])
        run = {"state": status, "epochs": result.get("epochs", 0), "host": socket.gethostname(),
               "directory": str(directory), "error": result.get("error", "")}
        if status == "completed":
            run |= {"epochs": result["chosen"]["epoch"], "tested": result["test"] is not None,
                    "loss": result["validation"]["loss"], "accuracy": result["validation"]["accuracy"]}
        trial.set_user_attr("run", run)
        params = ", ".join(f"{name} {short(value)}" for name, value in trial.params.items())
        outcome = f"{metric} {short(run[metric], metric)}" if metric in run else run["error"]
        log.info(f"trial {trial.number} ({params}) {status} {outcome}".rstrip())
        if metric not in run:
            raise TrialPruned
        return run[metric]


def train_finals(arguments, jobs, settings, best):
    """Trains the options of the best trial on all training images, with each seed, for as many epochs as its weights
    had. Returns the test results in the order of the seeds, or [] if there are none."""
    if not best.user_attrs["run"]["tested"]:
        log.info("the data has no test images: no final trainings")
        return []
    settings = {name: value for name, value in settings.items() if name not in ("validation", "patience", "max-time")}
    options = as_options(settings | {"epochs": best.user_attrs["run"]["epochs"]}, best.params)

    def train(seed):
        directory = arguments.out / "final" / f"{best.number:04d}-seed-{seed}"
        result = jobs.run([*options, f"--seed={seed}", f"--out={directory.resolve()}", "--resume"])
        if result["status"] != "completed":
            raise SweepError(f"{directory}: {result.get('error', result['status'])}", result.get("exit_code", 1))
        test = result["test"]
        log.info(f"final, seed {seed}: test accuracy {short(test['accuracy'], 'accuracy')}")
        return {"seed": seed, "accuracy": test["accuracy"], "loss": test["loss"]}

    with contextlib.suppress(Interrupted), ThreadPoolExecutor(arguments.jobs) as executor:
        return list(executor.map(train, range(1, arguments.final_seeds + 1)))
    return []
