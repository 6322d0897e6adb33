"""The detector's histograms: what one task finds in its part of a batch, the sum of the parts, and
the record that is made of it.

Chambers 1 … 4 (0 … 3 in arrays): FPGA 0 with TDC_CHANNEL up to 63, FPGA 0 from 64, FPGA 1 up to 63,
FPGA 1 from 64. A hit of any other FPGA is counted in the total and in no chamber.
"""

from __future__ import annotations

from typing import NamedTuple, Sequence

import numpy as np

CHAMBERS = 4
SECOND_HALF = 64  # the first TDC_CHANNEL of a board's second chamber
CHANNEL_EDGES = np.arange(0, 166, 5, dtype=np.int64)  # 0, 5, … 165
ORBIT_EDGES = np.arange(6e5, 1e7, 5e5)  # 6e5, 1.1e6, … 9.6e6, in orbits


class Pairs(NamedTuple):
    """Distinct (chamber, TDC_CHANNEL, ORBIT_CNT), ordered; arrays of one length."""

    chamber: np.ndarray  # int8, 0 … 3
    channel: np.ndarray  # int32
    orbit: np.ndarray  # float64, within ORBIT_EDGES


class Part(NamedTuple):
    """Hits of one part of a batch. Parts may be added in any order."""

    total: int  # hits, in whatever chamber or none
    counts: np.ndarray  # int64[CHAMBERS], hits of each chamber
    channels: np.ndarray  # int64[CHAMBERS, len(CHANNEL_EDGES) - 1], Hist_1
    pairs: Pairs  # for Hist_2, which counts none twice, whatever parts it was in


def find_bins(edges: np.ndarray, values: np.ndarray) -> np.ndarray:
    """The bin of each value, -1 outside. A bin holds its lower edge; the last holds both."""
    bins = np.searchsorted(edges, values, side="right") - 1
    bins[values == edges[-1]] = len(edges) - 2
    bins[values > edges[-1]] = -1
    return bins


def find_chambers(board: np.ndarray, channel: np.ndarray) -> np.ndarray:
    """The chamber of each hit as int8, -1 for none. `board`: FPGA; `channel`: TDC_CHANNEL."""
    chamber = (2 * board + (channel >= SECOND_HALF)).astype(np.int8)
    chamber[(board != 0) & (board != 1)] = -1
    return chamber


def summarize(board: np.ndarray, channel: np.ndarray, orbit: np.ndarray) -> Part:
    """The part that these hits make; int32, int32 and finite float64 of one length."""
    chamber = find_chambers(board, channel)
    inside = chamber >= 0
    chamber, channel, orbit = chamber[inside], channel[inside], orbit[inside]
    bins = find_bins(CHANNEL_EDGES, channel)
    shown = (orbit >= ORBIT_EDGES[0]) & (orbit <= ORBIT_EDGES[-1])
    return Part(
        total=len(board),
        counts=_count(chamber, 1, np.zeros_like(bins))[:, 0],
        channels=_count(chamber, len(CHANNEL_EDGES) - 1, bins),
        pairs=_distinct(Pairs(chamber[shown], channel[shown], orbit[shown])),
    )


def add(parts: Sequence[Part]) -> Part:
    """All of them as one; with none a part without hits."""
    pairs = Pairs(*(np.concatenate(column) for column in zip(EMPTY.pairs, *_pairs(parts))))
    return Part(
        total=sum(part.total for part in parts),
        counts=sum((part.counts for part in parts), EMPTY.counts),
        channels=sum((part.channels for part in parts), EMPTY.channels),
        pairs=_distinct(pairs),
    )


def make_record(part: Part, index: float) -> dict[str, object]:
    """The record on topic `results`. `index`: Unix time, s. Every histogram has its full shape,
    whatever was in it."""
    orbits = _count(
        part.pairs.chamber, len(ORBIT_EDGES) - 1, find_bins(ORBIT_EDGES, part.pairs.orbit)
    )
    record: dict[str, object] = {"Total Count": part.total, "Index": index}
    for chamber in range(CHAMBERS):
        record["Chamber_%d" % (chamber + 1)] = {
            "Count": int(part.counts[chamber]),
            "Hist_1": _histogram(CHANNEL_EDGES, part.channels[chamber]),
            "Hist_2": _histogram(ORBIT_EDGES, orbits[chamber]),
        }
    return record


def _histogram(edges: np.ndarray, counts: np.ndarray) -> dict[str, list[float]]:
    return {"Bins": edges.tolist(), "Counts": counts.tolist()}


def _count(chamber: np.ndarray, size: int, bins: np.ndarray) -> np.ndarray:
    """How many have each chamber and bin (-1: not counted): int64[CHAMBERS, size]."""
    inside = bins >= 0
    flat = chamber[inside].astype(np.int64) * size + bins[inside]
    return np.bincount(flat, minlength=CHAMBERS * size).reshape(CHAMBERS, size)


def _distinct(pairs: Pairs) -> Pairs:
    order = np.lexsort((pairs.orbit, pairs.channel, pairs.chamber))
    ordered = [column[order] for column in pairs]
    first = np.ones(len(order), dtype=bool)
    if len(order):
        first[1:] = np.any([column[1:] != column[:-1] for column in ordered], axis=0)
    return Pairs(*(column[first] for column in ordered))


def _pairs(parts: Sequence[Part]) -> list[Pairs]:
    return [part.pairs for part in parts]


EMPTY = Part(
    total=0,
    counts=np.zeros(CHAMBERS, dtype=np.int64),
    channels=np.zeros((CHAMBERS, len(CHANNEL_EDGES) - 1), dtype=np.int64),
    pairs=Pairs(np.zeros(0, np.int8), np.zeros(0, np.int32), np.zeros(0, np.float64)),
)
