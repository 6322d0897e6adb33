"""The console as a sink: tables as text on standard output."""

from __future__ import annotations

from typing import Iterable, Sequence


def say(text: str) -> None:
    """One line, at once, also where standard output is a file."""
    print(text, flush=True)


def table(names: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """`rows` under `names`, numbers to the right, other text to the left."""
    cells = [[_show(value) for value in row] for row in rows]
    right = [all(_is_number(cell) for cell in column) for column in zip(*cells)]
    right = right or [False] * len(names)
    widths = [max(len(cell) for cell in column) for column in zip(names, *cells)]
    lines = [list(names), ["-" * width for width in widths], *cells]
    return "\n".join(_line(line, widths, right) for line in lines)


def _line(cells: Sequence[str], widths: Sequence[int], right: Sequence[bool]) -> str:
    placed = (
        cell.rjust(width) if to_right else cell.ljust(width)
        for cell, width, to_right in zip(cells, widths, right)
    )
    return "  ".join(placed).rstrip()


def _show(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return "%.6g" % value
    # A word may hold anything; a line of the table is one line.
    return "".join(one if one.isprintable() else "?" for one in str(value))


def _is_number(cell: str) -> bool:
    try:
        float(cell or "0")
    except ValueError:
        return False
    return True
