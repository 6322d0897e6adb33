"""What the tests with a real broker share: one broker for the tests of a file, the nodes that
talk to it, and a second robot with a ROS master of its own."""

import base64
import json
import os
import re
import shutil
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "bridge"))
sys.path.insert(0, os.path.dirname(HERE))
from bridge_support import (  # noqa: E402, F401
    PRESETS,
    ROOT,
    BridgeTest,
    Process,
    free_port,
    listed_topics,
    node,
    raw_kind,
    serialized,
    totals,
    wait_until,
)
from bridge_support import run as run_case  # noqa: E402
from kafka_broker import (  # noqa: E402, F401
    KCAT,
    PATIENCE,
    KafkaBroker,
    consume,
    end_offsets,
    produce,
    produce_lines,
)

# Where only this package is found, and what every machine has under /usr/share.
ELSEWHERE = {"ROS_PACKAGE_PATH": ROOT, "CMAKE_PREFIX_PATH": None}


class RealBridgeTest(BridgeTest):
    """With a broker that all tests of the class share: `server`, at the address `broker`.

    It runs whenever a test begins, and is closed after the last."""

    properties = {}  # the broker's
    users = {}  # who may log in; kafka() says the first of them

    @classmethod
    def setUpClass(cls):
        cls.server = KafkaBroker(properties=cls.properties, users=cls.users).start()

    @classmethod
    def tearDownClass(cls):
        cls.server.close()

    def setUp(self):
        self.live_in_a_home_of_its_own()
        if not self.server.is_running():
            self.server.start()
        self.broker = self.server.bootstrap_servers
        self.name = self.id().split(".")[-1]

    def kafka(self, **properties):
        """The section `kafka` of a configuration."""
        section = dict(self.server.client_properties, **{"bootstrap.servers": self.broker})
        return dict(section, **properties)

    def consume(self, topic, count=None, timeout=PATIENCE):
        return consume(self.server, topic, count, timeout)

    def settled(self, received, name=None, timeout=PATIENCE):
        """The totals once `received` messages came and the fate of all is known."""
        found = {}

        def ask():
            found.update(self.totals(name))
            waiting = found["pending"] + found.get("spooled", 0)
            return found["received"] >= received and waiting == 0

        try:
            wait_until(ask, timeout, "totals of %d messages" % received)
        except TimeoutError as late:
            raise TimeoutError("%s; found %s" % (late, found)) from late
        self.assert_adds_up(found)
        return found

    def stop_and_account(self, process, timeout=PATIENCE):
        """Ends the node as Ctrl-C does; the totals of its last words, which add up, with nothing
        pending."""
        status = process.stop(timeout=timeout)
        lines = [line for line in process.text.splitlines() if "received" in line and " = " in line]
        self.assertTrue(lines, process.text)
        found = totals(lines[-1])
        self.assert_adds_up(found)
        self.assertEqual((status, found["pending"]), (0, 0), process.text)
        return found


def troubles(process):
    """The warnings and errors of a node, without librdkafka's that a broker which was just started
    loads its coordinator, and that the test publishes later."""
    lines = re.findall(r"\[ ?(?:WARN|ERROR|FATAL)\] \[[^]]*\]: ([^\n\x1b]*)", process.text)
    passing = ("Coordinator load in progress", "nobody publishes ", "no topic matches ")
    return [line for line in lines if not any(one in line for one in passing)]


class OtherRobot:
    """A second ROS master, and a listener to topics there. Where the listener runs is a process of
    its own: rospy knows one master."""

    def __init__(self, test):
        self._test = test
        port = free_port()
        uri = "http://127.0.0.1:%d" % port
        self.environment = dict(ELSEWHERE, ROS_MASTER_URI=uri)
        self._keep(Process([shutil.which("rosmaster"), "--core", "-p", str(port)]))

    def _keep(self, process):
        self._test.addCleanup(self._test.end, process)
        return process

    def start(self, kind, config, name):
        """One of this package's nodes on that robot."""
        path = self._test.write_config(dict({"robot": "other"}, **config))
        return self._keep(
            node(kind, "_config:=" + path, "__name:=" + name, environment=self.environment)
        )

    def listen(self, topics):
        """Subscribes to `topics` of any type; heard() reads what came."""
        listener = Process(
            [sys.executable, os.path.join(HERE, "listener.py")] + list(topics),
            {"ROS_MASTER_URI": self.environment["ROS_MASTER_URI"]},
        )
        self._keep(listener).expect("listening")
        return listener


def heard(listener):
    """{topic: [(type, md5sum, bytes)]} of what a listener has received so far."""
    found = {}
    for line in listener.text.splitlines():
        if line.startswith("{") and line.endswith("}"):
            one = json.loads(line)
            message = (one["type"], one["md5sum"], base64.b64decode(one["bytes"]))
            found.setdefault(one["topic"], []).append(message)
    return found


def run(case):
    """main() of a test program that holds the class `case`."""
    run_case(case)
