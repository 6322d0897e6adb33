#!/usr/bin/python3
"""Which topics ros_to_kafka carries, where to, and how they come and go."""

import os
import sys

import rospy
from geometry_msgs.msg import Vector3
from std_msgs.msg import Int64, String

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from bridge_support import BridgeTest, listed_topics, node, run  # noqa: E402


class BridgeTopics(BridgeTest):
    def pattern(self, pattern, **route):
        route = dict({"ros_topic_pattern": pattern}, **route)
        return self.start("ros_to_kafka", {"discovery_period": 0.05, "ros_to_kafka": [route]})

    def publish(self, topic, message):
        """Publishes one message on a topic that comes up now."""
        made = self.publisher(topic, type(message), latch=True)
        made.publish(message)
        return made

    def data(self, kafka_topic, count):
        return [record.json()["data"] for record in self.consume(kafka_topic, count)]

    def test_a_late_publisher_is_heard_from_its_first_message_on(self):
        self.to_kafka({"ros_topic": "/late", "kafka_topic": self.name})
        self.publish("/late", String("first"))
        self.assertEqual(self.data(self.name, 1), ["first"])

    def test_a_publisher_may_go_and_come_back(self):
        self.to_kafka({"ros_topic": "/unsteady", "kafka_topic": self.name})
        for number in range(3):
            publisher = self.publisher("/unsteady", Int64)
            publisher.publish(number)
            self.settled(number + 1)
            publisher.unregister()
        self.assertEqual(self.data(self.name, 3), [0, 1, 2])

    def test_a_type_may_change_while_it_runs(self):
        self.to_kafka({"ros_topic": "/changing", "kafka_topic": self.name})
        for number, message in enumerate((String("a"), Vector3(1, 2, 3), String("b"))):
            publisher = self.publisher("/changing", type(message))
            publisher.publish(message)
            self.settled(number + 1)
            publisher.unregister()
        records = self.consume(self.name, 3)
        self.assertEqual(
            [record.json() for record in records],
            [{"data": "a"}, {"x": 1.0, "y": 2.0, "z": 3.0}, {"data": "b"}],
        )
        for record, kind in zip(records, (String, Vector3, String)):
            self.assertEqual(record.headers["ros_type"].decode(), kind._type)
            self.assertEqual(record.headers["ros_md5sum"].decode(), kind._md5sum)
        identities = [record.headers["id"] for record in records]
        self.assertEqual(identities, [b"warty/%s/%d" % (self.name.encode(), i) for i in range(3)])

    def test_several_publishers_of_one_topic_are_all_heard(self):
        bridge = self.to_kafka({"ros_topic": "/crowd", "kafka_topic": self.name})
        robots = [self.start_simulator("crowd%d" % number) for number in range(2)]
        bridge.until(lambda: self.totals()["delivered"] >= 20, "20 messages")
        frames = {r.json()["header"]["frame_id"] for r in self.consume(self.name)}
        self.assertEqual(frames, {"crowd0/odom", "crowd1/odom"})
        self.assertEqual(self.totals()["missed upstream"], 0)
        for robot in robots:
            robot.stop()

    def start_simulator(self, robot):
        started = node(
            "robot_simulator",
            "_robot:=" + robot,
            "/%s/odom:=/crowd" % robot,
            "__name:=simulator_" + robot,
            "_wait_for_subscriber:=true",
        )
        self.addCleanup(self.end, started)
        return started

    def test_a_pattern_finds_topics_that_are_there_and_new_ones(self):
        there = rospy.Publisher("/found/there", String, latch=True, queue_size=1)
        self.addCleanup(there.unregister)
        there.publish("old")
        bridge = self.pattern("/found/.*")
        self.assertEqual(self.data("found.there", 1), ["old"])
        self.publish("/found/later/deep", Int64(7))
        self.assertEqual(self.data("found.later.deep", 1), [7])
        bridge.expect("found /found/later/deep (std_msgs/Int64), subscribed (ros_to_kafka[0])")
        self.assertEqual(bridge.text.count("found /found/there"), 1)

    def test_a_pattern_matches_whole_names_and_leaves_out_what_it_excludes(self):
        others = [
            rospy.Publisher(name, String, queue_size=1, latch=True)
            for name in ("/whole_not", "/not/whole", "/whole/secret/plan", "/whole/b")
        ]
        for other in others:
            self.addCleanup(other.unregister)
        self.pattern("/whole|/whole/.*", exclude=["/whole/secret/.*", ".*/b"])
        self.publish("/whole", String("plain"))
        self.publish("/whole/bb", String("longer"))
        self.assertEqual(self.data("whole", 1) + self.data("whole.bb", 1), ["plain", "longer"])
        self.assertEqual([other.get_num_connections() for other in others], [0] * 4)

    def test_everything_is_neither_the_log_nor_its_own(self):
        # A topic of the node's own name, as its own would be.
        own = rospy.Publisher("/%s/statistics" % self.name, String, queue_size=1, latch=True)
        self.addCleanup(own.unregister)
        bridge = self.pattern("/.*")
        rospy.loginfo("this goes to /rosout")
        self.publish("/everything/else", String("x"))
        self.assertEqual(self.data("everything.else", 1), ["x"])
        self.assertNotIn("found /rosout", bridge.text)
        self.assertEqual(own.get_num_connections(), 0)
        internal = {"rosout", "rosout_agg", self.name + ".statistics"}
        self.assertEqual(listed_topics(self.broker) & internal, set())

    def test_two_routes_may_read_one_topic(self):
        self.to_kafka(
            {"ros_topic": "/shared", "kafka_topic": "shared.json"},
            {"ros_topic": "/shared", "kafka_topic": "shared.text", "format": "text"},
        )
        self.publish("/shared", String("both"))
        self.assertEqual(self.consume("shared.json", 1)[0].json(), {"data": "both"})
        self.assertEqual(self.consume("shared.text", 1)[0].value, b"both")
        self.assertEqual(self.settled(2)["delivered"], 2)

    def test_names_obey_namespaces(self):
        config = {"ros_to_kafka": [{"ros_topic": "spaced"}]}
        bridge = self.start("ros_to_kafka", config, "__ns:=warty")
        bridge.expect("subscribed to /warty/spaced (ros_to_kafka[0])")
        self.publish("/warty/spaced", String("in warty"))
        self.assertEqual(self.data("warty.spaced", 1), ["in warty"])

    def test_names_obey_remapping(self):
        config = {"ros_to_kafka": [{"ros_topic": "chatter", "kafka_topic": self.name}]}
        bridge = self.start("ros_to_kafka", config, "chatter:=/elsewhere/talk")
        bridge.expect("subscribed to /elsewhere/talk (ros_to_kafka[0])")
        self.publish("/elsewhere/talk", String("heard"))
        record = self.consume(self.name, 1)[0]
        self.assertEqual(record.json(), {"data": "heard"})
        self.assertEqual(record.headers["ros_topic"], b"/elsewhere/talk")

    def test_the_kafka_topic_is_a_template(self):
        self.pattern("/template/.*", kafka_topic="made.{robot}.{type}-{topic}")
        self.publish("/template/a", String("x"))
        self.assertEqual(self.data("made.warty.std_msgs.String-template.a", 1), ["x"])

    def test_topics_share_a_kafka_topic_where_the_template_says_so(self):
        self.pattern("/sharing/.*", kafka_topic="sharing")
        for name in "ab":
            self.publish("/sharing/" + name, String(name))
        records = self.consume("sharing", 2)
        self.assertEqual(
            {(record.key, record.json()["data"]) for record in records},
            {(b"/sharing/a", "a"), (b"/sharing/b", "b")},
        )
        identities = {record.headers["id"] for record in records}
        self.assertEqual(identities, {b"warty/sharing/0", b"warty/sharing/1"})

    def test_two_topics_that_come_to_one_name_are_refused(self):
        bridge = self.start(
            "ros_to_kafka",
            {
                "ros_to_kafka": [
                    {"ros_topic": "/clash", "kafka_topic": "{topic}.x"},
                    {"ros_topic": "/clash/x", "kafka_topic": "{topic}"},
                ]
            },
        )
        self.assertEqual(bridge.wait(), 1)
        self.assertIn("ros_to_kafka[1]: /clash/x would go to Kafka topic clash.x", bridge.text)
        self.assertIn("where /clash (ros_to_kafka[0]) goes already", bridge.text)

    def test_two_topics_that_are_one_to_kafka_are_refused(self):
        """At the start where both are named, else where the second is found; said once."""
        both = [
            {"ros_topic": "/camera/info", "kafka_topic": "{topic}"},
            {"ros_topic": "/camera_info", "kafka_topic": "{topic}"},
        ]
        named = self.start("ros_to_kafka", {"ros_to_kafka": both}, name=self.name + "_named")
        self.assertEqual(named.wait(), 1)
        self.assertIn(
            "ros_to_kafka[1]: /camera_info would go to Kafka topic camera_info, which Kafka does "
            "not tell from camera.info",
            named.text,
        )
        bridge = self.pattern("/one(/|_)name")
        self.publish("/one/name", String("first"))
        self.assertEqual(self.data("one.name", 1), ["first"])
        second = self.publisher("/one_name", String)
        for _ in range(3):
            second.publish(String("second"))
        found = self.settled(4)
        self.assertEqual((found["delivered"], found["no_topic"]), (1, 3))
        said = "which Kafka does not tell from one.name or its dead letters"
        self.assertEqual(bridge.text.count(said), 1, bridge.text)

    def test_a_pattern_leaves_alone_what_an_explicit_route_writes(self):
        self.start(
            "ros_to_kafka",
            {
                "discovery_period": 0.05,
                "ros_to_kafka": [
                    {"ros_topic_pattern": "/both/.*"},
                    {"ros_topic": "/both/a", "format": "text"},
                ],
            },
        )
        self.publish("/both/a", String("once"))
        self.publish("/both/b", String("json"))
        self.assertEqual(self.data("both.b", 1), ["json"])
        self.assertEqual([record.value for record in self.consume("both.a", 1)], [b"once"])
        self.assertEqual(self.settled(2)["delivered"], 2)
        self.assertEqual(len(self.consume("both.a")), 1)


if __name__ == "__main__":
    run(BridgeTopics)
