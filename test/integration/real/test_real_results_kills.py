#!/usr/bin/python3
"""kafka_to_ros killed while results come: whoever subscribes gets each of them at least once."""

import os
import random
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from results_support import (  # noqa: E402
    HERE,
    SEED,
    Process,
    ResultsTest,
    go_on,
    halt,
    heard,
    produce_lines,
    run,
    times,
    wait_until,
)

RATE = 1000  # results per second
LIFE = 3.0  # seconds at most
LARGE = 100000  # bytes; a socket's buffers hold a few dozen of these


class RealResultsKills(ResultsTest):
    def test_kills_at_random_instants(self):
        instants = random.Random(SEED)
        results = self.results()
        writer = self.writer(RATE)
        for _ in range(times(10, 50)):
            bridge = self.to_ros(self.route())
            time.sleep(instants.uniform(0, LIFE))
            bridge.kill()
        last = self.to_ros(self.route())
        numbers = range(writer.stop())
        self.await_numbers(last, results, numbers)
        self.account(numbers, [message.data for message in results.messages])

    def test_what_a_subscriber_has_not_taken_is_sent_again(self):
        """Results that wait in the node for a slow subscriber die with the node; they must not be
        marked as read in Kafka."""
        listener = Process([sys.executable, os.path.join(HERE, "listener.py"), "/" + self.name])
        self.addCleanup(self.end, listener)
        self.addCleanup(lambda: listener.is_running() and go_on(listener))
        listener.expect("listening")
        count = 200
        lines = ['{"data":"%06d%s"}' % (n, "x" * LARGE) for n in range(count)]
        came = lambda: [int(one[2][4:10]) for one in heard(listener).get("/" + self.name, [])]  # noqa: E731
        produce_lines(self.server, self.name, lines[:1])
        route = self.route(ros_type="std_msgs/String")
        bridge = self.to_ros(route)
        bridge.until(came, "the first result", 30)
        halt(listener)
        produce_lines(self.server, self.name, lines[1:])
        wait_until(lambda: self.totals()["published"] == count, 30, "all to be published")
        time.sleep(3)  # of offsets that are committed once a second
        bridge.kill()
        go_on(listener)
        bridge = self.to_ros(route)
        try:
            wait_until(lambda: len(set(came())) == count, 20)
        except TimeoutError:
            pass
        self.account(range(count), came())


if __name__ == "__main__":
    run(RealResultsKills)
