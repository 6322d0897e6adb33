#!/usr/bin/python3
"""~status of both nodes: every message adds up, agrees with ~totals and with what was sent."""

import os
import sys
import threading

import rospy
from kafka_bridge.msg import BridgeStatus
from std_msgs.msg import Int64

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from bridge_support import BridgeTest, free_port, run, totals, wait_until  # noqa: E402

PERIOD = 0.1  # seconds, the shortest
COUNT = 6000  # messages of the load
GROWING = ("received", "restored", "delivered", "dead_lettered", "dropped", "missed")
SUMS = {  # the words of ~totals
    "received": "received",
    "delivered": "delivered",
    "dead_lettered": "dead-lettered",
    "dropped": "dropped",
    "spooled": "spooled",
    "pending": "pending",
    "missed": "missed upstream",
}


class BridgeStatusTest(BridgeTest):
    def statuses(self, name=None):
        return self.collector("/%s/status" % (name or self.name), BridgeStatus)

    def check_route(self, route):
        known = route.delivered + route.dead_lettered + route.dropped
        self.assertEqual(
            route.received + route.restored, known + route.spooled + route.pending, route
        )
        self.assertEqual(route.dropped, sum(route.drop_counts), route)
        self.assertEqual(len(route.drop_reasons), len(route.drop_counts), route)

    def check_all(self, messages):
        """Each message adds up, and none has less than the one before."""
        # roscpp may give the latched one twice to a subscriber that connects while it is published.
        if len(messages) > 1 and messages[0].header.seq == messages[1].header.seq:
            messages = messages[1:]
        before = {}
        for number, message in enumerate(messages):
            self.assertEqual(message.header.seq, messages[0].header.seq + number)
            for route in message.routes:
                self.check_route(route)
                key = (route.route, route.ros_topic, route.kafka_topic)
                counts = [getattr(route, name) for name in GROWING]
                for now, then in zip(counts, before.get(key, counts)):
                    self.assertGreaterEqual(now, then, route)
                before[key] = counts

    def check_totals(self, message, found):
        for field, word in SUMS.items():
            expected = found.get(word, found.get("published") if field == "delivered" else 0)
            self.assertEqual(sum(getattr(route, field) for route in message.routes), expected)

    def last(self, collector, received):
        """The newest message, once it has so many messages received and none under way."""

        def there():
            newest = collector.messages[-1] if collector.messages else None
            if not newest or sum(route.received for route in newest.routes) < received:
                return None
            waiting = sum(route.pending + route.spooled for route in newest.routes)
            return None if waiting + newest.queue_bytes + newest.in_flight_bytes else newest

        return wait_until(there, what="a status of %d messages" % received)

    def test_every_message_adds_up_under_load_both_ways(self):
        self.check_load()

    def test_every_message_adds_up_in_transactions(self):
        self.check_load(delivery="exactly_once")

    def test_every_message_adds_up_where_only_a_backlog_is_spooled(self):
        self.check_load(spool={"durability": "spill"})

    def test_every_message_adds_up_without_a_spool(self):
        self.check_load(spool={"durability": "none"})

    def check_load(self, **keys):
        there = self.to_kafka(
            {"ros_topic": "/load/all", "kafka_topic": self.name + ".all"},
            {"ros_topic": "/load/few", "kafka_topic": self.name + ".few", "max_rate": 50},
            {"ros_topic": "/load/odd", "kafka_topic": "{type}"},  # no Kafka topic: '/' in it
            name="there",
            status_period=PERIOD,
            **keys,
        )
        back = self.to_ros(
            {"kafka_topic": self.name + ".all", "ros_topic": "/back/all"},
            {
                "kafka_topic": self.name + ".few",
                "ros_topic": "/back/few",
                "ros_type": "std_msgs/String",  # their numbers are none
            },
            name="back",
            status_period=PERIOD,
        )
        of_there, of_back = self.statuses("there"), self.statuses("back")
        for collector in (of_there, of_back):
            collector.wait(1)
        topics = ["/load/all", "/load/few"]
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
        there_end = self.last(of_there, 2 * COUNT)
        few = next(route for route in there_end.routes if route.ros_topic == "/load/few")
        back_end = self.last(of_back, COUNT + few.delivered)
        self.check_totals(there_end, self.totals("there"))
        self.check_totals(back_end, self.totals("back"))

        routes = {route.ros_topic: route for route in there_end.routes}
        self.assertEqual(set(routes), {"/load/all", "/load/few", "/load/odd"})
        everything = routes["/load/all"]
        self.assertEqual(everything.route, "ros_to_kafka[0]")
        self.assertEqual(everything.kafka_topic, self.name + ".all")
        self.assertEqual((everything.received, everything.delivered), (COUNT, COUNT))
        self.assertEqual(few.drop_reasons, ["max_rate"])
        self.assertEqual(few.delivered + few.drop_counts[0], COUNT)
        self.assertEqual(routes["/load/odd"].received, 0)

        returned = {route.ros_topic: route for route in back_end.routes}
        self.assertEqual(returned["/back/all"].delivered, COUNT)
        self.assertEqual(returned["/back/all"].kafka_topic, self.name + ".all")
        self.assertEqual(returned["/back/few"].route, "kafka_to_ros[1]")
        self.assertEqual(returned["/back/few"].dead_lettered, few.delivered)

        for end, direction in ((there_end, "ros_to_kafka"), (back_end, "kafka_to_ros")):
            self.assertEqual((end.robot, end.direction), ("warty", direction))
            self.assertEqual((end.connected, end.trouble), (True, ""))
        for collector in (of_there, of_back):
            self.check_all(collector.wait(6))
            moving = [m for m in collector.messages if any(r.received_rate for r in m.routes)]
            self.assertTrue(moving, "no rate was ever above 0")
        self.assertEqual((there.stop(), back.stop()), (0, 0))

    def test_what_waits_for_kafka_on_the_disk_is_shown(self):
        self.check_waiting("spooled", 10, "write_ahead")

    def test_what_waits_for_kafka_in_memory_is_shown(self):
        self.check_waiting("pending", 0, "none")

    def check_waiting(self, where, on_disk, durability):
        self.broker = "127.0.0.1:%d" % free_port()  # nobody is there
        bridge = self.to_kafka(
            {"ros_topic": "/" + self.name, "kafka_topic": self.name},
            status_period=PERIOD,
            shutdown_timeout=0.1,
            spool={"durability": durability},
        )
        statuses = self.statuses()
        publisher = self.publisher("/" + self.name, Int64)
        for number in range(10):
            publisher.publish(number)

        def is_shown(message):
            there = getattr(message.routes[0], where) == 10 and message.spool_records == on_disk
            return there and message.in_flight_bytes > 10 * 8

        # Not all is read at once: one status may show a part of it a moment later.
        bridge.until(lambda: any(map(is_shown, statuses.messages)), "10 messages " + where)
        self.assertFalse(statuses.messages[-1].connected)
        self.check_all(statuses.messages)
        self.end(bridge)

    def test_the_last_message_has_the_final_totals(self):
        ends = {}
        for kind in ("ros_to_kafka", "kafka_to_ros"):
            name = self.name + "_" + kind
            way = self.to_kafka if kind == "ros_to_kafka" else self.to_ros
            bridge = way({"ros_topic": "/" + name, "kafka_topic": self.name}, name=name)
            ends[kind] = (bridge, self.statuses(name))
        publisher = self.publisher("/%s_ros_to_kafka" % self.name, Int64)
        heard = self.collector("/%s_kafka_to_ros" % self.name, Int64)
        for _, collector in ends.values():
            collector.wait(1)
        for number in range(100):
            publisher.publish(number)
        heard.wait(100)
        for kind, (bridge, collector) in ends.items():
            self.assertEqual(bridge.stop(), 0)
            line = [line for line in bridge.text.splitlines() if "received" in line][-1]
            found = totals(line)
            self.assertEqual(found["received"], 100)
            # What was sent before the node was gone may be read after it.
            wait_until(lambda c=collector: c.messages[-1].routes[0].delivered == 100)
            self.check_totals(collector.messages[-1], found)
            self.check_all(collector.messages)
            if kind == "ros_to_kafka":
                end = collector.messages[-1]
                self.assertEqual((end.connected, end.trouble), (False, "the node has stopped"))

    def test_it_is_announced_as_genpy_has_it(self):
        self.to_kafka({"ros_topic": "/" + self.name, "kafka_topic": self.name})
        raw = self.collector("/%s/status" % self.name, rospy.AnyMsg)
        header = raw.wait(1)[0]._connection_header
        self.assertEqual(header["type"], BridgeStatus._type)
        self.assertEqual(header["md5sum"], BridgeStatus._md5sum)
        self.assertEqual(header["message_definition"], BridgeStatus._full_text)
        self.assertEqual(header["latching"], "1")

    def test_a_period_of_zero_is_never(self):
        self.to_kafka({"ros_topic": "/" + self.name, "kafka_topic": self.name}, status_period=0)
        self.totals()
        published = [topic for topic, _ in rospy.get_published_topics()]
        self.assertNotIn("/%s/status" % self.name, published)

    def test_patterns_take_the_other_nodes_status_and_not_ones_own(self):
        other = self.name + "_back"
        back = self.to_ros(
            {"kafka_topic": r"^%s\..*" % other, "ros_topic": "{topic}"},
            name=other,
            status_period=PERIOD,
        )
        mine = self.statuses(other)
        mine.wait(1)
        there = self.to_kafka({"ros_topic_pattern": "/%s.*" % self.name}, status_period=PERIOD)
        records = self.consume(other + ".status", 3)
        self.assertEqual(records[-1].json()["direction"], "kafka_to_ros")
        # The records come to the node whose status they are, which does not publish them again.
        back.expect("is this node's own: its records are dropped")
        seen = len(mine.messages)
        dropped = wait_until(
            lambda: [m for m in mine.messages[seen:] if m.routes[0].drop_reasons == ["loop"]],
            15,
            "records that were dropped",
        )
        self.check_all(mine.messages)
        self.assertEqual(dropped[0].routes[0].ros_topic, "/%s/status" % other)
        self.assertIn("found /%s/status" % other, there.text)
        # One's own is there all the same, and left out.
        self.statuses().wait(1)
        self.assertNotIn("found /%s/status" % self.name, there.text)


if __name__ == "__main__":
    run(BridgeStatusTest)
