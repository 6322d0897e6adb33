#!/usr/bin/python3
"""docs/security.md: its steps, as they stand there, with this machine's names
for the broker's host."""

import os
import re
import shutil
import subprocess
import sys
import tempfile

from nav_msgs.msg import Odometry
from std_msgs.msg import String

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from real_support import (  # noqa: E402
    PRESETS,
    ROOT,
    KafkaBroker,
    RealBridgeTest,
    node,
    produce,
    run,
)

HOST = "DNS:broker.example"
HERE = "DNS:localhost,IP:127.0.0.1"


def blocks(kind):
    """The code of that kind in the section."""
    with open(os.path.join(ROOT, "docs", "security.md"), encoding="utf-8") as file:
        text = file.read()
    section = text[: text.index("\n## What the nodes say")]
    return re.findall(r"```%s\n(.*?)```" % kind, section, re.DOTALL)


def listener(directory, *texts):
    """A listener as KafkaBroker takes it, from blocks of properties whose files are in
    `directory`."""
    properties = {"security.protocol": "SASL_SSL"}
    for line in "".join(texts).splitlines():
        name, value = line.split("=", 1)
        name = name.replace("listener.name.robots.", "")
        properties[name] = value.replace("/etc/kafka", directory)
    return properties


class RealRecipe(RealBridgeTest):
    @classmethod
    def setUpClass(cls):
        cls.directory = tempfile.mkdtemp(prefix="real_recipe.")
        cls.variables = dict(os.environ, HOME=os.path.join(cls.directory, "home"))
        for text in blocks("sh"):
            cls.follow(text.replace(HOST, HERE))
        login, mutual = blocks("properties")
        listeners = {
            "login": listener(cls.directory, login),
            "mutual": listener(cls.directory, login, mutual),
        }
        cls.server = KafkaBroker(listeners=listeners).start()

    @classmethod
    def tearDownClass(cls):
        cls.server.close()
        shutil.rmtree(cls.directory)

    @classmethod
    def follow(cls, text):
        done = subprocess.run(
            ["bash", "-euc", text],
            cwd=cls.directory,
            env=cls.variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert done.returncode == 0, text + done.stdout

    def start_preset(self, kind, path, name):
        address = self.server.listener_addresses[name].replace("127.0.0.1", "localhost")
        started = node(
            kind,
            "_config:=" + path,
            "_bootstrap_servers:=" + address,
            "__name:=%s_%s" % (self.name, kind),
            environment={"HOME": self.variables["HOME"]},
        )
        self.addCleanup(self.end, started)
        return started

    def check_preset(self, path, name):
        there = self.start_preset("ros_to_kafka", path, name)
        back = self.start_preset("kafka_to_ros", path, name)
        results = self.collector("/results", String)
        self.publisher("/warty/odom", Odometry).publish(Odometry())
        there.until(lambda: self.consume("odometry"), "a record")
        self.assertEqual(self.consume("odometry")[0].key, b"warty")
        produce(self.server, "results", name)
        back.until(lambda: name in [result.data for result in results.messages], "a result")
        self.assertEqual(self.stop_and_account(there)["delivered"], 1)
        back.stop()

    def test_the_preset_logs_in(self):
        self.check_preset(os.path.join(PRESETS, "secure.yaml"), "login")

    def test_the_preset_with_the_lines_for_mutual_tls(self):
        with open(os.path.join(PRESETS, "secure.yaml"), encoding="utf-8") as file:
            text, count = re.subn(r"^  # (ssl\.)", r"  \1", file.read(), flags=re.MULTILINE)
        self.assertEqual(count, 3)
        self.check_preset(self.write_config(text), "mutual")


if __name__ == "__main__":
    run(RealRecipe)
