#!/usr/bin/python3
"""kafka_to_ros publishes each record once as long as nothing crashes: at a group's first start, as
topics of a pattern appear, and as members come and go."""

import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from results_support import PATIENCE, Records, ResultsTest, run, wait_until  # noqa: E402
from std_msgs.msg import Int64  # noqa: E402

TYPE = {
    "ros_type": b"std_msgs/Int64",
    "ros_md5sum": Int64._md5sum.encode(),
}


class RealResultsOnce(ResultsTest):
    properties = dict(ResultsTest.properties, **{"num.partitions": "3"})

    def pattern(self, **keys):
        """All topics of the test's, published on one."""
        topic = r"^%s\..*" % re.escape(self.name)
        return dict({"kafka_topic": topic, "ros_topic": "/" + self.name}, **keys)

    def write(self, topic, numbers, headers=None):
        """To the topic `topic` of the test's, each with a key of its own."""
        records = Records(self.broker, "%s.%s" % (self.name, topic))
        self.addCleanup(records.close)
        headers = dict(TYPE, **(headers or {}))
        records.write((b"%d" % n, b'{"data":%d}' % n, headers) for n in numbers)
        self.assertEqual(records.finish(), len(numbers))

    def member(self, name):
        kafka = {
            "group.id": self.name,
            "topic.metadata.refresh.interval.ms": 500,
            "partition.assignment.strategy": "roundrobin",
        }
        kafka = self.kafka(**kafka)
        return self.to_ros(self.pattern(wait_for_subscriber=True), name=name, kafka=kafka)

    def check_once(self, results, numbers, *members):
        """All have come, none twice, and the members' accounts say the same."""
        arrived = lambda: [message.data for message in list(results.messages)]  # noqa: E731
        self.await_numbers(members[0], arrived, numbers)
        published = sum(self.stop_and_account(member)["published"] for member in members)
        self.assertEqual((len(arrived()), published), (len(numbers), len(numbers)))

    def test_a_first_start_with_latched_records(self):
        latched = {"ros_latched": b"true"}
        self.write("a", range(2), latched)
        self.write("b", range(2, 5), latched)
        results = self.results()
        bridge = self.to_ros(self.pattern(wait_for_subscriber=True))
        bridge.until(lambda: len(results.messages) >= 5, "five records", PATIENCE)
        self.write("a", range(5, 15), latched)  # behind whatever came twice
        self.write("b", range(15, 25), latched)
        self.check_once(results, range(25), bridge)

    def test_topics_appear(self):
        results = self.results()
        bridge = self.member("only")
        for topic in range(8):
            self.write("t%d" % topic, range(60 * topic, 60 * (topic + 1)))
        bridge.expect("%s.t7 (std_msgs/Int64) ->" % self.name, PATIENCE)
        self.check_once(results, range(480), bridge)

    def test_members_come_and_go(self):
        for topic in range(4):
            self.write("t%d" % topic, range(100 * topic, 100 * topic + 50))
        results = self.results()
        first = self.member("first")
        wait_until(lambda: len(results.messages) >= 200, PATIENCE, "the first records")
        second = self.member("second")
        count = 0
        while "std_msgs/Int64) ->" not in second.text:
            second.until(second.is_running, "the second member")
            self.write("t0", range(1000 + count, 1010 + count))
            count += 10
        for topic in range(4):
            self.write("t%d" % topic, range(100 * topic + 50, 100 * topic + 100))
        numbers = list(range(400)) + list(range(1000, 1000 + count))
        arrived = lambda: len(results.messages) >= len(numbers)  # noqa: E731
        first.until(arrived, "all numbers", PATIENCE)
        of_second = self.stop_and_account(second)["published"]
        self.write("t1", range(900, 950))
        numbers += range(900, 950)
        first.until(arrived, "the last numbers", PATIENCE)
        of_first = self.stop_and_account(first)["published"]
        self.account(numbers, [message.data for message in results.messages])
        self.assertGreater(of_second, 0)
        self.assertEqual(of_first + of_second, len(numbers))
        self.assertEqual(len(results.messages), len(numbers))


if __name__ == "__main__":
    run(RealResultsOnce)
