#!/usr/bin/python3
"""kafka_to_ros in a group whose members come and go, and with a broker that does: each result
arrives at least once."""

import os
import random
import signal
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from results_support import SEED, ResultsTest, run, times  # noqa: E402

RATE = 1000  # results per second
PARTITIONS = 4


class RealResultsGroup(ResultsTest):
    def setUp(self):
        super().setUp()
        self.instants = random.Random(SEED)
        self.server.create_topic(self.name, partitions=PARTITIONS)

    def member(self, name):
        return self.to_ros(self.route(), name=name, kafka=self.kafka(**{"group.id": self.name}))

    def finish(self, writer, results, bridge):
        arrived = lambda: [message.data for message in list(results.messages)]  # noqa: E731
        self.await_numbers(bridge, arrived, range(writer.stop()))

    def check_second_member(self, *ends):
        results = self.results()
        first = self.member("first")
        first.expect("advertised")
        writer = self.writer(RATE)
        for turn in range(times(4, 25)):
            second = self.member("second")
            second.expect("Kafka topic %s (std_msgs/Int64) ->" % self.name)
            time.sleep(self.instants.uniform(0, 2))
            number = ends[turn % len(ends)]
            second.stop(number)
        self.finish(writer, results, first)
        found = self.stop_and_account(first)
        self.assertEqual(found["dropped"] + found["missed upstream"], 0)

    def test_a_second_member_comes_and_goes(self):
        self.check_second_member(signal.SIGTERM)

    def test_a_second_member_comes_and_is_killed(self):
        self.check_second_member(signal.SIGKILL, signal.SIGTERM)

    def test_a_broker_that_restarts(self):
        results = self.results()
        bridge = self.member("first")
        bridge.expect("advertised")
        writer = self.writer(RATE)
        for turn in range(times(2, 10)):
            time.sleep(self.instants.uniform(1, 3))
            (self.server.kill if turn % 2 else self.server.stop)()
            time.sleep(self.instants.uniform(0, 3))
            self.server.start()
        self.finish(writer, results, bridge)
        self.assertEqual(self.stop_and_account(bridge)["missed upstream"], 0)


if __name__ == "__main__":
    run(RealResultsGroup)
