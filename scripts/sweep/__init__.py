"""The modules of scripts/sweep.py and scripts/leaderboard.py, and the few things that most of them need.

Python looks for a package before it looks for a module, so `import sweep` in these scripts finds this
folder and not the sweep.py beside it. A folder without an __init__.py would come after sweep.py.
"""

import contextlib
import sys


class SweepError(Exception):
    """Says in one line why the sweep ends; code is the exit code of sweep.py."""

    def __init__(self, message, code=1):
        super().__init__(message)
        self.code = code


def note(text):
    """Writes a line to standard error, since standard output is for results. Whether anybody reads it, or the terminal
    is still there, makes no difference to the sweep."""
    with contextlib.suppress(OSError, ValueError, RuntimeError):  # the last: in a handler of signals
        if sys.stderr:
            print(text, file=sys.stderr, flush=True)


def short(value, name=""):
    """A value for people: 0.012345678 as 0.01235, True as yes, an accuracy in percent."""
    if name == "accuracy" and value != "":
        return f"{100 * value:.2f} %"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.4g}" if isinstance(value, float) else str(value)
