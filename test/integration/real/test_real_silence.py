#!/usr/bin/python3
"""Where nothing flows the node says who, where, why and what would be right, once, and takes it
back. docs/troubleshooting.md quotes these lines."""

import os
import re
import socket
import sys
import threading
import xmlrpc.client
import xmlrpc.server

from std_msgs.msg import Int64, String

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.dirname(HERE)]
from kafka_broker import AUTHORIZER  # noqa: E402
from real_support import (  # noqa: E402
    OtherRobot,
    RealBridgeTest,
    free_port,
    produce,
    run,
    wait_until,
)
from tcp_proxy import Proxied, TcpProxy  # noqa: E402

NAMELESS = "unity-sim.invalid"  # a host that no machine knows (RFC 2606)
WAY = 0.1  # seconds, each way


class RealSilence(Proxied, RealBridgeTest):
    @classmethod
    def setUpClass(cls):
        port = free_port()
        cls.properties = dict(
            AUTHORIZER,
            **{
                "auto.create.topics.enable": "false",
                "advertised.listeners": "CLIENT://127.0.0.1:%d" % port,
            },
        )
        super().setUpClass()
        cls.proxy = TcpProxy(port, int(cls.server.bootstrap_servers.rsplit(":", 1)[1]))
        cls.address = "127.0.0.1:%d" % port

    def setUp(self):
        super().setUp()
        self.broker = self.address

    def there(self, *arguments, **keys):
        """ros_to_kafka, which says its lines into a pipe as any other program's pipe."""
        config = dict({"kafka": self.kafka()}, **keys)
        config.setdefault(
            "ros_to_kafka", [{"ros_topic": "/" + self.name, "kafka_topic": self.name}]
        )
        plain = {"ROSCONSOLE_STDOUT_LINE_BUFFERED": None}
        return self.start("ros_to_kafka", config, *arguments, environment=plain)

    def back(self, name="back", **keys):
        route = {"kafka_topic": self.name, "ros_topic": "/results", "ros_type": "std_msgs/Int64"}
        return self.to_ros(route, name=name, **keys)

    def publish(self, *values):
        publisher = self.publisher("/" + self.name, Int64)
        for value in values:
            publisher.publish(value)
        return publisher

    def test_the_good_line_comes_once_and_at_once(self):
        self.server.create_topic(self.name)
        there, back = self.there(), self.back()
        for process in (there, back):
            process.expect("connected to Kafka cluster ")
            line = re.search(r"connected to Kafka cluster \S+: (.*)", process.text).group(1)
            self.assertIn("broker 1 at %s, of 1, without a login (plaintext)" % self.address, line)
        self.publish(1)
        self.assertEqual(self.settled(1)["delivered"], 1)
        for process in (there, back):
            self.assertEqual(process.text.count("connected to Kafka cluster"), 1, process.text)

    def test_a_broker_that_is_away_at_the_start_is_said_once(self):
        self.server.create_topic(self.name)
        self.proxy.cut()
        there, back = self.there(), self.back()
        for process in (there, back):
            process.expect("Kafka broker %s cannot be reached: " % self.address)
        self.publish(1)
        wait_until(lambda: self.totals()["spooled"] == 1, what="a message in the spool")
        for process in (there, back):
            self.assertEqual(process.text.count("cannot be reached"), 1, process.text)
        self.proxy.open()
        self.assertEqual(self.settled(1)["delivered"], 1)
        for process in (there, back):
            process.expect("Kafka is back at %s" % self.address)
            process.expect("connected to Kafka cluster ")
            self.assertEqual(process.text.count("is back at"), 1, process.text)

    def test_a_long_way_is_no_trouble(self):
        self.server.create_topic(self.name)
        self.proxy.reset()
        self.proxy.delay(WAY)
        self.addCleanup(self.proxy.delay, 0)
        results = self.collector("/results", Int64)
        there, back = self.there(), self.back()
        self.publish(*range(20))
        results.wait(20)
        self.assertEqual(self.settled(20)["delivered"], 20)
        for process in (there, back):
            self.assertNotIn("cannot be reached", process.text)

    def silent_port(self):
        """The address of one that takes connections and says nothing."""
        listener = socket.create_server(("127.0.0.1", 0), backlog=50)
        self.addCleanup(listener.close)
        return "127.0.0.1:%d" % listener.getsockname()[1]

    def test_a_port_that_is_no_kafka(self):
        address = self.silent_port()
        # librdkafka's 10 s for the first answer, shorter.
        patience = {"api.version.request.timeout.ms": 1000}
        kafka = self.kafka(**{"bootstrap.servers": address}, **patience)
        there, back = self.there(kafka=kafka, shutdown_timeout=0), self.back(kafka=kafka)
        for process in (there, back):
            process.expect("Kafka broker %s cannot be reached: " % address)
            process.expect("it does not answer Kafka's first request: it may not be Kafka")

    def test_a_node_that_its_group_leaves_without_a_partition(self):
        self.server.create_topic(self.name)
        kafka = self.kafka(**{"group.id": self.name})
        first = self.back(name="first", kafka=kafka)
        first.expect("connected to Kafka cluster ")
        results = self.collector("/results", Int64)
        produce(self.server, self.name, '{"data":1}')
        results.wait(1)
        second = self.back(name="second", kafka=kafka)
        wait_until(
            lambda: "without a partition" in first.text + second.text,
            what="that one has no partition",
        )
        idle, busy = (first, second) if "a partition" in first.text else (second, first)
        idle.expect(
            "the group %s has left this node without a partition, so nothing is "
            "published here" % self.name
        )
        idle.expect("its 2 members")
        self.assertNotIn("without a partition", busy.text)
        busy.stop()
        idle.expect("the group %s gives this node 1 partition now" % self.name)

    def test_definitions_that_are_refused_and_then_taken(self):
        self.server.create_topic(self.name)
        if "ros.definitions" not in self.server.topics():
            self.server.create_topic("ros.definitions", cleanup_policy="compact")
        self.server.deny_writing("ros.definitions")
        there = self.there()
        publisher = self.publish(1)
        there.expect("topic ros.definitions does not take the definition of std_msgs/Int64: ")
        self.server.allow_writing("ros.definitions")
        publisher.publish(2)
        there.expect("topic ros.definitions takes definitions now")

    def test_definitions_whose_topic_cannot_be_created(self):
        """Kafka does not tell its name from another topic's."""
        topic, other = self.name + "_definitions", self.name + ".definitions"
        for name in (self.name, other):
            self.server.create_topic(name)
        there = self.there(definitions_topic=topic)
        self.publish(1)
        there.expect("topic %s cannot be created: " % topic)
        self.server.delete_topic(other)
        there.expect("topic %s takes definitions now" % topic)

    def test_exactly_once_names_the_topic_that_is_missing(self):
        there = self.there(delivery="exactly_once", definitions_topic="")
        publisher = self.publish(1)
        there.expect("Kafka topic %s takes no records: " % self.name)
        self.assertNotIn("transaction was aborted", there.text)
        self.server.create_topic(self.name)
        there.expect("Kafka topic %s takes records again" % self.name)
        publisher.publish(2)
        self.assertEqual(self.settled(2)["delivered"], 2)

    def test_nobody_publishes_the_topic(self):
        self.publisher("/robot/odom", String, connections=0)
        there = self.there(
            ros_to_kafka=[
                {"ros_topic": "/robot/odmo"},
                {"ros_topic": "/nowhere/odom"},
                {"ros_topic_pattern": "/rabbit/.*"},
                {"ros_topic_pattern": "/robot/.*"},
            ]
        )
        there.expect(
            "nobody publishes /robot/odmo (ros_to_kafka[0]): nothing of it can go to Kafka until "
            "somebody does; did you mean /robot/odom (std_msgs/String)?"
        )
        there.expect("nobody publishes /nowhere/odom (ros_to_kafka[1])")
        there.expect('no topic matches ros_topic_pattern "/rabbit/.*" (ros_to_kafka[2])')
        self.publisher("/robot/odmo", String)
        there.expect("/robot/odmo is published now (ros_to_kafka[0])")
        self.publisher("/rabbit/odom", String)
        there.expect("found /rabbit/odom (std_msgs/String), subscribed (ros_to_kafka[2])")
        for said in ("nobody publishes /robot/odmo", "nobody publishes /nowhere", "matches"):
            self.assertEqual(there.text.count(said), 1, there.text)

    def test_a_node_that_the_master_cannot_reach(self):
        topic = "/" + self.name
        there = self.start(
            "ros_to_kafka",
            {"kafka": self.kafka(), "ros_to_kafka": [{"ros_topic": topic}]},
            environment={
                "ROSCONSOLE_STDOUT_LINE_BUFFERED": None,
                "ROS_HOSTNAME": NAMELESS,
                "ROS_IP": None,
            },
        )
        there.expect("subscribed to %s" % topic)
        self.publisher(topic, String, connections=0)
        there.expect(
            "%s (ros_to_kafka[0]): the ROS master lists a publisher of it, but did not tell this "
            "node. If that is another node, the master cannot reach this one: set ROS_IP" % topic
        )
        self.assertNotIn("nobody publishes", there.text)

    def test_a_robot_without_any_topic(self):
        other = OtherRobot(self)
        route = {"ros_topic": "/odom"}
        there = other.start("ros_to_kafka", {"ros_to_kafka": [route]}, self.name)
        there.expect("nobody publishes /odom (ros_to_kafka[0])")
        there.expect("no topic is published at all: does the robot run, with ROS_MASTER_URI")
        self.assertIn(other.environment["ROS_MASTER_URI"], there.text)

    def slave(self, host):
        """A node's port at which every topic is said to be at `host`."""
        server = xmlrpc.server.SimpleXMLRPCServer(("127.0.0.1", 0), logRequests=False)
        server.register_function(lambda *_: [1, "", ["TCPROS", host, 1]], "requestTopic")
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        return server.server_address[1]

    def test_a_publisher_whose_host_has_no_address(self):
        master = xmlrpc.client.ServerProxy(os.environ["ROS_MASTER_URI"])
        uris = {
            "/simulator": "http://%s:40123/" % NAMELESS,
            "/camera": "http://127.0.0.1:%d/" % self.slave(NAMELESS),
            "/local": "http://localhost:1/",
        }
        for node, uri in uris.items():
            topic = "/%s%s" % (self.name, node)
            master.registerPublisher(node, topic, "std_msgs/String", uri)
            self.addCleanup(master.unregisterPublisher, node, topic, uri)
        there = self.there(
            ros_to_kafka=[{"ros_topic": "/%s%s" % (self.name, node)} for node in uris]
        )
        for node, uri in uris.items():
            there.expect("%s (%s): 1 of 1 topics have no connection" % (node, uri))
        self.assertEqual(
            there.text.count("its machine gives out the name '%s'" % NAMELESS), 2, there.text
        )
        hint = " is this machine: if the node runs on another one, set ROS_IP or ROS_HOSTNAME there"
        self.assertEqual(there.text.count("localhost" + hint), 1, there.text)
        self.assertIn("set ROS_IP there", there.text)
        self.assertNotIn("resolve publisher host", there.text)


if __name__ == "__main__":
    run(RealSilence)
