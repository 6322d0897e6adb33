"""The bridge's nodes under test: configured, started, read, stopped; and what feeds them."""

import io
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import unittest

import roslib.packages
import rospy
from std_srvs.srv import Trigger

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from kafka_broker import KCAT, PATIENCE, ROOT, consume, produce, wait_until  # noqa: E402, F401

ADDRESS = "/embedded_broker/bootstrap_servers"
STAND_IN = "KAFKA_BRIDGE_TEST_BROKER" in os.environ  # a real broker for the embedded one
PRESETS = os.path.join(ROOT, "config")


class Process:
    """Runs `command`; what it says is in `text`."""

    def __init__(self, command, environment=None):
        self.text = ""
        self.pid = 0
        variables = dict(os.environ, ROSCONSOLE_STDOUT_LINE_BUFFERED="1", PYTHONUNBUFFERED="1")
        variables.update(environment or {})
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            universal_newlines=True,
            errors="replace",
            env={name: value for name, value in variables.items() if value is not None},
        )
        self.pid = self._process.pid
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        for line in self._process.stdout:
            self.text += line

    def expect(self, text, timeout=PATIENCE):
        """Waits until it has said `text`."""
        self.until(lambda: text in self.text, repr(text), timeout)

    def until(self, condition, what, timeout=PATIENCE):
        """Waits for condition(); where it does not come true, what was said stands in the error."""
        try:
            return wait_until(condition, timeout, what)
        except TimeoutError as late:
            raise AssertionError("%s; it said:\n%s" % (late, self.text)) from late

    def is_running(self):
        return self._process.poll() is None

    def wait(self, timeout=PATIENCE):
        """The exit status, when it has ended by itself."""
        try:
            status = self._process.wait(timeout)
        except subprocess.TimeoutExpired as late:
            raise AssertionError("still running; it said:\n%s" % self.text) from late
        self._reader.join(timeout)
        return status

    def stop(self, number=signal.SIGINT, timeout=PATIENCE):
        """Asks it to stop; the exit status."""
        if self.is_running():
            self._process.send_signal(number)
        return self.wait(timeout)

    def kill(self):
        self._process.kill()
        return self.wait()


def node(kind, *arguments, environment=None):
    """One of this package's nodes as a process."""
    path = roslib.packages.find_node("kafka_bridge", kind)[0]
    return Process([path, *arguments], environment)


class Collector:
    """The messages of a ROS topic as they come, in `messages`."""

    def __init__(self, topic, kind):
        self.messages = []
        self.subscriber = rospy.Subscriber(topic, kind, self.messages.append, queue_size=None)

    def wait(self, count, timeout=PATIENCE):
        what = "%d messages on %s" % (count, self.subscriber.name)
        wait_until(lambda: len(self.messages) >= count, timeout, what)
        return self.messages

    def close(self):
        self.subscriber.unregister()


def serialized(message):
    buffer = io.BytesIO()
    message.serialize(buffer)
    return buffer.getvalue()


def raw_kind(kind, **changes):
    """A class that publishes any bytes as messages of `kind`: Raw(b"...")."""
    names = ("_type", "_md5sum", "_full_text")
    members = {name: getattr(kind, name) for name in names}
    members.update(changes)
    members["__init__"] = lambda self, data=b"": setattr(self, "_buff", data)
    return type("Raw", (rospy.AnyMsg,), dict(members, serialize=lambda s, b: b.write(s._buff)))


def totals(text):
    """A line of totals as {"received": 3, "delivered": 2, "max_rate": 1, ...}."""
    found = re.findall(r"([A-Za-z_-]+(?: [a-zA-Z_-]+)*) (\d+)", text)
    return {name: int(number) for name, number in found}


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def listed_topics(broker):
    """The names of the broker's Kafka topics."""
    done = subprocess.run(
        [KCAT, "-b", broker, "-L", "-J"], stdout=subprocess.PIPE, timeout=PATIENCE, check=True
    )
    return {topic["topic"] for topic in json.loads(done.stdout.decode())["topics"]}


class BridgeTest(unittest.TestCase):
    """With the embedded broker of the .test file, whose address is `broker`."""

    maxDiff = None

    def setUp(self):
        self.live_in_a_home_of_its_own()
        wait_until(lambda: rospy.has_param(ADDRESS), what=ADDRESS)
        self.broker = rospy.get_param(ADDRESS)
        # Of this test alone: node names (and so consumer groups), ROS and Kafka topics.
        self.name = self.id().split(".")[-1]

    def live_in_a_home_of_its_own(self):
        """Nodes keep their spools below ROS_HOME: none finds what another test left."""
        before = os.environ.get("ROS_HOME")
        home = tempfile.mkdtemp(prefix="ros_home.")
        self.started = []
        self.addCleanup(shutil.rmtree, home, ignore_errors=True)
        if before is not None:
            self.addCleanup(os.environ.__setitem__, "ROS_HOME", before)
        os.environ["ROS_HOME"] = home

    def kafka(self, **properties):
        """The section `kafka`. After a member has left, the mock cluster lets the group wait for
        the session's time-out, which has to be longer than the 3 s that a new group waits."""
        known = {"session.timeout.ms": 4000, "heartbeat.interval.ms": 500, "fetch.wait.max.ms": 20}
        return dict(known, **dict({"bootstrap.servers": self.broker}, **properties))

    def write_config(self, config):
        """The path of a file with `config`: a text of YAML, or what JSON (a part of YAML) is made
        from, with the embedded broker and the robot warty where it does not say else."""
        if not isinstance(config, str):
            config = json.dumps(dict({"robot": "warty", "kafka": self.kafka()}, **config))
        file = tempfile.NamedTemporaryFile("w", suffix=".yaml", delete=False, encoding="utf-8")
        self.addCleanup(os.unlink, file.name)
        with file:
            file.write(config)
        return file.name

    def start(self, kind, config, *arguments, name=None, environment=None):
        """Starts a node named after the test, with `config` as write_config takes it."""
        started = node(
            kind,
            "_config:=" + self.write_config(config),
            "__name:=" + (name or self.name),
            *arguments,
            environment=environment,
        )
        self.addCleanup(self.end, started)
        self.started.append(started)
        return started

    def to_kafka(self, *routes, name=None, **keys):
        """ros_to_kafka with `routes`, which has subscribed to the explicit ones."""
        started = self.start("ros_to_kafka", dict(keys, ros_to_kafka=list(routes)), name=name)
        for route in routes:
            if "ros_topic" in route:
                started.expect("(ros_to_kafka[%d])" % routes.index(route))
        return started

    def to_ros(self, *routes, name=None, environment=None, **keys):
        config = dict(keys, kafka_to_ros=list(routes))
        return self.start("kafka_to_ros", config, name=name, environment=environment)

    def end(self, process):
        if process.is_running():
            process.stop()

    def publisher(self, topic, kind, connections=1, **options):
        """A publisher that so many subscribers have found."""
        options.setdefault("queue_size", 10000)
        made = rospy.Publisher(topic, kind, **options)
        self.addCleanup(made.unregister)
        wait_until(lambda: made.get_num_connections() >= connections, what="listener of " + topic)
        return made

    def collector(self, topic, kind):
        made = Collector(topic, kind)
        self.addCleanup(made.close)
        return made

    def await_definition(self, kind):
        """Waits until the definitions topic has the one of `kind`: it takes a way of its own."""
        key = ("%s %s" % (kind._type, kind._md5sum)).encode()
        wait_until(
            lambda: key in [record.key for record in self.consume("ros.definitions")],
            what="the definition of " + kind._type,
        )

    def totals(self, name=None):
        """What the node's service ~totals says now."""
        service = "/%s/totals" % (name or self.name)
        rospy.wait_for_service(service, PATIENCE)
        answer = rospy.ServiceProxy(service, Trigger)()
        self.assertTrue(answer.success)
        return totals(answer.message)

    def settled(self, received, name=None):
        """The totals once `received` messages came and the fate of all is known."""
        found = {}

        def ask():
            found.update(self.totals(name))
            waiting = found["pending"] + found.get("spooled", 0)
            return found["received"] >= received and waiting == 0

        try:
            wait_until(ask, what="totals of %d messages" % received)
        except (TimeoutError, rospy.ROSException) as late:
            said = "\n".join(process.text for process in self.started)
            raise AssertionError("%s; found %s; they said:\n%s" % (late, found, said)) from late
        self.assert_adds_up(found)
        return found

    def assert_adds_up(self, found):
        done = found.get("delivered", 0) + found.get("published", 0) + found["dead-lettered"]
        waiting = found.get("spooled", 0) + found["pending"]
        self.assertEqual(
            found["received"] + found.get("restored", 0), done + found["dropped"] + waiting
        )

    def consume(self, topic, count=None, timeout=PATIENCE):
        return consume(self.broker, topic, count, timeout)


def run(case):
    """main() of a test program that holds the class `case`."""
    import rostest

    name = os.path.splitext(os.path.basename(sys.argv[0]))[0]
    rospy.init_node(name)
    rostest.rosrun("kafka_bridge", name, case)
