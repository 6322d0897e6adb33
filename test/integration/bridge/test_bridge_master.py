#!/usr/bin/python3
"""The ROS master ends and starts again, and nothing else does: everything goes on as before."""

import os
import socket
import sys

import rospy
from std_msgs.msg import String

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from bridge_support import (  # noqa: E402
    ADDRESS,
    BridgeTest,
    Process,
    free_port,
    node,
    produce,
    run,
    wait_until,
)

# The test's own nodes live with the master that it ends, not with rostest's.
PORT = free_port()
os.environ["ROS_MASTER_URI"] = "http://127.0.0.1:%d" % PORT
LONG = 60
LOOKS_OFTEN = {"topic.metadata.refresh.interval.ms": 500}


class Master:
    """roscore on PORT, which can be ended and started again."""

    def __init__(self):
        self.start()

    def start(self):
        self.process = Process(["roscore", "-p", str(PORT)])
        self.process.expect("started core service [/rosout]", LONG)

    @staticmethod
    def _listens():
        with socket.socket() as client:
            return client.connect_ex(("127.0.0.1", PORT)) == 0

    def end(self):
        self.process.stop(timeout=LONG)
        wait_until(lambda: not self._listens(), LONG, "the end of the master")


class BridgeMaster(BridgeTest):
    master = None
    broker_node = None

    def restart(self):
        self.master.end()
        self.master.start()

    def to_kafka_received(self, count, counter="received"):
        there = lambda: self.totals("to_kafka").get(counter, 0) >= count  # noqa: E731
        self.to.until(there, "%d %s" % (count, counter), LONG)

    def check_one_record_stays_one(self, turn):
        heard = self.collector("/fleet/" + turn, String)
        loops = self.totals("to_kafka").get("loop", 0)
        produce(self.broker, "fleet." + turn, '{"data":"y"}')
        self.back.until(lambda: heard.messages, "the record in ROS", LONG)
        self.to_kafka_received(loops + 1, "loop")
        # Another message has gone the whole way when this one would have come back.
        self.publisher("/fleet/after_" + turn, String).publish("after it")
        self.consume("fleet.after_" + turn, 1, LONG)
        self.assertEqual(len(self.consume("fleet." + turn)), 1)
        self.assertEqual([m.data for m in heard.messages], ["y"])

    def test_no_loop_after_a_restart(self):
        kafka = self.kafka(**LOOKS_OFTEN)
        self.to = self.to_kafka(
            {"ros_topic_pattern": "/fleet/.*"}, kafka=kafka, discovery_period=0.1, name="to_kafka"
        )
        self.back = self.to_ros(
            {"kafka_topic": r"^fleet\..*", "ros_type": "std_msgs/String", "latched": True},
            kafka=kafka,
            name="to_ros",
        )
        produce(self.broker, "fleet.before", '{"data":"x"}')
        self.to_kafka_received(1, "loop")
        self.to.expect("publishes what came from Kafka; it is not sent back")
        for turn in ("first", "second"):
            self.restart()
            self.check_one_record_stays_one(turn)

    def start_registered(self):
        """Both nodes, one publisher of /numbers in a process of its own, and one latched record."""
        route = {"ros_topic": "/numbers", "kafka_topic": "numbers"}
        self.to = self.to_kafka(route, name="to_kafka")
        self.back = self.to_ros(
            {
                "kafka_topic": "commands",
                "ros_topic": "/commands",
                "ros_type": "std_msgs/String",
                "latched": True,
            },
            name="to_ros",
        )
        produce(self.broker, "commands", '{"data":"go"}', partition=0)
        wait_until(lambda: self.totals("to_ros").get("published"), LONG, "the published command")
        self.elder = self.talker("elder")
        self.to_kafka_received(1)

    def talker(self, name):
        """A node that knows one master in its life, as all but ours do, and goes on publishing."""
        command = ["rostopic", "pub", "-r", "20", "/numbers", "std_msgs/String", name]
        started = Process(command + ["__name:=" + name])
        self.addCleanup(self.end, started)
        return started

    def numbers_from(self, talker):
        text = '{"data":"%s"}' % talker
        return sum(record.value.decode() == text for record in self.consume("numbers"))

    def goes_on(self, talker):
        before = self.numbers_from(talker)
        what = "numbers from " + talker
        self.to.until(lambda: self.numbers_from(talker) > before, what, LONG)

    def counts(self, text):
        """How often each node has said it."""
        return [one.text.count(text) for one in (self.to, self.back, self.broker_node)]

    def all_say(self, text, counts):
        self.to.until(lambda: self.counts(text) == counts, "%r of all nodes" % text, LONG)

    def check_all_is_registered(self, turn):
        self.all_say("was restarted: registered", [turn] * 3)
        # Services; whoever subscribes now has the latched command; the address is there again.
        self.assertGreater(self.totals("to_kafka")["received"], 0)
        self.assertEqual(self.totals("to_ros")["published"], 1)
        self.assertEqual(self.collector("/commands", String).wait(1, LONG)[0].data, "go")
        self.assertEqual(rospy.get_param(ADDRESS), self.broker)
        # A new publisher is found, and what was connected stays so, though no master knows it.
        self.talker("younger%d" % turn)
        self.goes_on("younger%d" % turn)
        self.goes_on("elder")

    def test_all_is_registered_again(self):
        self.start_registered()
        self.restart()
        self.check_all_is_registered(1)
        away = "does not answer: what is connected goes on"
        said = self.counts(away)  # on a slow machine not 0
        self.master.end()
        self.all_say(away, [before + 1 for before in said])
        self.goes_on("elder")
        self.goes_on("younger1")
        self.master.start()
        self.check_all_is_registered(2)
        self.goes_on("younger1")
        self.assertEqual(self.counts(away), [before + 1 for before in said])


if __name__ == "__main__":
    BridgeMaster.master = Master()
    BridgeMaster.broker_node = node("embedded_broker")
    try:
        run(BridgeMaster)
    finally:
        BridgeMaster.broker_node.stop(timeout=LONG)
        BridgeMaster.master.end()
