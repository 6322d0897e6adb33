#!/usr/bin/env python3
"""What scripts/pipeline writes for a shell: addresses.env, and the commands that it prints."""

import subprocess
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CQLSH = "/a b/cqlsh 127.0.0.1 9042"
VALUES = {"KAFKA": "127.0.0.1:9092", "CQLSH": CQLSH, "QUOTED": "it's", "UI": "http://a:1/x?y&z"}


def bash(script, *arguments):
    script = "set -euo pipefail; ROOT=%s; CACHE=/tmp; . $ROOT/scripts/lib/parts.sh; %s" % (
        ROOT,
        script,
    )
    done = subprocess.run(
        ["bash", "-c", script, "bash", *arguments], stdout=subprocess.PIPE, check=True
    )
    return done.stdout.decode().rstrip("\n")


class Addresses(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = directory.name
        self.file = Path(self.directory, "addresses.env")

    def note(self):
        for key, value in VALUES.items():
            bash('DIRECTORY=$1; note_address "$2" "$3"', self.directory, key, value)

    def test_a_shell_can_source_them(self):
        self.note()
        for key, value in VALUES.items():
            found = subprocess.run(
                ["sh", "-c", '. "$1"; printf "%s" "$' + key + '"', "sh", str(self.file)],
                stdout=subprocess.PIPE,
                check=True,
            )
            self.assertEqual(found.stdout.decode(), value)

    def test_the_script_reads_them_again(self):
        self.note()
        with self.file.open("a", encoding="utf-8") as file:
            file.write("OLD=%s\n" % CQLSH)  # as an older version wrote it
        for key, value in dict(VALUES, OLD=CQLSH, NONE="").items():
            self.assertEqual(bash('DIRECTORY=$1; address_of "$2"', self.directory, key), value)
        filled = bash("DIRECTORY=$1; fill '{CQLSH} -e {QUOTED} {KAFKA}'", self.directory)
        self.assertEqual(filled, CQLSH + " -e it's 127.0.0.1:9092")


class Hints(unittest.TestCase):
    def test_a_hint_has_the_directory_that_was_given(self):
        for options, told in (
            (["--dir", "/no where/words"], " --dir '/no where/words'"),
            (["--dir", "/nowhere"], " --dir /nowhere"),
            ([], ""),
        ):
            done = subprocess.run(
                [str(ROOT / "scripts" / "pipeline"), "words", "status", *options],
                stderr=subprocess.PIPE,
                env={"HOME": "/nowhere", "PATH": "/usr/bin:/bin"},
                check=False,
            )
            self.assertEqual(done.returncode, 1)
            self.assertIn("; scripts/pipeline words up%s starts it" % told, done.stderr.decode())


if __name__ == "__main__":
    unittest.main()
