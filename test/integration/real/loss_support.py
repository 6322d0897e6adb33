"""What the tests of loss share: a publisher that goes on numbering, a ros_to_kafka that dies and is
started again, and a reader that counts what of it is in Kafka.

    bridge = self.bridge(topics, spool={...})
    numbers = self.numbers(topics, rate=5000)
    bridge.start()
    ...
    self.account(numbers, bridge)       # sent N, arrived N, lost N, doubled N, missed N

A message's number is its header.seq. Its sequence, in the record's value and in the end of its
`id`, is what the node gave it: one number for each message that it accepted, never two messages
with the same one, and none left out.
"""

import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

import rospy
from std_srvs.srv import Trigger

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from real_support import (  # noqa: E402, F401
    KCAT,
    PATIENCE,
    RealBridgeTest,
    end_offsets,
    node,
    run,
    totals,
    troubles,
    wait_until,
)
from tcp_proxy import Proxied, TcpProxy  # noqa: E402

LONG = bool(os.environ.get("KAFKA_BRIDGE_LONG"))
HOME = os.environ.get("ROS_HOME")  # of the test program; each test's nodes have another
SEED = int(os.environ.get("KAFKA_BRIDGE_SEED", 0)) or random.randrange(1, 10**9)
RECORD = re.compile(
    rb"^(?P<partition>\d+)\tros_topic=(?P<ros_topic>[^,\t]*),[^\t]*\bid=[^,\t]*/(?P<id>\d+)[^\t]*\t"
    rb'\{"sequence":(?P<sequence>\d+),"number":(?P<number>\d+),'
)


def times(short, long):
    """How often something is done: `long` with scripts/test --long."""
    return long if LONG else short


def say(text):
    """Prints a line, which scripts/test shows in the end."""
    print(text, flush=True)
    if HOME:
        with open(os.path.join(HOME, "counts.txt"), "a", encoding="utf-8") as counts:
            counts.write(text + "\n")


def quiet_port():
    """A free port that no client's own end is given: whoever tries a closed port among those may
    end up connected to itself."""
    while True:
        with socket.socket() as one:
            try:
                one.bind(("127.0.0.1", random.randrange(20000, 32000)))
                return one.getsockname()[1]
            except OSError:
                continue


def resident(pid):
    """A process's memory, in MiB."""
    with open("/proc/%d/status" % pid, encoding="ascii") as status:
        return int(re.search(r"VmRSS:\s+(\d+) kB", status.read()).group(1)) / 1024


def account_of(text):
    """A line of totals as totals() has it, also what is left out of it where it is 0."""
    found = {"restored": 0, "queue_full": 0, "spool_full": 0}
    found.update(totals(text))
    return found


class Numbers:
    """The publisher: 1, 2, 3, … on each of `topics` from when all of them are listened to, `rate` a
    second in all, with so many keys in turn and a padding of so many bytes each."""

    def __init__(self, topics, rate, padding=100, keys=4, name="numbers"):
        self.topics = topics
        self.name = name
        arguments = ["%d" % rate, "%d" % padding, "%d" % keys]
        self.process = node("numbers_publisher", *arguments, *topics, "__name:=" + name)

    def _ask(self, service):
        name = "/%s/%s" % (self.name, service)
        rospy.wait_for_service(name, PATIENCE)
        return int(rospy.ServiceProxy(name, Trigger)().message)

    def count(self):
        """The last number so far."""
        return self._ask("count")

    def stop(self):
        """Ends the numbering; the last number. What was published still reaches the listeners."""
        return self._ask("stop")

    def end(self):
        if self.process.is_running():
            self.process.stop()


class Bridge:
    """ros_to_kafka, started again and again with the same configuration and name. `missed` is what
    it counted as missed in the lives that were looked at before their end."""

    def __init__(self, test, config):
        self.test = test
        self.path = test.write_config(config)
        self.process = None
        self.lives = 0
        self.missed = 0

    def start(self):
        self.process = node("ros_to_kafka", "_config:=" + self.path, "__name:=" + self.test.name)
        self.lives += 1

    def totals(self):
        """The account of this moment, which adds up."""
        service = "/%s/totals" % self.test.name
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                found = account_of(rospy.ServiceProxy(service, Trigger)().message)
                self.test.assert_adds_up(found)
                return found
            except rospy.ServiceException as error:
                if not self.process.is_running():
                    raise AssertionError("it ended; it said:\n" + self.process.text) from error
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.02)

    def until(self, condition, what, timeout=PATIENCE):
        """The totals, once condition(totals) is true."""
        found = {}

        def ask():
            found.clear()
            found.update(self.totals())
            return condition(found)

        try:
            wait_until(ask, timeout, what)
        except TimeoutError as late:
            raise AssertionError(
                "%s; the totals are %s; it said:\n%s" % (late, found, self.process.text)
            ) from late
        return found

    def kill(self, look=True):
        """SIGKILL. With `look`, right before it the totals are asked for, which it returns."""
        found = self.totals() if look else None
        if found:
            self.missed += found["missed upstream"]
        self.process.kill()
        return found

    def settle(self, timeout=PATIENCE):
        """Waits until the fate of all that it has is known; the totals. What is still on the way
        from ROS is not waited for: nothing may be published meanwhile."""
        last = [-1]

        def still():
            found = self.totals()
            quiet = found["pending"] == 0 and found["spooled"] == 0
            before, last[0] = last[0], found["received"]
            if not (quiet and before == last[0]):
                time.sleep(0.3)
                return False
            return found

        try:
            return wait_until(still, timeout, "an end of what it has")
        except TimeoutError as late:
            raise AssertionError(
                "%s; the totals are %s; it said:\n%s" % (late, self.totals(), self.process.text)
            ) from late

    def stop(self, timeout=PATIENCE):
        """SIGTERM; the last totals, which are those of its last words."""
        status = self.process.stop(signal.SIGTERM, timeout)
        lines = [line for line in self.process.text.splitlines() if " = delivered " in line]
        self.test.assertTrue(lines, "no totals:\n" + self.process.text)
        found = account_of(lines[-1])
        self.test.assertEqual((status, found["pending"]), (0, 0), self.process.text)
        self.test.assert_adds_up(found)
        self.missed += found["missed upstream"]
        return found


class Arrivals:
    """What a Kafka topic holds: `partitions` is {partition: [(sequence, number)]} in the order of
    Kafka, `numbers` {sequence: number}, `distinct` the numbers. Of all it holds, or of what came
    from `ros_topic`, or from the sequence `since` on."""

    def __init__(self, broker, topic, committed=False, ros_topic=None, since=0):
        self.topic = topic
        self.since = since
        self._ros_topic = ros_topic
        self.partitions = {}
        self.numbers = {}
        self.distinct = set()
        self.total = 0
        self.faults = []
        command = [KCAT, "-b", broker.bootstrap_servers, "-C", "-t", topic, "-e", "-q"]
        command += ["-X", "log_level=3", "-o", "beginning", "-f", "%p\t%h\t%s\n"]
        if committed:
            self._await_commits(broker)
            command += ["-X", "isolation.level=read_committed"]
        with tempfile.TemporaryFile() as file:
            subprocess.run(
                command, stdin=subprocess.DEVNULL, stdout=file, timeout=PATIENCE, check=True
            )
            file.seek(0)
            for line in file:
                self._add(line)

    def _await_commits(self, broker):
        """Until no transaction is open in the topic: a commit is answered before its markers are in
        every partition, and a reader of committed records ends where the first is missing."""

        def ends(isolation):
            return end_offsets(broker, self.topic, isolation)

        wait_until(
            lambda: ends("read_committed") == ends("read_uncommitted"),
            what="the end of all transactions in " + self.topic,
        )

    def _add(self, line):
        match = RECORD.match(line)
        if not match:
            self.faults.append("%s: a strange record: %r" % (self.topic, line[:200]))
            return
        if self._ros_topic not in (None, match.group("ros_topic").decode()):
            return
        names = ("partition", "id", "sequence", "number")
        partition, identity, sequence, number = (int(match.group(name)) for name in names)
        if sequence < self.since:
            return
        if identity != sequence:
            self.faults.append("the id of %d is %d" % (sequence, identity))
        self.total += 1
        self.distinct.add(number)
        known = self.numbers.setdefault(sequence, number)
        if known != number:
            self.faults.append(
                "%s: sequence %d is number %d and number %d" % (self.topic, sequence, known, number)
            )
        self.partitions.setdefault(partition, []).append((sequence, number))

    def doubled(self):
        return self.total - len(self.distinct)

    def holes(self):
        """Sequences that are missing, as [(from, to)]."""
        found, expected = [], self.since
        for sequence in sorted(self.numbers):
            if sequence != expected:
                found.append((expected, sequence - 1))
            expected = sequence + 1
        return found

    def runs(self):
        """Numbers that follow each other, as [(from, to)]: where one ends, something was not handed
        over by ROS, or lost."""
        found = []
        for number in sorted(self.distinct):
            if found and number == found[-1][1] + 1:
                found[-1][1] = number
            else:
                found.append([number, number])
        return [tuple(one) for one in found]

    def disorder(self):
        """The first records that came after a later one of their partition, each counted at its
        first coming: [(partition, sequence before, sequence)]."""
        found = []
        for partition, records in self.partitions.items():
            seen, highest = set(), (-1, -1)
            for record in records:
                if record[0] in seen:
                    continue
                seen.add(record[0])
                if record[0] < highest[0] or record[1] < highest[1]:
                    found.append((partition, highest, record))
                highest = max(highest, record)
        return found


class LossTest(RealBridgeTest):
    """With a spool of its own for each test, and topics that the broker makes by itself: to make
    them takes seconds."""

    properties = {"num.partitions": "2"}

    def setUp(self):
        super().setUp()
        self.spool = tempfile.mkdtemp(prefix="spool.")
        self.addCleanup(shutil.rmtree, self.spool, ignore_errors=True)
        self.random = random.Random("%d %s" % (SEED, self.name))
        print("%s: KAFKA_BRIDGE_SEED=%d" % (self.name, SEED), flush=True)

    def topics(self, count):
        return ["/%s_%d" % (self.name, index) for index in range(count)]

    def kafka_topic(self, ros_topic):
        return ros_topic[1:].replace("/", ".")

    def routes(self, topics):
        fields = [
            {"sequence": "@sequence"},
            {"number": "header.seq"},
            {"key": "header.frame_id"},
            {"padding": "format"},
        ]
        route = {"format": "fields", "fields": fields, "key": "{header.frame_id}"}
        return [dict(route, ros_topic=topic) for topic in topics]

    def bridge(self, topics, spool=None, **keys):
        """A bridge for `topics`, not yet started, whose spool is this test's."""
        config = {
            "ros_to_kafka": self.routes(topics),
            "spool": dict({"directory": self.spool}, **(spool or {})),
            "definitions_topic": "",
        }
        made = Bridge(self, dict(config, **keys))
        self.addCleanup(lambda: made.process and self.end(made.process))
        return made

    def numbers(self, topics, rate, **options):
        made = Numbers(topics, rate, **options)
        self.addCleanup(made.end)
        return made

    def assert_adds_up(self, found):
        self.assertEqual(
            found["received"] + found["restored"],
            found["delivered"]
            + found["dead-lettered"]
            + found["dropped"]
            + found["spooled"]
            + found["pending"],
            found,
        )

    def until_delivered(self, bridge, more=100):
        before = bridge.totals()["delivered"]
        what = "%d more deliveries" % more
        return bridge.until(lambda found: found["delivered"] >= before + more, what)

    def arrivals(self, topics, committed=False):
        return [Arrivals(self.server, self.kafka_topic(topic), committed) for topic in topics]

    def account(self, sent, bridge, arrivals, dropped=0, gapless=True, ordered=True, certain=True):
        """Says what became of `sent` messages and checks it: each sequence there (where `gapless`)
        and with one message, those of a partition in order (where `ordered`), and the numbers
        that are not there counted as missed or dropped, and no others (where that is `certain`)."""
        arrived = sum(len(one.distinct) for one in arrivals)
        doubled = sum(one.doubled() for one in arrivals)
        lost = sent - arrived - bridge.missed - dropped
        say(
            "%s: sent %d, arrived %d, lost %d, doubled %d, missed %d%s"
            % (
                self.name,
                sent,
                arrived,
                lost,
                doubled,
                bridge.missed,
                ", dropped %d" % dropped if dropped else "",
            )
        )
        for one in arrivals:
            self.assertEqual(one.faults[:5], [])
            if gapless:
                self.assertEqual(one.holes(), [], "sequences that are not in " + one.topic)
            if ordered:
                self.assertEqual(one.disorder()[:5], [], "out of order in " + one.topic)
        self.assertLessEqual(lost, 0, [one.runs() for one in arrivals])
        if certain:
            self.assertEqual(lost, 0, [one.runs() for one in arrivals])
        return doubled


class ProxiedLossTest(Proxied, LossTest):
    """With a line between node and broker, `proxy`, that can be cut. Whoever reads what arrived
    goes round it."""

    @classmethod
    def setUpClass(cls):
        # A second listener, which is advertised under the proxy's address.
        port, proxy = quiet_port(), quiet_port()
        listeners = "CLIENT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}"
        protocols = "CLIENT:PLAINTEXT,PROXIED:PLAINTEXT,CONTROLLER:PLAINTEXT"
        cls.properties = {
            **cls.properties,
            "listeners": "%s,PROXIED://127.0.0.1:%d" % (listeners, port),
            "advertised.listeners": "CLIENT://127.0.0.1:{port},PROXIED://127.0.0.1:%d" % proxy,
            "listener.security.protocol.map": protocols,
        }
        super().setUpClass()
        cls.proxy = TcpProxy(proxy, port)

    def kafka(self, **properties):
        address = {"bootstrap.servers": "127.0.0.1:%d" % self.proxy.port}
        return super().kafka(**dict(address, **properties))
