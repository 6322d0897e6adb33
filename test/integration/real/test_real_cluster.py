#!/usr/bin/python3
"""A robot's spool goes to the Kafka cluster that it is for: no trial drains it, and no other broker
that bootstrap.servers happens to name, unless that is said."""

import glob
import os
import stat
import subprocess
import sys
import tempfile

import rospy
from kafka_bridge.msg import BridgeStatus
from roslib.packages import find_node
from std_msgs.msg import Int64

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from real_support import (  # noqa: E402
    KafkaBroker,
    RealBridgeTest,
    consume,
    node,
    run,
    wait_until,
)

ADDRESS = "/embedded_broker/bootstrap_servers"
AWAY = "127.0.0.1:1"  # where no broker answers
WAITING = 500  # messages


class RealCluster(RealBridgeTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = KafkaBroker().start()

    @classmethod
    def tearDownClass(cls):
        cls.other.close()
        super().tearDownClass()

    def setUp(self):
        super().setUp()
        self.directory = os.path.join(os.environ["ROS_HOME"], "kafka_bridge")
        self.route = {"ros_topic": "/" + self.name, "kafka_topic": self.name}
        self.sent = 0
        self.robot = self.publisher("/" + self.name, Int64, connections=0)

    def publish(self, count, connections=1):
        """Publishes the next numbers, when so many subscribe."""
        wait_until(
            lambda: self.robot.get_num_connections() >= connections, what="the node's connection"
        )
        for _ in range(count):
            self.robot.publish(self.sent)
            self.sent += 1

    def node_at(self, address, **keys):
        return self.to_kafka(
            self.route,
            kafka=self.kafka(**{"bootstrap.servers": address}),
            shutdown_timeout=1,
            **keys,
        )

    def spooled(self, count):
        wait_until(lambda: self.totals()["spooled"] == count, what="%d in the spool" % count)

    def send(self, server, *arguments):
        """`spool send` of the robot's spool: exit status and what it says."""
        command = [find_node("kafka_bridge", "spool")[0], "send", "warty"]
        command += ["--bootstrap-servers", server.bootstrap_servers, *arguments]
        done = subprocess.run(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120, check=False
        )
        return done.returncode, done.stdout.decode()

    def numbers(self, server):
        if self.name not in server.topics():
            return []
        return [record.json()["data"] for record in consume(server, self.name)]

    def accept_while_it_is_away(self, count):
        """Accepts `count` messages for the first broker, which does not answer."""
        if not glob.glob(self.directory + "/*.db"):
            bridge = self.node_at(self.broker)
            self.publish(1)
            self.settled(1)
            self.stop_and_account(bridge)
        bridge = self.node_at(AWAY)
        self.publish(count)
        self.spooled(count)
        return bridge

    def a_trial(self):
        """Both of a demo's nodes beside what runs, with this robot's name."""
        broker = node("embedded_broker")
        self.addCleanup(self.end, broker)
        wait_until(lambda: rospy.has_param(ADDRESS), what=ADDRESS)
        trial = self.start(
            "ros_to_kafka",
            {"ros_to_kafka": [self.route]},
            "_bootstrap_servers:=embedded",
            name="trial",
        )
        return broker, trial

    def test_a_trial_leaves_the_robots_spool_alone(self):
        scratch = tempfile.mkdtemp(prefix="trial.")
        self.addCleanup(os.rmdir, scratch)
        os.environ["TMPDIR"] = scratch
        self.addCleanup(os.environ.pop, "TMPDIR")
        bridge = self.accept_while_it_is_away(WAITING)
        self.others_read_nothing()
        broker, trial = self.a_trial()
        trial.expect("a trial with the embedded broker")
        self.publish(3, connections=2)
        self.settled(3, "trial")
        records = consume(rospy.get_param(ADDRESS), self.name, 3)
        self.assertEqual(
            [record.headers["id"].decode().split("/")[-1] for record in records], ["0", "1", "2"]
        )
        # What is killed is cleaned up by the next.
        trial.kill()
        self.assertEqual(len(os.listdir(scratch)), 1)
        trial = self.start(
            "ros_to_kafka",
            {"ros_to_kafka": [self.route]},
            "_bootstrap_servers:=embedded",
            name="trial",
        )
        trial.expect("(ros_to_kafka[0])")
        self.assertEqual(len(os.listdir(scratch)), 1)
        self.assertEqual(trial.stop(), 0)
        self.assertEqual(os.listdir(scratch), [])
        self.assertEqual(broker.stop(), 0)
        self.stop_and_account(bridge)
        bridge = self.node_at(self.broker)
        # The three of the trial were this robot's, too.
        bridge.until(
            lambda: self.totals()["restored"] == WAITING + 3 and self.totals()["spooled"] == 0,
            "the end of what waited",
            60,
        )
        self.assertEqual(self.numbers(self.server), list(range(WAITING + 4)))

    def test_another_cluster_gets_nothing_unless_that_is_said(self):
        self.stop_and_account(self.accept_while_it_is_away(WAITING))
        other = self.other.bootstrap_servers
        bridge = self.node_at(other)
        bridge.expect("belongs to Kafka cluster")
        line = next(x for x in bridge.text.splitlines() if "belongs to Kafka cluster" in x)
        for text in (
            "is sent: it belongs to Kafka cluster " + self.cluster_of(self.server),
            self.broker,
            self.cluster_of(self.other),
            other,
            "spool.cluster: ",
        ):
            self.assertIn(text, line)
        self.publish(2)
        self.spooled(WAITING + 2)
        statuses = self.collector("/%s/status" % self.name, BridgeStatus)
        wait_until(
            lambda: any(
                "belongs to Kafka cluster" in status.trouble and not status.connected
                for status in statuses.messages
            ),
            60,
            "the trouble in the status",
        )
        self.assertEqual(self.stop_and_account(bridge)["spooled"], WAITING + 2)
        self.assertEqual(bridge.text.count("belongs to Kafka cluster"), 1)
        code, text = self.send(self.other)
        self.assertEqual((code, self.name in self.other.topics()), (1, False), text)
        meant = "if it is meant for this one, --cluster " + self.cluster_of(self.other)
        self.assertIn("set --bootstrap-servers right, or, " + meant, text)
        code, text = self.send(self.server)
        self.assertEqual(code, 0, text)
        self.assertEqual(self.numbers(self.server), list(range(WAITING + 3)))
        # Said in the configuration, or on the command line.
        self.stop_and_account(self.accept_while_it_is_away(5))
        code, text = self.send(self.other, "--cluster", self.cluster_of(self.other))
        self.assertEqual(code, 0, text)
        bridge = self.node_at(self.broker)
        bridge.expect("nothing waits in it; from now on it belongs to cluster")
        self.stop_and_account(bridge)
        self.stop_and_account(self.accept_while_it_is_away(5))
        bridge = self.node_at(other, spool={"cluster": "any"})
        bridge.until(lambda: self.totals()["spooled"] == 0, "the end of what waited")
        self.assertEqual(self.numbers(self.other), list(range(WAITING + 3, WAITING + 13)))

    def others_read_nothing(self):
        for path in glob.glob(self.directory + "/*"):
            self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600, path)
        self.assertEqual(stat.S_IMODE(os.stat(self.directory).st_mode), 0o700)

    def cluster_of(self, server):
        """What the broker wrote into its directory when it was made."""
        for path in glob.glob(server.directory + "/**/meta.properties", recursive=True):
            with open(path, encoding="utf-8") as file:
                for line in file:
                    if line.startswith("cluster.id="):
                        return line.strip().split("=")[1].replace("\\", "")
        raise AssertionError("no meta.properties below " + server.directory)


if __name__ == "__main__":
    run(RealCluster)
