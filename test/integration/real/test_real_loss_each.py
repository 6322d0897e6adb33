#!/usr/bin/python3
"""ros_to_kafka is killed with SIGKILL again and again while it takes messages apart that are larger
than its batches: of each message there is all, or what was accepted of it before a kill, in order
and under numbers without a gap; what is not there whole is counted as missed."""

import os
import struct
import sys
import threading
import time

import rospy
from kafka_bridge.msg import Hits

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from loss_support import LossTest, run, say, times  # noqa: E402

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "bridge"))
from bridge_support import raw_kind  # noqa: E402

HITS = 5000  # of a message; a batch takes up to 2000
PERIOD = 0.1  # seconds
HIT = struct.Struct("<iiidid")


class Publisher:
    """Messages 1, 2, 3, … (header.seq) from when somebody listens; hit `n` of message `m` has the
    number m * HITS + n in `head`."""

    def __init__(self, topic):
        self.count = 0
        self._kind = raw_kind(Hits)
        self._publisher = rospy.Publisher(topic, self._kind, queue_size=10000)
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._publish, daemon=True)
        self._thread.start()

    def _message(self, number):
        hits = (HIT.pack(number * HITS + n, 0, 0, 0.0, 0, 0.0) for n in range(HITS))
        header = struct.pack("<IIIII", number, 1500000000 + number, 0, 0, HITS)
        return self._kind(header + b"".join(hits))

    def _publish(self):
        while self._publisher.get_num_connections() == 0 and not self._stopped.is_set():
            time.sleep(0.01)
        while not self._stopped.wait(PERIOD):
            self._publisher.publish(self._message(self.count + 1))
            self.count += 1

    def stop(self):
        """The number of messages; what was published still reaches its listeners."""
        self._stopped.set()
        self._thread.join(30)
        return self.count

    def end(self):
        self.stop()
        self._publisher.unregister()


class RealLossEach(LossTest):
    def routes(self, topics):
        fields = [{"sequence": "@sequence"}, {"number": "head"}, {"at": "@index"}]
        route = {"format": "fields", "fields": fields, "each": "hits", "key": "{robot}"}
        return [dict(route, ros_topic=topic) for topic in topics]

    def live(self, bridge):
        bridge.start()
        bridge.until(lambda found: found["delivered"] + found["spooled"] > 0, "the first records")
        time.sleep(self.random.uniform(0.2, 1.5))

    def run_kills(self, kills, committed=False, **keys):
        topics = self.topics(1)
        bridge = self.bridge(topics, **keys)
        publisher = Publisher(topics[0])
        self.addCleanup(publisher.end)
        for _ in range(kills):
            self.live(bridge)
            bridge.kill()
        self.live(bridge)
        sent = publisher.stop()
        bridge.settle()
        bridge.stop()
        arrived = self.arrivals(topics, committed)[0]
        self.assertEqual(arrived.faults[:5], [])
        self.assertEqual(arrived.holes(), [])
        self.assertEqual(arrived.disorder()[:5], [])
        parts = {}
        for number in sorted(arrived.distinct):
            parts.setdefault(number // HITS, []).append(number % HITS)
        whole = [message for message, hits in parts.items() if len(hits) == HITS]
        cut = [message for message, hits in parts.items() if len(hits) < HITS]
        for message in cut:
            self.assertEqual(parts[message], list(range(len(parts[message]))), "its first hits")
        say(
            "%s: sent %d of %d, arrived whole %d, cut %d, missed %d, records %d, doubled %d"
            % (
                self.name,
                sent,
                HITS,
                len(whole),
                len(cut),
                bridge.missed,
                arrived.total,
                arrived.doubled(),
            )
        )
        self.assertLessEqual(len(cut), kills)
        self.assertEqual(sent - len(whole), bridge.missed)
        return arrived.doubled()

    def test_at_least_once(self):
        self.run_kills(times(8, 60))

    def test_exactly_once(self):
        doubled = self.run_kills(times(8, 60), committed=True, delivery="exactly_once")
        self.assertEqual(doubled, 0)


if __name__ == "__main__":
    run(RealLossEach)
