#!/usr/bin/env python3
"""Each node's --help needs no ROS master and has the parameters that docs/nodes.md has."""

import os
import re
import subprocess
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BINARIES = Path(os.environ.get("KAFKA_BRIDGE_BUILD", ROOT / "build"), "devel/lib/kafka_bridge")


def table():
    """{node: its parameters} of docs/nodes.md."""
    text = (ROOT / "docs/nodes.md").read_text(encoding="utf-8")
    parts = re.split(r"^### `(\w+)`$", text, flags=re.MULTILINE)
    found = {}
    for name, section in zip(parts[1::2], parts[2::2]):
        rows = [row for row in section.split("\n## ")[0].splitlines() if row.startswith("| `~")]
        found[name] = {p for row in rows for p in re.findall(r"`~(\w+)`", row.split("|")[1])}
        if "the same parameters as `ros_to_kafka`" in section:
            found[name] = found["ros_to_kafka"]
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

    def test_it_has_the_parameters_of_the_page(self):
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
