#!/usr/bin/python3
"""docs/testing.md: its package is made as it stands there, and its rostest run as a user would,
with a master of its own."""

import os
import re
import stat
import subprocess
import sys
import tempfile
import unittest

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", "..", ".."))
PAGE = os.path.join(ROOT, "docs", "testing.md")
PATIENCE = 300


def files():
    """{path: text} of the page's blocks, each with its path in the line before."""
    with open(PAGE, encoding="utf-8") as page:
        found = re.findall(r"^`([^`]+)`[^\n]*:\n\n```\w+\n(.*?)^```$", page.read(), re.M | re.S)
    return dict(found)


class TestingPage(unittest.TestCase):
    def test_the_whole_test_passes(self):
        with tempfile.TemporaryDirectory(prefix="testing_page.") as directory:
            package = os.path.join(directory, "my_robot")
            for path, text in files().items():
                whole = os.path.join(package, path)
                os.makedirs(os.path.dirname(whole), exist_ok=True)
                with open(whole, "w", encoding="utf-8") as file:
                    file.write(text)
                if text.startswith("#!"):
                    os.chmod(whole, os.stat(whole).st_mode | stat.S_IXUSR)
            environment = dict(os.environ, TMPDIR=directory)
            environment["ROS_PACKAGE_PATH"] = package + ":" + environment["ROS_PACKAGE_PATH"]
            done = subprocess.run(
                ["rostest", "--text", "my_robot", "bridge.test"],
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                env=environment,
                timeout=PATIENCE,
                check=False,
            )
            text = done.stdout.decode(errors="replace")
            sys.stdout.write(text)
            self.assertEqual(done.returncode, 0)
            self.assertRegex(text, r"TESTS: 2\b")
            # The trial's spool went with it.
            self.assertEqual(os.listdir(directory), ["my_robot"])


if __name__ == "__main__":
    unittest.main()
