"""The mnist-train processes of a sweep: started, followed and ended."""

import json
import os
import select
import signal
import subprocess
import time

PATIENCE = 10  # seconds that a process has to save before it is killed


def options(settings):
    """{"lr": 0.1} as ["--lr=0.1"]."""
    return [f"--{name}={str(value).lower() if isinstance(value, bool) else value}"
            for name, value in settings.items()]


class Run:
    """One process and the folder that it fills. Throws OSError if it cannot be started."""

    def __init__(self, program, settings, folder):
        folder.parent.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.log = folder.with_suffix(".log")
        self.seen = 0
        # setpriv has the kernel kill the process when the sweep is gone, however it went. A session
        # of its own keeps the terminal's Ctrl-C away: the sweep passes on what is meant for it.
        command = ["setpriv", "--pdeathsig", "KILL", "--", program, "--quiet", "--resume",
                   *options(settings), "--out", str(folder)]
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                            stderr=log, start_new_session=True)
        self.started = time.monotonic()
        self.handle = os.pidfd_open(self.process.pid)

    def new_epochs(self):
        """The lines of metrics.jsonl that were not there before."""
        try:
            lines = (self.folder / "metrics.jsonl").read_text().splitlines()
        except OSError:
            return []
        new = lines[self.seen :]
        self.seen = len(lines)
        return [json.loads(line) for line in new]

    def has_ended(self):
        return self.process.poll() is not None

    def result(self):
        """result.json, or {} if there is none."""
        try:
            return json.loads((self.folder / "result.json").read_text())
        except (OSError, ValueError):
            return {}

    def trouble(self):
        """Why it failed, in a line."""
        code = self.process.returncode
        how = f"killed by signal {-code}" if code < 0 else f"exit code {code}"
        try:
            lines = self.log.read_text(errors="replace").split("\n")
        except OSError:
            lines = []
        return ": ".join([how, *[line for line in lines if line][-1:]])

    def signal(self, number):
        if not self.has_ended():
            os.killpg(self.process.pid, number)

    def kill(self):
        self.signal(signal.SIGKILL)
        self.close()

    def close(self):
        """Waits for the end, and keeps how long it took."""
        self.process.wait()
        if self.handle is not None:
            os.close(self.handle)
            self.handle = None
            self.seconds = time.monotonic() - self.started


def wait(runs, seconds):
    """Returns when one of the runs ends, or after so many seconds."""
    poll = select.poll()
    for run in runs:
        poll.register(run.handle, select.POLLIN)
    poll.poll(1000 * seconds)


def end(runs):
    """Has them save and end, and kills those that do not."""
    for run in runs:
        run.signal(signal.SIGTERM)
    deadline = time.monotonic() + PATIENCE
    for run in runs:
        try:
            run.process.wait(max(0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            pass
        run.kill()
