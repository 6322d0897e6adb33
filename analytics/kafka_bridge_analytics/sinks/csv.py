"""CSV files as a sink: one a batch, whole or not there. A batch that comes again writes the same
file."""

from __future__ import annotations

import csv
import os
import pathlib
from typing import Iterable, Sequence


def write(
    directory: pathlib.Path, batch: int, names: Sequence[str], rows: Iterable[Sequence[object]]
) -> pathlib.Path:
    """Writes `batch-NNNNNNNN.csv` (RFC 4180 with plain line feeds, a line of `names` first; None is
    empty) and returns its path. On the disk when it returns. OSError where it cannot be."""
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / ("batch-%08d.csv" % batch)
    begun = path.with_suffix(".csv.tmp")
    with open(begun, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(names)
        writer.writerows(rows)
        file.flush()
        os.fsync(file.fileno())
    os.replace(begun, path)
    _sync(directory)
    return path


def _sync(directory: pathlib.Path) -> None:
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
