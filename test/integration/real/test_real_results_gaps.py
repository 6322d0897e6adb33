#!/usr/bin/python3
"""Records that are gone before kafka_to_ros has read them: where it goes on, what it says of them,
and what it counts."""

import os
import re
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from results_support import ResultsTest, produce_lines, run, wait_until  # noqa: E402


def numbered(first, end):
    return ['{"data":%d}' % number for number in range(first, end)]


class RealResultsGaps(ResultsTest):
    properties = dict(ResultsTest.properties, **{"num.partitions": "1"})

    def setUp(self):
        super().setUp()
        self.results_seen = self.results()
        self.server.create_topic(self.name)

    def write(self, first, end):
        produce_lines(self.server, self.name, numbered(first, end))

    def seen(self):
        return [message.data for message in list(self.results_seen.messages)]

    def await_seen(self, bridge, numbers, timeout=40):
        numbers = list(numbers)
        bridge.until(lambda: len(self.seen()) >= len(numbers), "%d numbers" % len(numbers), timeout)
        self.assertEqual(self.seen(), numbers)

    def check_told(self, bridge, offset, lost, there):
        """That the gap is told once and in full."""
        told = re.findall(r"Kafka topic \S+, partition 0: [^\n\x1b]*", bridge.text)
        told = [line for line in told if "reading goes on" in line]
        self.assertEqual(len(told), 1, bridge.text)
        self.assertIn("Kafka topic %s, partition 0: %d records" % (self.name, lost), told[0])
        self.assertIn("from offset %d on" % offset, told[0])
        self.assertIn("goes on at offset %d, its beginning" % there, told[0])

    def read_and_stop(self, count):
        bridge = self.to_ros(self.route())
        self.await_seen(bridge, range(count))
        self.assertEqual(self.stop_and_account(bridge)["published"], count)

    def test_records_that_were_deleted_before_they_were_read(self):
        self.write(0, 10)
        self.read_and_stop(10)
        self.write(10, 50)
        self.server.delete_records(self.name, 30)
        bridge = self.to_ros(self.route())
        self.await_seen(bridge, list(range(10)) + list(range(30, 50)))
        self.check_told(bridge, 10, 20, 30)
        self.assertEqual(self.totals()["missed upstream"], 20)
        found = self.stop_and_account(bridge)
        self.assertEqual((found["published"], found["missed upstream"]), (20, 20))
        # It was told once; the next start knows nothing of it.
        bridge = self.to_ros(self.route())
        self.write(50, 51)
        bridge.until(lambda: self.seen()[-1] == 50, "the last number")
        self.assertNotIn("reading goes on", bridge.text)
        self.assertEqual(self.stop_and_account(bridge)["missed upstream"], 0)

    def test_records_that_are_deleted_while_it_runs(self):
        """The node is halted, which is what a long outage is to it."""
        self.write(0, 10)
        bridge = self.to_ros(self.route(), kafka=self.kafka(**{"fetch.wait.max.ms": 10}))
        self.await_seen(bridge, range(10))
        self.halted(bridge, self.write_and_delete)
        self.await_seen(bridge, list(range(10)) + list(range(40, 60)))
        self.check_told(bridge, 10, 30, 40)
        self.assertEqual(self.stop_and_account(bridge)["missed upstream"], 30)

    def write_and_delete(self):
        time.sleep(1)  # so that no fetch of the halted node's is under way, which brings records
        self.write(10, 60)
        self.server.delete_records(self.name, 40)

    def test_gaps_that_compaction_and_transactions_leave_are_none(self):
        self.write(0, 10)
        self.read_and_stop(10)
        self.server.delete_records(self.name, 10)  # all of which was read
        self.write(10, 20)
        bridge = self.to_ros(self.route())
        self.await_seen(bridge, range(20))
        self.assertEqual(self.stop_and_account(bridge)["missed upstream"], 0)
        self.assertNotIn("reading goes on", bridge.text)

    def test_a_topic_that_is_deleted_and_made_again_while_it_runs(self):
        self.write(0, 30)
        bridge = self.to_ros(self.route())
        self.await_seen(bridge, range(30))
        self.server.delete_topic(self.name)
        self.server.create_topic(self.name)
        self.write(100, 120)
        self.await_seen(bridge, list(range(30)) + list(range(100, 120)), 60)
        self.assertEqual(self.stop_and_account(bridge)["missed upstream"], 0)

    def test_a_topic_that_is_deleted_and_made_again_while_it_is_away(self):
        self.write(0, 30)
        self.read_and_stop(30)
        self.server.delete_topic(self.name)
        self.server.create_topic(self.name)
        self.write(100, 150)
        bridge = self.to_ros(self.route())
        self.await_seen(bridge, list(range(30)) + list(range(100, 150)), 60)

    def test_a_topic_that_has_become_shorter_than_it_was_read(self):
        """As an unclean change of leaders leaves it: here made again while the node is halted, with
        the group's place still behind its end."""
        self.write(0, 30)
        bridge = self.to_ros(self.route())
        self.await_seen(bridge, range(30))
        self.halted(bridge, self.make_again)
        self.await_seen(bridge, list(range(30)) + list(range(100, 110)), 60)
        self.assertEqual(self.stop_and_account(bridge)["missed upstream"], 0)

    def make_again(self):
        self.server.delete_topic(self.name)
        self.server.create_topic(self.name)
        self.write(100, 110)

    def test_reading_goes_on_at_the_end_where_that_is_asked_for(self):
        self.write(0, 10)
        self.read_and_stop(10)
        self.write(10, 50)
        self.server.delete_records(self.name, 30)
        kafka = self.kafka(**{"auto.offset.reset": "latest"})
        bridge = self.to_ros(self.route(), kafka=kafka)
        bridge.expect("reading goes on at offset 50, its end", 40)
        wait_until(lambda: self.totals()["missed upstream"] == 40, 10, "40 missed")
        self.write(50, 60)
        self.await_seen(bridge, list(range(10)) + list(range(50, 60)))


if __name__ == "__main__":
    run(RealResultsGaps)
