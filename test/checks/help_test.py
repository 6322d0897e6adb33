#!/usr/bin/env python3
"""Each node's --help needs no ROS master and has the parameters that README.md's table has."""

import os
import re
import subprocess
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BINARIES = Path(os.environ.get("KAFKA_BRIDGE_BUILD", ROOT / "build"), "devel/lib/kafka_bridge")
SOURCES = ("csv_player", "detector_simulator", "truck_simulator", "imu_player")


def table():
    """{node: its parameters} of the README."""
    section = (ROOT / "README.md").read_text(encoding="utf-8").split("\n## The package\n")[1]
    rows = [row.split("|") for row in section.strip().split("\n\n")[0].splitlines()[2:]]
    found = {}
    for cells in rows:
        name = cells[1].strip()
        parameters = set(re.findall(r"`~(\w+)`", cells[3]))
        if name.startswith("`"):
            found[name.strip("`")] = parameters
        else:
            for source in SOURCES:
                found[source] |= parameters
        if "the same" in cells[3]:
            found[name.strip("`")] = found["ros_to_kafka"]
    return found


class Help(unittest.TestCase):
    def ask(self, *arguments, status=0):
        environment = dict(os.environ, ROS_MASTER_URI="http://127.0.0.1:1")
        done = subprocess.run(
            [str(BINARIES / arguments[0]), *arguments[1:]],
            stdout=subprocess.PIPE,
            timeout=60,
            env=environment,
            check=False,
        )
        self.assertEqual(done.returncode, status)
        return done.stdout.decode()

    def test_it_has_the_parameters_of_the_readme(self):
        nodes = table()
        self.assertGreaterEqual(len(nodes), 9)
        for node, parameters in nodes.items():
            if not (BINARIES / node).exists():
                self.assertEqual(node, "embedded_broker")  # no mock cluster in an old librdkafka
                continue
            text = self.ask(node, "--help")
            self.assertEqual(text, self.ask(node, "-h", "_config:=x"))
            self.assertTrue(text.startswith("usage: %s " % node), text)
            written = set(re.findall(r"^  _([a-z][a-z_]*):=", text, re.MULTILINE))
            self.assertEqual(written, parameters, node)
            self.assertLessEqual(max(map(len, text.splitlines())), 96, text)


if __name__ == "__main__":
    unittest.main()
