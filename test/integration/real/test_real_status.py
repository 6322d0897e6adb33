#!/usr/bin/python3
"""~status while the broker is away, there, frozen and gone again: whether Kafka answers, and what
waits for it meanwhile."""

import os
import sys

from kafka_bridge.msg import BridgeStatus
from std_msgs.msg import Int64

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from real_support import RealBridgeTest, run  # noqa: E402

PERIOD = 0.2  # seconds


class RealStatus(RealBridgeTest):
    def start_both(self):
        self.there = self.to_kafka(
            {"ros_topic": "/" + self.name, "kafka_topic": self.name}, status_period=PERIOD
        )
        self.back = self.to_ros(
            {"kafka_topic": self.name, "ros_topic": "/seen", "ros_type": "std_msgs/Int64"},
            name="back",
            status_period=PERIOD,
        )
        self.of_there = self.collector("/%s/status" % self.name, BridgeStatus)
        self.of_back = self.collector("/back/status", BridgeStatus)
        self.publisher_there = self.publisher("/" + self.name, Int64)

    def newest(self, process, collector, condition, what):
        """The newest status, once condition(status) holds."""
        process.until(lambda: collector.messages and condition(collector.messages[-1]), what)
        return collector.messages[-1]

    def connected(self, which, what):
        process, collector = which
        return self.newest(process, collector, lambda m: m.connected and m.trouble == "", what)

    def disconnected(self, which, what):
        process, collector = which
        status = self.newest(process, collector, lambda m: not m.connected, what)
        self.assertNotEqual(status.trouble, "", what)
        return status

    def send(self, count):
        for number in range(count):
            self.publisher_there.publish(number)

    def check_all(self):
        """Every message added up, whatever the broker was about."""
        for message in self.of_there.messages + self.of_back.messages:
            self.assertEqual(message.connected, message.trouble == "", message)
            for route in message.routes:
                known = route.delivered + route.dead_lettered + route.dropped
                self.assertEqual(
                    route.received + route.restored, known + route.spooled + route.pending, route
                )

    def test_a_broker_that_goes_and_comes_back(self):
        self.server.stop()
        self.start_both()
        nodes = ((self.there, self.of_there), (self.back, self.of_back))
        for node in nodes:
            self.disconnected(node, "a broker that is not there yet")
        self.server.start()
        for node in nodes:
            self.connected(node, "a broker that is there, with nothing sent")
        self.send(100)
        delivered = lambda m: m.routes[0].delivered == 100  # noqa: E731
        self.newest(self.there, self.of_there, delivered, "100 messages in Kafka")
        self.newest(self.back, self.of_back, delivered, "100 messages in ROS again")

        self.server.kill()
        for node in nodes:
            status = self.disconnected(node, "a broker that was killed")
        self.newest(
            self.there,
            self.of_there,
            lambda m: self.broker in m.trouble,
            "the address that is tried",
        )
        self.send(50)
        waiting = lambda m: m.routes[0].spooled + m.routes[0].pending == 50  # noqa: E731
        status = self.newest(self.there, self.of_there, waiting, "50 messages that wait")
        self.assertEqual(status.routes[0].received, 150)
        self.assertFalse(status.connected)

        self.server.start()
        for node in nodes:
            self.connected(node, "a broker that is back")
        delivered = lambda m: m.routes[0].delivered == 150  # noqa: E731
        self.newest(self.there, self.of_there, delivered, "all messages in Kafka")
        self.newest(self.back, self.of_back, delivered, "all messages in ROS again")
        self.check_all()

    def test_what_a_node_found_in_its_spool_has_an_account_of_its_own(self):
        self.start_both()
        self.connected((self.there, self.of_there), "a broker that is there")
        self.server.stop()
        self.send(30)
        kept = lambda m: m.routes[0].spooled == 30  # noqa: E731
        status = self.newest(self.there, self.of_there, kept, "30 messages in the spool")
        self.assertEqual((status.routes[0].received, status.spool_records), (30, 30))
        self.assertGreater(status.spool_bytes, 0)
        self.assertGreater(status.spool_max_bytes, status.spool_bytes)
        self.there.kill()

        before = len(self.of_there.messages)
        self.there = self.to_kafka(
            {"ros_topic": "/" + self.name, "kafka_topic": self.name}, status_period=PERIOD
        )
        found = lambda m: m.header.seq < status.header.seq and m.routes[-1].restored == 30  # noqa: E731
        again = self.newest(self.there, self.of_there, found, "a node that has found them")
        self.assertEqual([route.route for route in again.routes], ["ros_to_kafka[0]", "spool"])
        self.assertEqual(again.routes[1].spooled, 30)
        self.assertEqual((again.routes[0].received, again.spool_records), (0, 30))
        self.server.start()
        delivered = lambda m: m.routes[-1].delivered == 30  # noqa: E731
        again = self.newest(self.there, self.of_there, delivered, "all of them in Kafka")
        self.assertEqual((again.routes[1].spooled, again.routes[1].pending), (0, 0))
        self.assertGreater(len(self.of_there.messages), before)
        self.check_all()

    def test_a_broker_that_is_frozen(self):
        self.start_both()
        there = (self.there, self.of_there)
        self.send(1)
        self.connected(there, "a broker that is there")
        self.newest(self.there, self.of_there, lambda m: m.routes[0].delivered == 1, "a delivery")
        self.server.freeze()
        try:
            self.send(10)
            status = self.disconnected(there, "a broker that says nothing")
            self.assertIn("is connected, and has acknowledged nothing for", status.trouble)
        finally:
            self.server.thaw()
        self.connected(there, "a broker that goes on")
        self.newest(self.there, self.of_there, lambda m: m.routes[0].delivered == 11, "the rest")
        self.check_all()


if __name__ == "__main__":
    run(RealStatus)
