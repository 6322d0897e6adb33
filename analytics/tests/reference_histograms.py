"""What the detector job has to give, computed another way: plain Python reading, and numpy's own
histogram of each chamber's hits. Shares no code with the job; for unit and integration tests and
for bench/detector."""

from __future__ import annotations

import json
from typing import Iterable

import numpy as np

CHANNEL_BINS = list(range(0, 170, 5))
ORBIT_BINS = [600000.0 + 500000.0 * i for i in range(19)]


def expected(values: Iterable[bytes]) -> dict[str, object]:
    """The record for a batch of well-formed `values` (JSON), without `Index`."""
    hits = np.array(
        [
            (hit["FPGA"], hit["TDC_CHANNEL"], hit["ORBIT_CNT"])
            for hit in map(json.loads, values)
            if hit["HEAD"] == 2
        ],
        dtype=np.float64,
    ).reshape(-1, 3)
    record: dict[str, object] = {"Total Count": len(hits)}
    for number, (fpga, upper) in enumerate([(0, False), (0, True), (1, False), (1, True)], 1):
        mine = hits[(hits[:, 0] == fpga) & ((hits[:, 1] > 63) == upper), 1:]
        pairs = np.unique(mine, axis=0)
        record["Chamber_%d" % number] = {
            "Count": len(mine),
            "Hist_1": _histogram(CHANNEL_BINS, mine[:, 0]),
            "Hist_2": _histogram(ORBIT_BINS, pairs[:, 1]),
        }
    return record


def _histogram(bins: list[float], values: np.ndarray) -> dict[str, list[float]]:
    counts, _ = np.histogram(values, bins)
    return {"Bins": bins, "Counts": counts.tolist()}
