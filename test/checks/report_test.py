#!/usr/bin/env python3
"""What scripts/test says in its last line, shown with ctest's own lines of several versions."""

import contextlib
import io
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts" / "lib"))
import test_report  # noqa: E402 (found through the line above)

GOOD = " 1/4 Test  #1: unit.base_buffer ..................   Passed    0.01 sec\n"
BAD = " 2/4 Test #12: unit.plan .........................***Failed    0.02 sec\n"
CRASHED = " 3/4 Test  #3: unit.x ...***Exception: SegFault  0.02 sec\n"
SKIPPED = " 4/4 Test #10: checks.format .....................***Skipped   0.02 sec\n"
LATE = "4/4 Test #1: integration.late ...***Timeout  60.01 sec\n"
NOT_RUN = " 1/1 Test #1: unit.gone ..............***Not Run   0.00 sec\n"
LOG = """Start testing: Nov 21 07:00 UTC
----------------------------------------------------------
12/12 Testing: unit.plan
12/12 Test: unit.plan
Command: "/b/unit_plan"
Directory: /b
"unit.plan" start time: Nov 21 07:00 UTC
Output:
----------------------------------------------------------
 9/9 Test #9: inner .....***Failed 0.1 sec
it broke
<end of output>
Test time =   0.02 sec
----------------------------------------------------------
Test Failed.

10/12 Testing: checks.format
10/12 Test: checks.format
Command: "x"
Output:
----------------------------------------------------------
clang-format 14 is not here
<end of output>
"""


class Report(unittest.TestCase):
    def report(self, results, expected, log=LOG):
        """The exit status and the lines of a report."""
        with tempfile.TemporaryDirectory() as directory:
            paths = [Path(directory, name) for name in ("results", "log")]
            paths[0].write_text(results, encoding="utf-8")
            paths[1].write_text(log, encoding="utf-8")
            said = io.StringIO()
            with contextlib.redirect_stdout(said):
                status = test_report.main(str(paths[0]), str(paths[1]), str(expected))
        return status, said.getvalue().splitlines()

    def test_all_passed(self):
        self.assertEqual(self.report(GOOD, 1), (0, ["", "1 passed, 0 failed"]))

    def test_every_way_to_fail_counts(self):
        status, lines = self.report(GOOD + BAD + CRASHED + LATE + NOT_RUN, 5)
        self.assertEqual(status, 1)
        self.assertEqual(lines[-1], "1 passed, 4 failed")

    def test_a_failed_test_is_shown_with_its_output_and_that_is_not_counted(self):
        _, lines = self.report(BAD, 1)
        self.assertIn("it broke", lines)
        at = lines.index("failed: unit.plan (Failed)")
        self.assertEqual(lines[at + 1], "    9/9 Test #9: inner .....***Failed 0.1 sec")
        self.assertEqual(lines[-1], "0 passed, 1 failed")

    def test_a_skipped_test_says_why(self):
        status, lines = self.report(GOOD + SKIPPED, 2)
        self.assertEqual(status, 0)
        self.assertIn("skipped: checks.format: clang-format 14 is not here", lines)
        self.assertEqual(lines[-1], "1 passed, 0 failed, 1 skipped")

    def test_a_test_without_a_result_has_failed(self):
        status, lines = self.report(GOOD, 3, log="")
        self.assertEqual((status, lines[-1]), (1, "1 passed, 2 failed"))

    def test_the_slowest_are_told_before_the_last_line(self):
        _, lines = self.report(
            GOOD + LATE + GOOD.replace("base_buffer", "b").replace("0.01", "7.5"), 3
        )
        at = lines.index("the slowest:")
        self.assertEqual(
            lines[at + 1 : at + 3], ["    60.0 s  integration.late", "     7.5 s  unit.b"]
        )
        self.assertNotIn("unit.base_buffer", " ".join(lines[at:]))

    def test_no_test_at_all_is_a_failure(self):
        status, lines = self.report("No tests were found!!!\n", 0, log="")
        self.assertEqual((status, lines[-1]), (1, "0 passed, 1 failed"))


if __name__ == "__main__":
    unittest.main()
