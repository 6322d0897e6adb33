#!/usr/bin/python3
"""The node bridge: both directions in one process and under one name, each with its own names for
what shows it; what it publishes from Kafka is nothing to its other direction."""

import os
import sys
import urllib.request

import rosgraph
import rospy
from std_msgs.msg import Int64, String

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from bridge_support import (  # noqa: E402
    BridgeTest,
    free_port,
    listed_topics,
    produce,
    run,
    wait_until,
)
from kafka_bridge.msg import BridgeStatus  # noqa: E402

TO_KAFKA = {"ros_topic_pattern": "/.*"}


class BridgeBoth(BridgeTest):
    def both(self, *to_ros, **keys):
        config = dict(keys, ros_to_kafka=[TO_KAFKA], kafka_to_ros=list(to_ros))
        started = self.start("bridge", config)
        started.until(lambda: self.of("kafka_to_ros"), "the direction kafka_to_ros")
        return started

    def of(self, direction):
        return self.totals("%s/%s" % (self.name, direction))

    def kafka_to_ros(self, **route):
        return dict(route, kafka_topic=self.topic("results"), ros_topic=self.ros_topic("results"))

    def topic(self, name):
        """Not below the node's own name, where its pattern takes none."""
        return "around_%s.%s" % (self.name, name)

    def ros_topic(self, name):
        return "/" + self.topic(name).replace(".", "/")

    def page(self, port):
        with urllib.request.urlopen("http://127.0.0.1:%d/metrics" % port, timeout=60) as answer:
            return answer.read().decode()

    def test_each_direction_has_its_names(self):
        ports = free_port(), free_port()
        bridge = self.both(
            self.kafka_to_ros(ros_type="std_msgs/Int64"),
            metrics={"ros_to_kafka": ports[0], "kafka_to_ros": ports[1]},
        )
        for direction, port in zip(("ros_to_kafka", "kafka_to_ros"), ports):
            status = self.collector("/%s/%s/status" % (self.name, direction), BridgeStatus)
            self.assertEqual(status.wait(1)[0].direction, direction)
            self.assertIn('direction="%s"' % direction, self.page(port))
        node = "/" + self.name
        published = rosgraph.Master("/test").getSystemState()[0]
        self.assertIn(node, dict(published)[self.ros_topic("results")])
        publisher = self.publisher(self.ros_topic("numbers"), Int64)
        self.assertIn(node, dict(rosgraph.Master("/test").getSystemState()[1])[publisher.name])
        publisher.publish(7)
        self.consume(self.topic("numbers"), 1)
        self.assertEqual(bridge.stop(), 0)
        self.assertEqual(bridge.text.count("; missed upstream 0"), 2, bridge.text)
        for topic in listed_topics(self.broker):
            self.assertNotIn("status", topic)

    def test_nothing_goes_round(self):
        bridge = self.both(self.kafka_to_ros(ros_type="std_msgs/String"))
        heard = self.collector(self.ros_topic("results"), String)
        wait_until(lambda: heard.subscriber.get_num_connections() > 0, what="connection")
        produce(self.broker, self.topic("results"), '{"data":"one"}')
        heard.wait(1)
        # Another message has gone the whole way when this one would have come back.
        self.publisher(self.ros_topic("after"), String).publish("it")
        self.consume(self.topic("after"), 1)
        self.assertEqual(len(self.consume(self.topic("results"))), 1)
        self.assertEqual(self.of("kafka_to_ros")["published"], 1)
        self.assertEqual([message.data for message in heard.messages], ["one"])
        # Not even as a loop that is dropped: there is no connection within the process.
        self.assertEqual(self.of("ros_to_kafka").get("loop", 0), 0, bridge.text)

    def test_its_own_subscription_is_no_subscriber(self):
        bridge = self.both(self.kafka_to_ros(ros_type="std_msgs/String", wait_for_subscriber=True))
        topic = self.ros_topic("results")
        bridge.expect("found " + topic)
        produce(self.broker, self.topic("results"), '{"data":"one"}')
        bridge.expect("waiting")  # for a subscriber, as nobody else has subscribed
        self.assertEqual(self.collector(topic, String).wait(1)[0].data, "one")

    def test_one_list_is_one_direction(self):
        bridge = self.start("bridge", {"ros_to_kafka": [TO_KAFKA]})
        bridge.expect("the configuration has no kafka_to_ros: nothing to do here")
        bridge.until(lambda: self.of("ros_to_kafka"), "the direction ros_to_kafka")
        self.assertNotIn("/%s/kafka_to_ros/totals" % self.name, self.services())
        self.assertEqual(bridge.stop(), 0)
        self.assertEqual(bridge.text.count("; missed upstream 0"), 1, bridge.text)

    def services(self):
        return dict(rosgraph.Master("/test").getSystemState()[2])

    def test_a_mistake_in_either_is_found_before_it_registers(self):
        bridge = self.both(self.kafka_to_ros(ros_type="std_msgs/String"))
        for config in (
            {"ros_to_kafka": [TO_KAFKA], "kafka_to_ros": [{"kafka_topic": ""}]},
            {"ros_to_kafka": [dict(TO_KAFKA, format="yaml")]},
        ):
            wrong = self.start("bridge", config)
            self.assertEqual(wrong.wait(), 1, wrong.text)
            self.assertIn("nothing was started", wrong.text)
        self.assertTrue(bridge.is_running(), bridge.text)
        self.assertTrue(rospy.has_param("/%s/config" % self.name))


if __name__ == "__main__":
    run(BridgeBoth)
