"""What the batches of the detector have to give: analytics/tests/reference_histograms.py as a
program, run in the jobs' Python, which has numpy. A line in is a batch, a JSON array of its
records' texts; a line out is its record without Index."""

import json
import sys

from reference_histograms import expected

for line in sys.stdin:
    print(json.dumps(expected(json.loads(line))), flush=True)
