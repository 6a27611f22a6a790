"""What scripts/sweep.py, its modules and scripts/leaderboard.py share.

`import sweep` finds this package before the sweep.py beside it only because it has an __init__.py.
"""

import csv
import logging

logging.raiseExceptions = False  # the sweep goes on if nobody reads its messages, or if the terminal is gone
log = logging.getLogger("sweep")  # of messages to standard error
log.addHandler(logging.StreamHandler())
log.setLevel(logging.INFO)


class SweepError(Exception):
    """Says in one line why the sweep ends; `code` is the exit code of sweep.py."""

    def __init__(self, message, code=1):
        super().__init__(message)
        self.code = code


def short(value, name=""):
    """A value for people: 0.012345678 as 0.01235, True as yes, an accuracy in percent."""
    if value is None:
        return ""
    if name == "accuracy":
        return f"{100 * value:.2f} %"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def table_lines(rows):
    """Lines of aligned columns."""
    widths = [max(map(len, column)) for column in zip(*rows)]
    return ["  ".join(map(str.rjust, row, widths)) for row in rows]


def write_csv(stream, columns, rows):
    """Writes such items of the rows, which are dicts, as have a column."""
    writer = csv.DictWriter(stream, columns, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
