"""A table as text: columns of cells, their alignment, and how they are fitted to a width."""

from typing import NamedTuple


class Column(NamedTuple):
    title: str
    cells: list
    leaves: int = 0  # in which order columns go where there is no room; 0: stays
    left: bool = False  # aligned


def width_of(column):
    return max(len(cell) for cell in (column.title, *column.cells))


def total_width(columns):
    return sum(width_of(column) + 2 for column in columns) - 2


def fitted(columns, width):
    """Leaves out columns, the last first, and then shortens the widest, until all fit."""
    columns = list(columns)
    for turn in (1, 2):
        while total_width(columns) > width and any(column.leaves == turn for column in columns):
            del columns[max(i for i, column in enumerate(columns) if column.leaves == turn)]
    while total_width(columns) > width:
        i, widest = max(enumerate(columns), key=lambda item: width_of(item[1]))
        limit = width_of(widest) - 1
        if limit < 4:
            break
        columns[i] = widest._replace(title=shortened(widest.title, limit),
                                     cells=[shortened(cell, limit) for cell in widest.cells])
    return columns


def shortened(text, limit):
    """Of a path the end, of anything else the beginning."""
    if len(text) <= limit:
        return text
    return ".." + text[2 - limit :] if "/" in text else text[: limit - 2] + ".."


def table_lines(columns):
    """The titles and then each row, all of the same width."""
    widths = [width_of(column) for column in columns]
    for cells in zip(*([column.title, *column.cells] for column in columns)):
        yield "  ".join(cell.ljust(width) if column.left else cell.rjust(width)
                        for cell, column, width in zip(cells, columns, widths))
