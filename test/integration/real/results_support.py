"""What the tests of results share: a writer that goes on numbering in Kafka, a ROS node that notes
the numbers it is sent, and the count of both.

    results = self.results()            # listens to /<test's name>, std_msgs/Int64
    writer = self.writer(rate=500)      # 0, 1, 2, … to the Kafka topic <test's name>
    ...
    self.account(writer.stop(), results)   # sent N, arrived N, lost 0, doubled N
"""

import os
import signal
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from loss_support import PATIENCE, SEED, say, times  # noqa: E402, F401
from real_support import (  # noqa: E402, F401
    HERE,
    Process,
    RealBridgeTest,
    end_offsets,
    heard,
    produce,
    produce_lines,
    run,
    wait_until,
)
from std_msgs.msg import Int64  # noqa: E402


class Writer:
    """Writes {"data":0}, {"data":1}, … to a topic, `rate` a second, until it is stopped. Records
    are keyed by their number modulo `keys`, so that they spread over the topic's partitions and
    each key's are in order."""

    def __init__(self, broker, topic, rate, keys):
        self.count = 0
        self._rate = rate
        self._keys = keys
        command = ["kcat", "-P", "-b", broker, "-t", topic, "-K", "\t", "-X", "linger.ms=5"]
        command += ["-X", "enable.idempotence=true", "-X", "message.timeout.ms=0"]
        command += ["-X", "topic.metadata.refresh.interval.ms=1000"]
        self._kcat = subprocess.Popen(
            command, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL, universal_newlines=True
        )
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self):
        began = time.monotonic()
        while not self._stopping.wait(0.01):
            due = int((time.monotonic() - began) * self._rate)
            lines = ['%d\t{"data":%d}\n' % (n % self._keys, n) for n in range(self.count, due)]
            self._kcat.stdin.write("".join(lines))
            self._kcat.stdin.flush()
            self.count = max(self.count, due)

    def stop(self):
        """Ends the writing; how many were written, all of which Kafka has acknowledged."""
        self._stopping.set()
        self._thread.join()
        if self._kcat.poll() is None:
            self._kcat.stdin.close()
        if self._kcat.wait(PATIENCE) != 0:
            raise AssertionError("kcat could not write all numbers")
        return self.count

    def close(self):
        """Ends it where the test has failed before stop()."""
        self._stopping.set()
        self._thread.join()
        if self._kcat.poll() is None:
            self._kcat.kill()
            self._kcat.wait()
        self._kcat.stdin.close()


class ResultsTest(RealBridgeTest):
    """With a broker that lets a group be short: a member that died is found dead in a second."""

    properties = {
        "group.min.session.timeout.ms": "500",
        "group.initial.rebalance.delay.ms": "0",
        "num.partitions": "2",
    }

    def kafka(self, **properties):
        short = {"session.timeout.ms": 1500, "heartbeat.interval.ms": 300}
        return super().kafka(**dict(short, **properties))

    def setUp(self):
        super().setUp()
        say("%s: KAFKA_BRIDGE_SEED=%d" % (self.name, SEED))

    def route(self, **keys):
        route = {"kafka_topic": self.name, "ros_topic": "/" + self.name}
        route.update(ros_type="std_msgs/Int64", wait_for_subscriber=True)
        return dict(route, **keys)

    def results(self):
        return self.collector("/" + self.name, Int64)

    def writer(self, rate, keys=8, topic=None):
        writer = Writer(self.broker, topic or self.name, rate, keys)
        self.addCleanup(writer.close)
        return writer

    def await_numbers(self, process, results, numbers, timeout=PATIENCE):
        """Waits until each of `numbers` has come."""
        wanted = set(numbers)
        missing = lambda: wanted.difference(m.data for m in list(results.messages))  # noqa: E731
        try:
            process.until(lambda: not missing(), "the last numbers", timeout)
        except AssertionError:
            self.account(wanted, [message.data for message in results.messages])
            raise

    def account(self, wanted, arrived):
        """Says and checks what came of the numbers `wanted`."""
        wanted = set(wanted)
        lost = wanted.difference(arrived)
        say(
            "%s: sent %d, arrived %d, lost %d, doubled %d"
            % (self.name, len(wanted), len(set(arrived)), len(lost), len(arrived) - len(set(arrived)))
        )
        self.assertEqual(sorted(lost)[:20], [], "numbers that were lost")
        self.assertEqual(set(arrived), wanted, "numbers that nobody sent")


def halt(process):
    """Halts a process, which keeps its connections and reads nothing, until it is let go on."""
    os.kill(process.pid, signal.SIGSTOP)


def go_on(process):
    os.kill(process.pid, signal.SIGCONT)
