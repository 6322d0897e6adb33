"""What csv_player makes of data/readings, worked out again in Python."""

import csv
import glob
import itertools
import json
import os
import re

from kafka_broker import ROOT

NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?")


def rows(count):
    """The first `count` rows as [[(name, cell), ...]]: one of each file in turn, over and over."""
    files = []
    for path in sorted(glob.glob(os.path.join(ROOT, "data", "readings", "*.csv"))):
        with open(path, newline="", encoding="utf-8") as file:
            names, *cells = csv.reader(file)
        files.append([list(zip(names, row)) for row in cells])
    if len({len(file) for file in files}) != 1:
        raise ValueError("the files of data/readings have not the same number of rows")
    turns = itertools.chain.from_iterable(zip(*files))
    return list(itertools.islice(itertools.cycle(turns), count))


def as_array(row):
    """A row as csv_player's `as: array` has it."""
    members = [json.dumps(name) + ":" + _json(cell) for name, cell in row]
    return "[{%s}]" % ",".join(members)


def as_text(row):
    """A row as its `as: text` has it."""
    return " ".join(cell for _, cell in row if cell)


def _json(cell):
    if not cell:
        return "null"
    return cell if NUMBER.fullmatch(cell) else json.dumps(cell, ensure_ascii=False)
