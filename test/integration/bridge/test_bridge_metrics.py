#!/usr/bin/python3
"""/metrics of both nodes: every scrape adds up, and agrees with ~totals and with what was sent."""

import collections
import os
import socket
import sys
import threading
import urllib.error

import rospy
from std_msgs.msg import Int64

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from bridge_support import BridgeTest, free_port, run, wait_until  # noqa: E402
from metrics_support import fetch, lint, parse  # noqa: E402

COUNT = 6000  # messages of the load
ACCOUNT = ("robot", "direction", "route", "ros_topic", "kafka_topic")
MESSAGES = "kafka_bridge_messages_"
# What came in is what became of it.
CAME = ("received_total", "restored_total")
BECAME = (
    "delivered_total",
    "dead_lettered_total",
    "dropped_total",
    "given_back_total",
    "spooled",
    "pending",
)
TOTALS = {  # the words of ~totals
    "received": "received_total",
    "dead-lettered": "dead_lettered_total",
    "dropped": "dropped_total",
    "spooled": "spooled",
    "pending": "pending",
    "missed upstream": "missed_total",
}


class Scrape:
    """One answer: `text`, and sums over its samples."""

    def __init__(self, port):
        self.text = fetch(port)
        self.samples = parse(self.text)
        self.accounts = collections.defaultdict(collections.Counter)
        for family, labels, value in self.samples:
            if family.startswith(MESSAGES):
                account = tuple(labels[name] for name in ACCOUNT)
                self.accounts[account][family[len(MESSAGES) :]] += int(value)

    def value(self, family, **labels):
        """The sum of the samples of `family` with these labels."""
        wanted = set(labels.items())
        found = [v for f, ls, v in self.samples if f == family and wanted <= set(ls.items())]
        if not found:
            raise AssertionError("no %s with %s in\n%s" % (family, labels, self.text))
        return sum(found)

    def sum(self, name):
        return sum(account[name] for account in self.accounts.values())


class BridgeMetricsTest(BridgeTest):
    def check(self, scrapes):
        """Each scrape adds up, and no counter falls."""
        before = {}
        for scrape in scrapes:
            self.assertTrue(scrape.accounts)
            for account, counts in scrape.accounts.items():
                came = sum(counts[name] for name in CAME)
                self.assertEqual(came, sum(counts[name] for name in BECAME), (account, counts))
            for family, labels, value in scrape.samples:
                if not family.endswith("_total"):
                    continue
                key = (family, tuple(sorted(labels.items())))
                self.assertGreaterEqual(value, before.get(key, 0), key)
                before[key] = value

    def check_totals(self, scrape, found):
        for word, name in TOTALS.items():
            self.assertEqual(scrape.sum(name), found.get(word, 0), word)
        done = found.get("delivered", found.get("published"))
        self.assertEqual(scrape.sum("delivered_total"), done)

    def settled_scrape(self, port, received):
        """The scrape that has so many messages received and none under way."""

        def there():
            scrape = Scrape(port)
            under_way = scrape.sum("pending") + scrape.sum("spooled")
            bytes_left = scrape.value("kafka_bridge_in_flight_bytes")
            return (
                scrape
                if scrape.sum("received_total") >= received and not (under_way or bytes_left)
                else None
            )

        return wait_until(there, what="a scrape of %d messages" % received)

    def ports(self):
        return {"ros_to_kafka": free_port(), "kafka_to_ros": free_port()}

    def test_every_scrape_adds_up_under_load_both_ways(self):
        ports = self.ports()
        self.to_kafka(
            {"ros_topic": "/metered/all", "kafka_topic": self.name + ".all"},
            {"ros_topic": "/metered/few", "kafka_topic": self.name + ".few", "max_rate": 50},
            name="metered_there",
            metrics=ports,
        )
        self.to_ros(
            {"kafka_topic": self.name + ".all", "ros_topic": "/metered_back/all"},
            {
                "kafka_topic": self.name + ".few",
                "ros_topic": "/metered_back/few",
                "ros_type": "std_msgs/String",  # their numbers are none
            },
            name="metered_back",
            metrics=ports,
        )
        there, back = ports["ros_to_kafka"], ports["kafka_to_ros"]
        wait_until(lambda: self.answers(back), what="kafka_to_ros's metrics")
        topics = ["/metered/all", "/metered/few"]
        publishers = [self.publisher(topic, Int64, queue_size=COUNT) for topic in topics]

        def load():
            rate = rospy.Rate(100)
            for number in range(COUNT):
                for publisher in publishers:
                    publisher.publish(number)
                if number % 20 == 0:
                    rate.sleep()

        thread = threading.Thread(target=load)
        thread.start()
        self.addCleanup(thread.join)
        scrapes = {there: [], back: []}
        while thread.is_alive():
            for port, taken in scrapes.items():
                taken.append(Scrape(port))
        there_end = self.settled_scrape(there, 2 * COUNT)
        few = there_end.value(MESSAGES + "delivered_total", ros_topic="/metered/few")
        back_end = self.settled_scrape(back, COUNT + int(few))
        self.check(scrapes[there] + [there_end])
        self.check(scrapes[back] + [back_end])
        self.assertGreater(len(scrapes[there]), 5)
        self.assertTrue(
            any(s.sum("pending") + s.sum("spooled") for s in scrapes[there]), "none was under way"
        )
        self.check_totals(there_end, self.totals("metered_there"))
        self.check_totals(back_end, self.totals("metered_back"))

        labels = {"robot": "warty", "route": "ros_to_kafka[1]", "reason": "max_rate"}
        self.assertEqual(there_end.value(MESSAGES + "dropped_total", **labels) + few, COUNT)
        self.assertEqual(
            back_end.value(
                MESSAGES + "dead_lettered_total",
                direction="kafka_to_ros",
                kafka_topic=self.name + ".few",
                ros_topic="/metered_back/few",
            ),
            few,
        )
        for end in (there_end, back_end):
            self.assertEqual(end.value("kafka_bridge_connected", robot="warty"), 1)
            self.assertEqual(end.value("kafka_bridge_build_info"), 1)
            self.assertGreater(end.value("process_resident_memory_bytes"), 1e6)
            self.assertGreater(end.value("process_cpu_seconds_total"), 0)
            self.assertNotIn(self.broker, end.text)
            self.assertIn(lint(end.text), (None, ""))

    def answers(self, port):
        try:
            return fetch(port, "/healthz") == "ok\n"
        except OSError:
            return False

    def test_a_port_in_use_costs_no_message(self):
        port = free_port()
        blocker = socket.socket()
        self.addCleanup(blocker.close)
        blocker.bind(("127.0.0.1", port))
        blocker.listen(1)
        topic = "/" + self.name
        bridge = self.to_kafka(
            {"ros_topic": topic, "kafka_topic": self.name}, metrics={"ros_to_kafka": port}
        )
        bridge.expect("cannot listen at 127.0.0.1, port %d: Address already in use" % port)
        publisher = self.publisher(topic, Int64)
        for number in range(100):
            publisher.publish(number)
        self.settled(100)
        blocker.close()
        wait_until(lambda: self.answers(port), what="metrics at the port that is free now")
        self.assertEqual(Scrape(port).sum("delivered_total"), 100)
        self.assertEqual(bridge.text.count("cannot listen"), 1)
        self.assertEqual(bridge.stop(), 0, bridge.text)

    def test_the_parameters_win_over_the_file(self):
        port, other = free_port(), free_port()
        route = {"ros_topic": "/" + self.name, "kafka_topic": self.name}
        bridge = self.start(
            "ros_to_kafka",
            {"ros_to_kafka": [route], "metrics": {"address": "192.0.2.1", "ros_to_kafka": other}},
            "_metrics_port:=%d" % port,
            "_metrics_address:=127.0.0.1",
        )
        bridge.expect("metrics at http://127.0.0.1:%d/metrics" % port)
        with self.assertRaises(urllib.error.HTTPError) as refused:
            fetch(port, "/")
        self.assertEqual(refused.exception.code, 404)
        self.assertIn("ros_to_kafka are at /metrics", refused.exception.read().decode())
        self.assertEqual(bridge.stop(), 0, bridge.text)
        self.assertFalse(self.answers(port))

    def test_without_the_section_nothing_listens(self):
        bridge = self.to_kafka({"ros_topic": "/" + self.name, "kafka_topic": self.name})
        self.totals()
        self.assertNotIn("metrics", bridge.text)


if __name__ == "__main__":
    run(BridgeMetricsTest)
