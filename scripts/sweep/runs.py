"""The mnist-train processes of a sweep: started, followed and ended."""

import json
import os
import signal
import time

from sweep.spawner import last_line

PATIENCE = 10  # seconds that a process has to save before it is killed


class Run:
    """One process and the folder that it fills. Throws OSError if it cannot be started."""

    def __init__(self, spawner, settings, folder):
        folder.parent.mkdir(parents=True, exist_ok=True)
        self.spawner = spawner
        self.folder = folder.resolve()
        self.log = self.folder.with_suffix(".log")
        self.log.write_bytes(b"")
        self.seen = 0
        self.seconds = 0.0
        self.started = time.monotonic()
        self.pid = spawner.start(settings | {"out": str(self.folder)}, self.log)

    def new_epochs(self):
        """The lines of metrics.jsonl that were not there before."""
        try:
            lines = (self.folder / "metrics.jsonl").read_text().splitlines()
        except OSError:
            return []
        new = lines[self.seen :]
        self.seen = len(lines)
        return [json.loads(line) for line in new]

    @property
    def code(self):
        """Its exit code, or -9 if it was killed; None while it runs."""
        return self.spawner.codes[self.pid]

    def result(self):
        """result.json, or {} if there is none."""
        try:
            return json.loads((self.folder / "result.json").read_text())
        except (OSError, ValueError):
            return {}

    def trouble(self):
        """Why it failed, in a line."""
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
        """Returns when it has ended."""
        self.signal(signal.SIGKILL)
        while self.code is None:
            self.spawner.wait(None)
        self.seconds = time.monotonic() - self.started


def end(runs):
    """Has them save and end, and kills those that do not."""
    for run in runs:
        run.signal(signal.SIGTERM)
    deadline = time.monotonic() + PATIENCE
    for run in runs:
        while run.code is None and time.monotonic() < deadline:
            run.spawner.wait(deadline - time.monotonic())
        run.kill()
