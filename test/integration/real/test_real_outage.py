#!/usr/bin/python3
"""A broker that comes late, or goes and comes back: nothing is lost, nothing doubled on the way to
Kafka, and all of it is told in a line or two."""

import os
import sys
import threading

from std_msgs.msg import Int64, String

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from real_support import RealBridgeTest, produce, run, troubles, wait_until  # noqa: E402

RATE = 200.0  # messages per second


class Flow:
    """Publishes 0, 1, 2, … until it is stopped; then `count` of them."""

    def __init__(self, publisher):
        self.count = 0
        self._publisher = publisher
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self):
        while not self._stopping.wait(1 / RATE):
            self._publisher.publish(self.count)
            self.count += 1

    def stop(self):
        self._stopping.set()
        self._thread.join()
        return self.count


class RealOutage(RealBridgeTest):
    def route(self):
        return {"ros_topic": "/" + self.name, "kafka_topic": self.name}

    def flow(self):
        flow = Flow(self.publisher("/" + self.name, Int64))
        self.addCleanup(flow.stop)
        return flow

    def numbers(self):
        return [record.json()["data"] for record in self.consume(self.name)]

    def check_told_once(self, process, clients):
        """At most a line of trouble from each of the node's Kafka clients, and one when it was
        over."""
        told = [line for line in troubles(process) if "waiting for it to appear" not in line]
        self.assertTrue(told, "nothing was said of the outage:\n" + process.text)
        self.assertEqual([line for line in told if self.broker not in line], [])
        self.assertLessEqual(len(told), clients, process.text)
        self.assertLessEqual(process.text.count("Kafka is back at " + self.broker), clients)
        self.assertIn("Kafka is back at " + self.broker, process.text)

    def test_a_broker_that_comes_late(self):
        self.server.stop()
        there = self.to_kafka(self.route())
        results = self.collector("/results", Int64)
        back = self.to_ros(
            {
                "kafka_topic": "late",
                "ros_topic": "/results",
                "ros_type": "std_msgs/Int64",
                "wait_for_subscriber": True,
            },
            name="back",
        )
        flow = self.flow()
        for bridge in (there, back):
            bridge.expect("Kafka broker %s cannot be reached" % self.broker)
        wait_until(lambda: flow.count > 3 * RATE, what="three seconds of messages")
        found = self.totals()
        self.assertEqual((found["delivered"], found["dropped"]), (0, 0))
        self.assertEqual(found["spooled"] + found["pending"], found["received"])

        self.server.start()
        wait_until(lambda: self.totals()["delivered"] > 0, what="the first delivery")
        count = flow.stop()
        self.assertEqual(self.settled(count)["delivered"], count)
        self.assertEqual(self.numbers(), list(range(count)))
        produce(self.server, "late", '{"data":5}')
        self.assertEqual(results.wait(1)[0].data, 5)
        self.check_told_once(there, 1)
        self.check_told_once(back, 3)
        self.assertEqual(self.stop_and_account(there)["delivered"], count)
        self.assertEqual(self.stop_and_account(back)["published"], 1)

    def test_a_broker_that_crashes_while_messages_flow_both_ways(self):
        there = self.to_kafka(self.route())
        seen = self.collector("/seen", Int64)
        back = self.to_ros(
            {
                "kafka_topic": self.name,
                "ros_topic": "/seen",
                "wait_for_subscriber": True,
                # What gathered while the broker was away comes at once.
                "queue_size": 0,
            },
            name="back",
        )
        flow = self.flow()
        seen.wait(100)
        self.server.kill()
        before = self.totals()["delivered"]
        there.expect("Kafka broker %s cannot be reached" % self.broker)
        self.server.start()
        wait_until(lambda: self.totals()["delivered"] > before + 100, what="deliveries again")
        count = flow.stop()
        self.assertEqual(self.settled(count)["delivered"], count)
        self.assertEqual(self.numbers(), list(range(count)), "in order, none doubled, none lost")

        heard = lambda: {message.data for message in seen.messages}  # noqa: E731
        back.until(lambda: len(heard()) >= count, "%d messages on the way back" % count)
        self.assertEqual(heard(), set(range(count)))
        self.check_told_once(there, 1)
        self.check_told_once(back, 3)
        self.assertEqual(self.stop_and_account(there)["delivered"], count)
        self.assertGreaterEqual(self.stop_and_account(back)["published"], count)

    def test_a_full_spool_keeps_the_newest(self):
        count, size, room = 300, 10000, 1 << 20
        bridge = self.to_kafka(
            self.route(), spool={"max_bytes": room, "when_full": "drop_oldest"}, shutdown_timeout=1
        )
        publisher = self.publisher("/" + self.name, String)
        publisher.publish("-1")
        self.settled(1)
        self.server.kill()
        for number in range(count):
            publisher.publish(str(number).ljust(size))
        bridge.until(
            lambda: self.totals()["pending"] == 0 and self.totals()["received"] == count + 1,
            "the fate of all",
            60,
        )
        spooled = self.totals()["spooled"]
        self.server.start()
        found = self.settled(count + 1)
        bridge.stop()
        self.assertEqual(found["dropped"], found["spool_full"])
        self.assertEqual((found["delivered"], found["spool_full"]), (spooled + 1, count - spooled))
        self.assertGreater(spooled, 0.9 * room / size)
        numbers = [int(record.json()["data"]) for record in self.consume(self.name)]
        self.assertEqual(numbers, [-1] + list(range(count - spooled, count)))

    def test_offsets_are_kept_over_restarts_of_node_and_broker(self):
        route = {"kafka_topic": self.name, "ros_topic": "/kept", "ros_type": "std_msgs/Int64"}
        route["wait_for_subscriber"] = True
        kept = self.collector("/kept", Int64)
        for run_number in range(2):
            for number in range(3):
                produce(self.server, self.name, '{"data":%d}' % (3 * run_number + number))
            bridge = self.to_ros(route)
            kept.wait(3 * run_number + 3)
            self.assertEqual(self.stop_and_account(bridge)["published"], 3)
            self.server.restart()
        bridge = self.to_ros(route)
        produce(self.server, self.name, '{"data":6}')
        kept.wait(7)
        self.assertEqual([message.data for message in kept.messages], list(range(7)))
        self.assertEqual(self.stop_and_account(bridge)["published"], 1)


if __name__ == "__main__":
    run(RealOutage)
