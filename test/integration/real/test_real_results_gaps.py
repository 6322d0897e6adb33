#!/usr/bin/python3
"""Records that are gone before kafka_to_ros has read them: where it goes on, what it says of them,
and what it counts."""

import os
import re
import subprocess
import sys
import time

from std_msgs.msg import String

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from results_support import (
    PATIENCE,
    ResultsTest,
    end_offsets,
    produce_lines,
    run,
    say,
    wait_until,
)  # noqa: E402


def numbered(first, end):
    return ['{"data":%d}' % number for number in range(first, end)]


class RealResultsGaps(ResultsTest):
    properties = dict(ResultsTest.properties, **{"num.partitions": "1"})

    def setUp(self):
        super().setUp()
        self.results_seen = self.results()
        self.server.create_topic(self.name)
        self.sent = 0

    def write(self, first, end):
        self.sent += end - first
        produce_lines(self.server, self.name, numbered(first, end))

    def seen(self):
        return [message.data for message in list(self.results_seen.messages)]

    def await_seen(self, bridge, numbers, timeout=PATIENCE):
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

    def finish(self, bridge, missed):
        """Ends the node, which has counted so many as missed; the totals."""
        found = self.stop_and_account(bridge)
        counts = (self.name, self.sent, len(set(self.seen())), found["missed upstream"])
        say("%s: sent %d, arrived %d, missed %d (deleted before they were read)" % counts)
        self.assertEqual(found["missed upstream"], missed)
        self.assertEqual(len(self.seen()), len(set(self.seen())), "doubled")
        return found

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
        self.assertEqual(self.finish(bridge, 20)["published"], 20)
        # It was told once; the next start knows nothing of it.
        bridge = self.to_ros(self.route())
        self.write(50, 51)
        bridge.until(lambda: self.seen()[-1] == 50, "the last number")
        self.assertNotIn("reading goes on", bridge.text)
        self.finish(bridge, 0)

    def test_records_that_are_deleted_while_it_runs(self):
        """The node is halted, which is what a long outage is to it."""
        self.write(0, 10)
        bridge = self.to_ros(self.route(), kafka=self.kafka(**{"fetch.wait.max.ms": 10}))
        self.await_seen(bridge, range(10))
        self.halted(bridge, self.write_and_delete)
        self.await_seen(bridge, list(range(10)) + list(range(40, 60)))
        self.check_told(bridge, 10, 30, 40)
        self.finish(bridge, 30)

    def write_and_delete(self):
        time.sleep(1)  # so that no fetch of the halted node's is under way, which brings records
        self.write(10, 60)
        self.server.delete_records(self.name, 40)

    def test_what_was_read_may_be_deleted(self):
        self.write(0, 10)
        self.read_and_stop(10)
        self.server.delete_records(self.name, 10)
        self.write(10, 20)
        bridge = self.to_ros(self.route())
        self.await_seen(bridge, range(20))
        self.finish(bridge, 0)
        self.assertNotIn("reading goes on", bridge.text)

    def test_gaps_that_transactions_leave_are_none(self):
        """The end of a transaction takes an offset and is no record."""
        writer = os.environ.get("TRANSACTION_WRITER")
        if not writer:
            self.skipTest("TRANSACTION_WRITER names no program")
        texts = self.collector("/texts", String)
        route = self.route(format="text", ros_topic="/texts", ros_type="std_msgs/String")
        bridge = self.to_ros(route)
        command = [writer, self.broker, self.name, self.name, "5000"]
        subprocess.run(command, stdout=subprocess.DEVNULL, check=True, timeout=PATIENCE)
        self.assertGreater(end_offsets(self.server, self.name)[0], 5000)
        bridge.until(lambda: len(texts.messages) >= 5000, "5000 texts")
        numbers = [int(message.data) for message in texts.messages]
        self.assertEqual(numbers, list(range(5000)))
        found = self.stop_and_account(bridge)
        say("%s: sent 5000, arrived %d, missed 0" % (self.name, len(numbers)))
        self.assertEqual((found["published"], found["missed upstream"]), (5000, 0))
        self.assertNotIn("reading goes on", bridge.text)

    def test_a_topic_that_is_deleted_and_made_again_while_it_runs(self):
        self.write(0, 30)
        bridge = self.to_ros(self.route())
        self.await_seen(bridge, range(30))
        self.server.delete_topic(self.name)
        self.server.create_topic(self.name)
        self.write(100, 120)
        self.await_seen(bridge, list(range(30)) + list(range(100, 120)))
        self.finish(bridge, 0)

    def test_a_topic_that_is_deleted_and_made_again_while_it_is_away(self):
        self.write(0, 30)
        self.read_and_stop(30)
        self.server.delete_topic(self.name)
        self.server.create_topic(self.name)
        self.write(100, 150)
        bridge = self.to_ros(self.route())
        self.await_seen(bridge, list(range(30)) + list(range(100, 150)))
        self.finish(bridge, 0)

    def test_a_topic_that_has_become_shorter_than_it_was_read(self):
        """As an unclean change of leaders leaves it: here made again while the node is halted, with
        the group's place still behind its end."""
        self.write(0, 30)
        bridge = self.to_ros(self.route())
        self.await_seen(bridge, range(30))
        self.halted(bridge, self.make_again)
        self.await_seen(bridge, list(range(30)) + list(range(100, 110)))
        self.finish(bridge, 0)

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
        bridge.expect("reading goes on at offset 50, its end")
        wait_until(lambda: self.totals()["missed upstream"] == 40, what="40 missed")
        self.write(50, 60)
        self.await_seen(bridge, list(range(10)) + list(range(50, 60)))
        self.finish(bridge, 40)


if __name__ == "__main__":
    run(RealResultsGaps)
