#!/usr/bin/python3
"""kafka_to_ros killed while results come: whoever subscribes gets each of them at least once."""

import os
import random
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from results_support import (  # noqa: E402
    SEED,
    ResultsTest,
    produce_lines,
    resident,
    run,
    say,
    times,
    wait_until,
)

RATE = 1000  # results per second
PADDING = 5000  # bytes: what a halted subscriber's socket holds is reached in a second
LIFE = 3.0  # seconds at most
LARGE = 100000  # bytes; a socket's buffers hold a few dozen of these


class RealResultsKills(ResultsTest):
    def test_kills_at_random_instants(self):
        """The subscriber is halted now and then, so that messages wait in the node that dies."""
        instants = random.Random(SEED)
        listener = self.listener()
        writer = self.writer(RATE, padding=PADDING)
        route = self.route(ros_type="std_msgs/String")
        for turn in range(times(10, 50)):
            bridge = self.to_ros(route)
            if turn % 2:
                time.sleep(instants.uniform(0, LIFE))
                listener.halt()
            time.sleep(instants.uniform(0, LIFE))
            bridge.kill()
            listener.go_on()
        last = self.to_ros(route)
        self.await_numbers(last, listener.numbers, range(writer.stop()))

    def test_what_a_subscriber_has_not_taken_is_sent_again(self):
        """Results that wait in the node for a slow subscriber die with the node; they must not be
        marked as read in Kafka."""
        listener = self.listener()
        count = 150  # that one partition may have in flight
        lines = ['{"data":"%010d%s"}' % (n, "x" * LARGE) for n in range(count)]
        produce_lines(self.server, self.name, lines[:1])
        route = self.route(ros_type="std_msgs/String")
        bridge = self.to_ros(route)
        bridge.until(listener.numbers, "the first result")
        listener.halt()
        produce_lines(self.server, self.name, lines[1:])
        wait_until(lambda: self.totals()["published"] == count, what="all to be published")
        time.sleep(3)  # of offsets that are committed once a second
        bridge.kill()
        listener.go_on()
        bridge = self.to_ros(route)
        self.await_numbers(bridge, listener.numbers, range(count))

    def test_what_waits_for_a_subscriber_is_bounded(self):
        """Reading waits for a subscriber that takes nothing, the node stays in its group, and all
        of it arrives once."""
        listener = self.listener()
        count = 2000
        lines = ['{"data":"%010d%s"}' % (n, "x" * LARGE) for n in range(count)]
        produce_lines(self.server, self.name, lines[:1])
        bridge = self.to_ros(
            self.route(ros_type="std_msgs/String"),
            kafka=self.kafka(**{"max.poll.interval.ms": 6000}),
        )
        bridge.until(listener.numbers, "the first result")
        listener.halt()
        produce_lines(self.server, self.name, lines[1:])
        bridge.expect("waits for subscribers")
        time.sleep(7)  # longer than the group waits for a poll
        say("%s: %.0f MiB resident" % (self.name, resident(bridge.pid)))
        self.assertLess(self.totals()["received"], count / 2)
        listener.go_on()
        self.await_numbers(bridge, listener.numbers, range(count))
        self.assertEqual(len(listener.numbers()), count, "doubled")
        self.assertNotIn("MAXPOLL", bridge.text)


if __name__ == "__main__":
    run(RealResultsKills)
