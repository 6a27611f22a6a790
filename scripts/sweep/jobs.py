"""Processes of `mnist-train jobs`, each of which trains one run after another and keeps the data in memory."""

import contextlib
import json
import signal
import subprocess


class Interrupted(Exception):
    """The run was ended before it was completed, and can be resumed."""


class Jobs:
    """As many processes as there are runs at a time, started when they are needed. Their log goes to the file `log`."""

    def __init__(self, program, log):
        self.program = program
        self.log = log
        self.is_stopped = False
        self.processes = []
        self.free = []

    def close(self):
        """Ends the processes, by the end of their input."""
        for process in self.processes:
            process.communicate()

    def run(self, options, goes_on=lambda _: True):
        """Trains in a free process, and ends the run early once goes_on(), which gets each line of metrics, is false.
        Returns the result, whose "status" may also be "pruned", or "failed" with "error" and "exit_code". Throws
        Interrupted if something else has ended the run."""
        try:
            process = self.free.pop()
        except IndexError:
            process = self.start()
        if self.is_stopped:  # asked last: a stop() after this reaches the process
            raise Interrupted
        result = follow(process, options, goes_on)
        if process.poll() is None:
            self.free.append(process)
        if result["status"] == "interrupted" or (self.is_stopped and result["status"] == "failed"):
            raise Interrupted
        return result

    def start(self):
        # A session of its own keeps the terminal's Ctrl-C away: stop() sends a signal. If the sweep is killed, the
        # process ends by SIGPIPE at the next epoch, or at the end of its input.
        with open(self.log, "ab") as log:
            process = subprocess.Popen([self.program, "jobs"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                       stderr=log, text=True, start_new_session=True)
        self.processes.append(process)
        return process

    def stop(self, number=signal.SIGTERM):
        """Lets the processes save their runs and end, or kills them."""
        self.is_stopped = True
        for process in self.processes:
            process.send_signal(number)


def follow(process, options, goes_on):
    """Sends a run to the process and reads its lines up to that of the result."""
    is_pruned = False
    with contextlib.suppress(BrokenPipeError):
        process.stdin.write(json.dumps(options) + "\n")
        process.stdin.flush()
        for line in process.stdout:
            record = json.loads(line)
            if "epoch" not in record:
                status = record.get("status", "failed")
                return record | {"status": "pruned" if is_pruned and status == "interrupted" else status}
            if not is_pruned and not goes_on(record):
                is_pruned = True
                process.send_signal(signal.SIGUSR1)
    return {"status": "failed", "error": f"mnist-train jobs: ended with {process.wait()}", "exit_code": 1}
