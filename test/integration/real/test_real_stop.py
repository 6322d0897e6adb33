#!/usr/bin/python3
"""Ending both nodes while the broker is away: in time, with an account of what did not arrive."""

import os
import sys
import time

from std_msgs.msg import Int64

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from real_support import RealBridgeTest, produce, run, wait_until  # noqa: E402

SHUTDOWN_TIMEOUT = 1  # seconds
SOME_SECONDS = 40  # Kafka's client takes five of them to leave its group, a busy machine some more


class RealStop(RealBridgeTest):
    def stop_in_time(self, process):
        """The last words' totals of a node that ends in time."""
        began = time.monotonic()
        found = self.stop_and_account(process, SHUTDOWN_TIMEOUT + SOME_SECONDS)
        print("%s: ended in %.1f s" % (self.name, time.monotonic() - began), flush=True)
        return found

    def test_what_was_not_delivered_stays_in_the_spool(self):
        bridge = self.to_kafka(
            {"ros_topic": "/" + self.name, "kafka_topic": self.name},
            shutdown_timeout=SHUTDOWN_TIMEOUT,
        )
        publisher = self.publisher("/" + self.name, Int64)
        for number in range(10):
            publisher.publish(number)
        self.settled(10)
        self.server.kill()
        for number in range(10, 35):
            publisher.publish(number)
        wait_until(lambda: self.totals()["spooled"] == 25, what="25 messages in the spool")
        found = self.stop_in_time(bridge)
        self.assertEqual((found["delivered"], found["spooled"]), (10, 25))

    def test_without_a_spool_what_was_not_delivered_is_dropped_and_counted(self):
        bridge = self.to_kafka(
            {"ros_topic": "/" + self.name, "kafka_topic": self.name},
            shutdown_timeout=SHUTDOWN_TIMEOUT,
            spool={"durability": "none"},
        )
        publisher = self.publisher("/" + self.name, Int64)
        publisher.publish(0)
        self.settled(1)
        self.server.kill()
        for number in range(1, 26):
            publisher.publish(number)
        wait_until(lambda: self.totals()["pending"] == 25, what="25 messages")
        found = self.stop_in_time(bridge)
        self.assertEqual((found["delivered"], found["not_delivered"]), (1, 25))

    def test_what_kafka_took_within_the_time_is_delivered(self):
        self.server.stop()
        bridge = self.to_kafka(
            {"ros_topic": "/" + self.name, "kafka_topic": self.name}, shutdown_timeout=60
        )
        publisher = self.publisher("/" + self.name, Int64)
        for number in range(25):
            publisher.publish(number)
        wait_until(lambda: self.totals()["spooled"] == 25, what="25 messages")
        self.server.start()
        self.assertEqual(self.stop_and_account(bridge)["delivered"], 25)
        numbers = [record.json()["data"] for record in self.consume(self.name)]
        self.assertEqual(numbers, list(range(25)))

    def test_a_reader_ends_while_the_broker_is_away(self):
        seen = self.collector("/seen", Int64)
        bridge = self.to_ros(
            {
                "kafka_topic": self.name,
                "ros_topic": "/seen",
                "ros_type": "std_msgs/Int64",
                "wait_for_subscriber": True,
            },
            shutdown_timeout=SHUTDOWN_TIMEOUT,
        )
        produce(self.server, self.name, '{"data":1}')
        seen.wait(1)
        self.server.kill()
        bridge.expect("Kafka broker %s cannot be reached" % self.broker)
        self.assertEqual(self.stop_in_time(bridge)["published"], 1)

    def test_nodes_that_never_saw_a_broker_end(self):
        self.server.kill()
        there = self.to_kafka(
            {"ros_topic": "/" + self.name, "kafka_topic": self.name},
            shutdown_timeout=SHUTDOWN_TIMEOUT,
        )
        back = self.to_ros(
            {"kafka_topic": self.name, "ros_type": "std_msgs/Int64"},
            name="back",
            shutdown_timeout=SHUTDOWN_TIMEOUT,
        )
        self.publisher("/" + self.name, Int64).publish(1)
        wait_until(lambda: self.totals()["spooled"] == 1, what="a message")
        self.assertEqual(self.stop_in_time(there)["spooled"], 1)
        self.assertEqual(self.stop_in_time(back)["received"], 0)


if __name__ == "__main__":
    run(RealStop)
