"""Runs of mnist-train: how they are started, followed and ended.

They are forked from one process, `mnist-train spawn`, so they have LibTorch and the data in memory from their
first moment. What that process reads and writes is described where its command, spawn_command(), is declared.
"""

import json
import os
import select
import signal
import subprocess
import time

from sweep import SweepError
from sweep.space import applicable

DATA = ("data", "train-limit", "test-limit", "validation")  # the options that decide which images are loaded
PATIENCE = 10  # seconds that a run is given to save itself before it is killed


def as_options(settings):
    """Turns {"lr": 0.1} into ["--lr=0.1"]."""
    return [f"--{name}={str(value).lower() if isinstance(value, bool) else value}"
            for name, value in settings.items()]


def last_line(file):
    """The last line of the file that is not empty, or "" if there is no such line or no file."""
    try:
        lines = file.read_text(errors="replace").split("\n")
    except OSError:
        return ""
    return next((line for line in reversed(lines) if line), "")


class Spawner:
    """Nothing that it has started outlives the `with` block that it is used in."""

    def __init__(self, program, settings, log):
        loaded = {name: settings[name] for name in DATA if name in settings}
        # With setpriv the kernel kills the spawner when the sweep is gone, even if that was killed, and
        # the spawner's own processes go with it. The new session keeps the terminal's Ctrl-C away from
        # them: the sweep sends them the signals that they need.
        command = ["setpriv", "--pdeathsig", "KILL", "--", program, "spawn", *as_options(loaded)]
        with open(log, "wb") as errors:
            self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                            stderr=errors, start_new_session=True)
        self.log = log
        self.unread = b""
        self.started = []  # processes that no run has yet
        self.codes = {}  # by process: None while it runs, then its exit code, or -9 if it was killed

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.communicate()

    def wait_until_ready(self):
        """Returns when the data are loaded. Like the methods below it throws SweepError if they cannot be."""
        self.next_started()

    def start(self, settings, log):
        """Starts a process with these settings, whose standard error goes to the log. Returns its id."""
        request = {"options": ["--quiet", "--resume", *as_options(applicable(settings))], "log": str(log)}
        try:
            self.process.stdin.write(json.dumps(request).encode() + b"\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            self.fail()
        return self.next_started()

    def next_started(self):
        while not self.started:
            self.wait(None)
        return self.started.pop(0)

    def wait(self, seconds):
        """Returns when a process has started or ended, or after so many seconds. None means no limit."""
        if self.process.stdout.closed or not select.select([self.process.stdout], [], [], seconds)[0]:
            return
        news = os.read(self.process.stdout.fileno(), 65536)
        if not news:
            self.fail()
        *lines, self.unread = (self.unread + news).split(b"\n")
        for line in map(json.loads, lines):
            code = -line["signal"] if "signal" in line else line.get("exit")
            self.codes[line["pid"]] = code
            if code is None:
                self.started.append(line["pid"])

    def fail(self):
        """The spawner has ended, and the kernel has killed all that it had started."""
        self.process.stdout.close()
        self.codes = {pid: -signal.SIGKILL if code is None else code for pid, code in self.codes.items()}
        code = self.process.wait()
        trouble = last_line(self.log).replace("mnist-train: error: ", "") or f"mnist-train spawn: ended with {code}"
        raise SweepError(trouble, max(code, 1))


class Run:
    """One run and the folder that it fills. Throws OSError if it cannot be started."""

    def __init__(self, spawner, settings, folder):
        folder.parent.mkdir(parents=True, exist_ok=True)
        self.spawner = spawner
        self.folder = folder.resolve()
        self.log = self.folder.with_suffix(".log")
        self.log.write_bytes(b"")
        self.epochs = 0  # those that new_epochs() has returned so far
        self.seconds = 0.0
        self.began = time.monotonic()
        self.pid = spawner.start(settings | {"out": str(self.folder)}, self.log)

    def new_epochs(self):
        """The lines of metrics.jsonl that have been written since the last call."""
        try:
            lines = (self.folder / "metrics.jsonl").read_text().splitlines()
        except OSError:
            return []
        new, self.epochs = lines[self.epochs :], len(lines)
        return [json.loads(line) for line in new]

    @property
    def code(self):
        """The exit code, or -9 if the run was killed; None while it runs."""
        return self.spawner.codes[self.pid]

    def result(self):
        """The contents of result.json, or {} if there is none."""
        try:
            return json.loads((self.folder / "result.json").read_text())
        except (OSError, ValueError):
            return {}

    def trouble(self):
        """Why the run failed, in one line."""
        how = f"killed by signal {-self.code}" if self.code < 0 else f"exit code {self.code}"
        line = last_line(self.log)
        return f"{how}: {line}" if line else how

    def signal(self, number):
        if self.code is None:
            try:
                os.kill(self.pid, number)
            except ProcessLookupError:
                pass  # it has just ended

    def kill(self):
        """Returns when the run has ended."""
        self.signal(signal.SIGKILL)
        while self.code is None:
            self.spawner.wait(None)
        self.seconds = time.monotonic() - self.began


def end(runs):
    """Lets the runs save themselves and end, and kills those that do not."""
    for run in runs:
        run.signal(signal.SIGTERM)
    deadline = time.monotonic() + PATIENCE
    for run in runs:
        while run.code is None and time.monotonic() < deadline:
            run.spawner.wait(deadline - time.monotonic())
        run.kill()
