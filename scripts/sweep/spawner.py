"""A process of mnist-train that starts others, which then have LibTorch and the data in memory already."""

import json
import os
import select
import signal
import subprocess

DATA = ("data", "train-limit", "test-limit", "validation")  # the options that say what is loaded


class SpawnerError(Exception):
    """It ended; code is its exit code."""

    def __init__(self, message, code):
        super().__init__(message)
        self.code = code


def options(settings):
    """{"lr": 0.1} as ["--lr=0.1"]."""
    return [f"--{name}={str(value).lower() if isinstance(value, bool) else value}"
            for name, value in settings.items()]


def last_line(file):
    """Of those with something in them, or "" if there is none."""
    try:
        lines = file.read_text(errors="replace").split("\n")
    except OSError:
        return ""
    return next((line for line in reversed(lines) if line), "")


class Spawner:
    """See spawn_command() in commands.h for what is said to it, and by it."""

    def __init__(self, program, settings, log):
        # setpriv has the kernel kill it when the sweep is gone, however it went, and it takes its
        # processes with it. A session of its own keeps the terminal's Ctrl-C away: the sweep passes
        # on what is meant for them.
        loaded = {name: settings[name] for name in DATA if name in settings}
        command = ["setpriv", "--pdeathsig", "KILL", "--", program, "spawn", *options(loaded)]
        with open(log, "wb") as errors:
            self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                            stderr=errors, start_new_session=True)
        self.log = log
        self.unread = b""
        self.begun = []  # processes that were not yet given to who asked for them
        self.codes = {}  # by process: None while it runs, then its exit code, -9 if it was killed

    def expect_ready(self):
        """Waits until the data are loaded. Throws SpawnerError, as do those below."""
        self.next_begun()

    def start(self, settings, log):
        """A new process with these options; its errors go to the log."""
        request = {"options": ["--quiet", "--resume", *options(settings)], "log": str(log)}
        try:
            self.process.stdin.write(json.dumps(request).encode() + b"\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            self.fail()
        return self.next_begun()

    def next_begun(self):
        while not self.begun:
            self.wait(None)
        return self.begun.pop(0)

    def wait(self, seconds):
        """Returns when there is news of a process, or after so many seconds."""
        if self.process.stdout.closed:
            return
        if not select.select([self.process.stdout], [], [], seconds)[0]:
            return
        news = os.read(self.process.stdout.fileno(), 65536)
        if not news:
            self.fail()
        *lines, self.unread = (self.unread + news).split(b"\n")
        for line in map(json.loads, lines):
            code = -line["signal"] if "signal" in line else line.get("exit")
            self.codes[line["pid"]] = code
            if code is None:
                self.begun.append(line["pid"])

    def fail(self):
        """It has ended, and with it all that it had begun."""
        self.process.stdout.close()
        self.codes = {pid: -signal.SIGKILL if code is None else code for pid, code in self.codes.items()}
        code = self.process.wait()
        trouble = last_line(self.log).replace("mnist-train: error: ", "") or f"mnist-train spawn: ended with {code}"
        raise SpawnerError(trouble, max(code, 1))

    def end(self):
        """Ends it, and what still runs."""
        self.process.kill()
        self.process.communicate()
