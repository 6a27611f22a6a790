"""The modules of scripts/sweep.py and scripts/leaderboard.py, and what they share.

`import sweep` finds this package before the sweep.py beside it only because it has an __init__.py.
"""

import contextlib
import sys


class SweepError(Exception):
    """Says in one line why the sweep ends; `code` is the exit code of sweep.py."""

    def __init__(self, message, code=1):
        super().__init__(message)
        self.code = code


def note(text):
    """Writes a line to standard error. The sweep goes on if nobody reads it, or if the terminal is gone."""
    with contextlib.suppress(OSError, ValueError, RuntimeError):  # RuntimeError: from a signal handler
        if sys.stderr:
            sys.stderr.write(text + "\n")  # at once, since several threads write lines
            sys.stderr.flush()


def short(value, name=""):
    """A value for people: 0.012345678 as 0.01235, True as yes, an accuracy in percent."""
    if name == "accuracy" and value != "":
        return f"{100 * value:.2f} %"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def table_lines(rows, left=()):
    """Lines of aligned columns; the first row has the titles. Columns whose title is in `left` are left-aligned."""
    widths = [max(map(len, column)) for column in zip(*rows)]
    for row in rows:
        cells = [cell.ljust(width) if title in left else cell.rjust(width)
                 for title, cell, width in zip(rows[0], row, widths)]
        yield "  ".join(cells).rstrip()
