"""A table as text: its columns, and how they are made to fit a width."""

from typing import NamedTuple


class Column(NamedTuple):
    title: str
    cells: list
    leaves: int = 0  # where there is no room, columns of 1 leave first and those of 2 next; those of 0 stay
    left: bool = False  # aligned to the left

    def width(self):
        return max(len(cell) for cell in (self.title, *self.cells))


def total_width(columns):
    return sum(column.width() + 2 for column in columns) - 2


def fitted(columns, width):
    """The columns that have room, from the left; if those that must stay have none, the widest are shortened."""
    columns = list(columns)
    for turn in (1, 2):
        while total_width(columns) > width and any(column.leaves == turn for column in columns):
            del columns[max(i for i, column in enumerate(columns) if column.leaves == turn)]
    while total_width(columns) > width:
        i, widest = max(enumerate(columns), key=lambda item: item[1].width())
        limit = widest.width() - 1
        if limit < 4:
            break
        columns[i] = widest._replace(title=shortened(widest.title, limit),
                                     cells=[shortened(cell, limit) for cell in widest.cells])
    return columns


def shortened(text, limit):
    """Keeps the end of a path, and the beginning of anything else."""
    if len(text) <= limit:
        return text
    return ".." + text[2 - limit :] if "/" in text else text[: limit - 2] + ".."


def table_lines(columns):
    """The line of titles and then each row, all of the same length."""
    widths = [column.width() for column in columns]
    for cells in zip(*([column.title, *column.cells] for column in columns)):
        yield "  ".join(cell.ljust(width) if column.left else cell.rjust(width)
                        for cell, column, width in zip(cells, columns, widths))
