#!/usr/bin/python3
"""Whom ros_to_kafka is connected to: robots with many topics, topics with many publishers."""

import os
import sys
import time
import unittest

import roslib.packages
import rospy
from geometry_msgs.msg import Vector3
from std_msgs.msg import String
from std_srvs.srv import Trigger

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from bridge_support import ROOT, BridgeTest, Process, run, wait_until  # noqa: E402
from stub_publishers import StubPublishers  # noqa: E402

ROBOT = os.path.join(ROOT, "test", "integration", "rospy_robot.py")
TOPICS = 337
LONG = bool(os.environ.get("KAFKA_BRIDGE_LONG"))


class BridgeConnections(BridgeTest):
    def robot(self, name, prefix, topics=TOPICS):
        robot = Process(
            [
                sys.executable,
                ROBOT,
                "__name:=" + name,
                "_prefix:=" + prefix,
                "_topics:=%d" % topics,
            ]
        )
        self.addCleanup(robot.kill)
        return robot

    def ask(self, service):
        rospy.wait_for_service(service, 60)
        return int(rospy.ServiceProxy(service, Trigger)().message)

    def connected(self, name, topics=TOPICS):
        """Waits until each of the robot's topics has a connection; says how long that took."""
        rospy.wait_for_service("/%s/connected" % name, 60)
        begin = time.monotonic()
        wait_until(
            lambda: self.ask("/%s/connected" % name) == topics,
            120,
            "connections of all %d topics of %s" % (topics, name),
        )
        print("%s: all %d connected after %.1f s" % (name, topics, time.monotonic() - begin))

    def config(self, prefix):
        route = {"ros_topic_pattern": prefix + "/.*", "kafka_topic": self.name, "format": "ros1"}
        return {"discovery_period": 0.1, "ros_to_kafka": [route]}

    def bridge(self, prefix):
        return self.start("ros_to_kafka", self.config(prefix))

    def bridge_with_files(self, prefix, soft, hard):
        started = Process(
            [
                "prlimit",
                "--nofile=%d:%d" % (soft, hard),
                roslib.packages.find_node("kafka_bridge", "ros_to_kafka")[0],
                "_config:=" + self.write_config(self.config(prefix)),
                "__name:=" + self.name,
            ]
        )
        self.addCleanup(self.end, started)
        return started

    def publish(self, name, rounds, before):
        for _ in range(rounds):
            self.ask("/%s/publish" % name)
        found = self.settled(before + rounds * TOPICS)
        self.assertEqual(found["received"], before + rounds * TOPICS)
        self.assertEqual(found["delivered"], before + rounds * TOPICS)
        return found["received"]

    def test_a_rospy_robot_of_337_topics_before_and_after_the_bridge(self):
        robot = self.robot("many", "/many")
        self.ask("/many/connected")
        bridge = self.bridge("/many")
        self.connected("many")
        received = self.publish("many", 3, 0)
        # The robot dies without a word, and comes again under its name: now it is the later one.
        robot.kill()
        self.robot("many", "/many")
        wait_until(lambda: self.ask("/many/connected") == TOPICS, 120, "the robot again")
        self.connected("many")
        self.publish("many", 3, received)
        self.assertTrue(bridge.is_running())

    def stub(self, *arguments, **options):
        stub = StubPublishers(*arguments, **options)
        self.addCleanup(stub.close)
        return stub

    def test_no_more_than_a_few_connections_to_one_node_are_under_way(self):
        topics = ["/few/t%d" % number for number in range(40)]
        stub = self.stub(topics, 1, [String], answers=False)
        bridge = self.bridge("/few")
        wait_until(lambda: len(stub.waiting) >= 4, 60, "connections to the node")
        # Who is not answered waits, is said, and is tried again.
        bridge.expect("of 40 topics have no connection for up to")
        bridge.expect("no answer to the connection within")
        self.assertLess(stub.most_open, 5)

        def are_connected():
            stub.answer()  # of one that was just given up too, which then comes again
            return "all topics are connected again" in bridge.text

        wait_until(are_connected, 120, "all connections")
        self.assertLess(stub.most_open, 5)
        stub.publish(lambda kind: kind())
        self.assertEqual(self.settled(len(topics))["received"], len(topics))

    def test_publishers_are_asked_for_tcp_nodelay_unless_no_route_wants_it(self):
        wishes = {"default": [True], "off": [False], "off_and_on": [False, True]}
        routes = [
            {
                "ros_topic": "/nodelay/" + name,
                "kafka_topic": "%s_%s_%s" % (self.name, name, wish),
                "tcp_nodelay": wish,
            }
            for name, wished in wishes.items()
            for wish in wished
        ]
        del routes[0]["tcp_nodelay"]
        stub = self.stub(["/nodelay/" + name for name in wishes], 1, [String])
        self.to_kafka(*routes)
        wait_until(lambda: len(stub.nodelay) == len(wishes), 60, "the connections")
        expected = {"/nodelay/default": "1", "/nodelay/off": "0", "/nodelay/off_and_on": "1"}
        self.assertEqual(stub.nodelay, expected)

    def test_eighty_publishers_of_two_types_on_one_topic(self):
        # The bridge is there first, and they come one after the other.
        self.to_kafka({"ros_topic": "/crowd/x", "kafka_topic": self.name, "format": "ros1"})
        stub = self.stub(["/crowd/x"], 80, [String, Vector3])
        wait_until(lambda: len(stub.connections) == 80, 60, "80 connections")
        self.assertEqual(stub.refused, 0)
        for _ in range(50):
            stub.publish(lambda kind: kind())
        found = self.settled(80 * 50)
        self.assertEqual(found["received"], 80 * 50)
        self.assertEqual(found["delivered"], 80 * 50)

    def test_every_route_has_the_first_message_of_a_publisher_that_waited_for_one(self):
        class Listener(rospy.SubscribeListener):
            def peer_subscribe(self, topic, publish, _):
                publish(String("first"))

        publisher = rospy.Publisher("/first", String, Listener(), queue_size=10)
        self.addCleanup(publisher.unregister)
        names = ["%s_%d" % (self.name, number) for number in range(20)]
        routes = [{"ros_topic": "/first", "kafka_topic": name} for name in names]
        names.append(self.name + "_pattern")
        routes.append({"ros_topic_pattern": "/fir.*", "kafka_topic": names[-1]})
        self.to_kafka(*routes)
        wait_until(lambda: self.totals()["received"] > 0, what="the first message")
        publisher.publish(String("second"))
        for name in names:
            self.assertEqual(
                [record.json()["data"] for record in self.consume(name, 2)], ["first", "second"]
            )

    def test_more_topics_than_files(self):
        topics = ["/files/t%d" % number for number in range(150)]
        stub = self.stub(topics, 1, [String])
        bridge = self.bridge_with_files("/files", 180, 180)
        bridge.expect("this process may have no more than 180 files open")
        found = self.totals()
        self.assertEqual(found["publishers without a connection"], 150 - len(stub.connections))
        stub.publish(lambda kind: kind())
        self.assertEqual(self.settled(len(stub.connections))["received"], len(stub.connections))
        self.assertEqual(bridge.text.count("files open"), 1)
        bridge.stop()
        # The limit is raised as far as it goes.
        stub.connections.clear()
        self.bridge_with_files("/files", 180, 1024)
        wait_until(lambda: len(stub.connections) == 150, what="150 connections")

    @unittest.skipUnless(LONG, "KAFKA_BRIDGE_LONG")
    def test_ten_thousand_topics_and_a_thousand_publishers_of_one(self):
        topics = ["/huge/t%d" % number for number in range(10000)]
        stubs = [self.stub(topics, 1, [String]), self.stub(["/huge/x"], 1000, [String, Vector3])]
        self.bridge("/huge")
        wait_until(lambda: len(stubs[0].connections) >= 10000, 600, "10,000 connections")
        wait_until(lambda: len(stubs[1].connections) >= 1000, 600, "1,000 connections")
        wait_until(lambda: "publishers without a connection" not in self.totals(), 600, "all")
        for stub in stubs:
            stub.publish(lambda kind: kind())
        self.assertEqual(self.settled(11000)["received"], 11000)


if __name__ == "__main__":
    run(BridgeConnections)
