"""numpy's own correlation of quantities with time, for test_truck.py, which has no numpy: reads
[[times], [values], [values], ...] as JSON from standard input and writes, for each list of values,
[None, r over the first two, over the first three, ...]; None where it is not defined."""

import json
import sys

import numpy


def running(times: numpy.ndarray, values: numpy.ndarray) -> list:
    """Pearson's r of the first 1, 2, … points, each computed anew."""
    found: list = []
    for count in range(1, len(times) + 1):
        head = values[:count]
        defined = count > 1 and numpy.ptp(times[:count]) > 0 and numpy.ptp(head) > 0
        found.append(float(numpy.corrcoef(times[:count], head)[0, 1]) if defined else None)
    return found


times, *others = (numpy.array(one) for one in json.load(sys.stdin))
json.dump([running(times, values) for values in others], sys.stdout)
