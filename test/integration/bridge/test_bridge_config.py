#!/usr/bin/python3
"""How the nodes take their configuration: files, parameters, checks."""

import os
import shutil
import sys
import tempfile

import rosparam
import rospy
from std_msgs.msg import String

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from bridge_support import PRESETS, BridgeTest, free_port, node, run  # noqa: E402
from certificates import Authority  # noqa: E402

PASSWORD = "0pen-sesame"
NODES = ("ros_to_kafka", "kafka_to_ros")

WRONG = """
robot: the robot
kafka: {bootstrap.servers: 'localhost:9092', linger.mss: 5}
queue_max_bytes: 12
ros_to_kafka:
  - ros_topic: warty//odom
    formatt: json
  - ros_topic: warty/imu
    ros_type: no_msgs/Imu
    format: xml
  - ros_topic: warty/odom
    ros_type: nav_msgs/Odometry
    kafka_topic: '{robt}'
    format: fields
    fields: {x: pose.position.x}
    key: '{twist.twist.up}'
kafka_to_ros:
  - kafka_topic: 'a b'
    start: yesterday
"""
# Each problem by its path and a word of what was found.
PROBLEMS = (
    ("robot", "the robot"),
    ("kafka.linger.mss", "linger"),
    ("queue_max_bytes", "found 12"),
    ("ros_to_kafka[0].ros_topic", "warty//odom"),
    ("ros_to_kafka[0].formatt", "did you mean format?"),
    ("ros_to_kafka[1].ros_type", "no_msgs/Imu"),
    ("ros_to_kafka[1].format", "one of json, fields, text, ros1"),
    ("ros_to_kafka[2].kafka_topic", "{robt} names nothing"),
    ("ros_to_kafka[2].fields.x", "position"),
    ("ros_to_kafka[2].key", "{twist.twist.up}"),
    ("kafka_to_ros[0].kafka_topic", "a b"),
    ("kafka_to_ros[0].start", "yesterday"),
)
# Properties that librdkafka refuses only when it makes a client, and a word of what it says.
REFUSED = (
    ({"security.protocol": "SASL_SSL", "sasl.mechanism": "PLAIN"}, "sasl.username"),
    ({"security.protocol": "SSL", "ssl.cipher.suites": "nosuch"}, "ssl.cipher.suites"),
    ({"retries": 0}, "retries"),
    ({"max.poll.interval.ms": 1000}, "max.poll.interval.ms"),
)


class BridgeConfig(BridgeTest):
    def check(self, kind, path, *arguments, environment=None):
        checked = node(
            kind, "_check:=true", "_config:=" + path, *arguments, environment=environment
        )
        self.addCleanup(self.end, checked)
        return checked

    def assert_names_all(self, checked):
        self.assertEqual(checked.wait(), 1)
        lines = checked.text.splitlines()
        for path, words in PROBLEMS:
            found = [line for line in lines if path + ": " in line and words in line]
            self.assertEqual(len(found), 1, (path, words, checked.text))
        self.assertIn("%d problems in " % len(PROBLEMS), checked.text)

    def without_master(self):
        return {"ROS_MASTER_URI": "http://127.0.0.1:%d" % free_port()}

    def test_check_names_every_problem_without_a_master(self):
        for kind in NODES:
            path = self.write_config(WRONG)
            self.assert_names_all(self.check(kind, path, environment=self.without_master()))

    def home(self):
        """A home directory with the files that config/secure.yaml names."""
        home = tempfile.mkdtemp(prefix="home.")
        self.addCleanup(shutil.rmtree, home)
        directory = os.path.join(home, ".ros", "kafka_bridge")
        os.makedirs(directory)
        Authority(directory, "authority")
        with open(os.path.join(directory, "password"), "w", encoding="ascii") as file:
            file.write(PASSWORD + "\n")
        return home

    def test_check_finds_the_presets_right_without_a_master(self):
        environment = dict(self.without_master(), HOME=self.home())
        for kind in NODES:
            for preset in sorted(os.listdir(PRESETS)):
                path = os.path.join(PRESETS, preset)
                checked = self.check(kind, path, environment=environment)
                self.assertEqual(checked.wait(), 0, checked.text)
                self.assertRegex(checked.text, path + r" is right: \d routes? to Kafka, \d to ROS")
                self.assertNotIn(PASSWORD, checked.text)

    def test_check_says_what_of_a_preset_is_not_there(self):
        path = os.path.join(PRESETS, "secure.yaml")
        environment = dict(self.without_master(), HOME="/nowhere")
        checked = self.check("ros_to_kafka", path, environment=environment)
        self.assertEqual(checked.wait(), 1)
        self.assertIn(
            "kafka.ssl.ca.location: ~/.ros/kafka_bridge/authority.pem cannot be read: No such file",
            checked.text,
        )
        self.assertIn(
            "kafka.sasl.password: file ~/.ros/kafka_bridge/password: not there", checked.text
        )

    def test_check_and_start_refuse_the_same_properties(self):
        routes = {"ros_to_kafka": [{"ros_topic": "a"}], "kafka_to_ros": [{"kafka_topic": "b"}]}
        for properties, words in REFUSED:
            kafka = dict(properties, **{"bootstrap.servers": "127.0.0.1:1"})
            path = self.write_config(dict(routes, kafka=kafka))
            for kind in NODES:
                checked = self.check(kind, path, environment=self.without_master())
                started = node(kind, "_config:=" + path, "__name:=" + self.name)
                self.addCleanup(self.end, started)
                for said in (checked, started):
                    self.assertEqual(said.wait(), 1, said.text)
                    self.assertIn("ERROR", said.text)
                    self.assertIn("FATAL", said.text)
                    self.assertIn(words, said.text)

    def test_check_without_a_file_or_with_a_broken_one(self):
        gone = self.check("ros_to_kafka", "/nowhere.yaml", environment=self.without_master())
        self.assertEqual(gone.wait(), 1)
        self.assertIn("/nowhere.yaml", gone.text)
        broken = self.write_config("robot: [warty\nkafka: {")
        checked = self.check("ros_to_kafka", broken, environment=self.without_master())
        self.assertEqual(checked.wait(), 1)
        self.assertIn(broken, checked.text)

    def test_check_of_parameters(self):
        kafka = {"bootstrap.servers": "localhost:9092"}
        right = {"kafka": kafka, "ros_to_kafka": [{"ros_topic": "a"}]}
        wrong = {"kafka": kafka, "ros_to_kafka": [{"ros_topik": "a"}]}
        for status, config in ((0, right), (1, wrong)):
            rospy.set_param("/checked", config)
            self.addCleanup(lambda: rospy.has_param("/checked") and rospy.delete_param("/checked"))
            checked = node("ros_to_kafka", "_check:=true", "__name:=checked")
            self.assertEqual(checked.wait(), status, checked.text)
            rospy.delete_param("/checked")
        self.assertIn("ros_to_kafka[0].ros_topik: unknown key", checked.text)
        self.assertIn("ros_to_kafka[0].ros_topic: missing", checked.text)

    def test_a_node_with_problems_does_not_start(self):
        started = self.start("ros_to_kafka", WRONG)
        self.assert_names_all(started)
        self.assertIn("nothing was started", started.text)

    def test_parameters_go_before_the_file(self):
        path = self.write_config({"robot": "file", "ros_to_kafka": [{"ros_topic": "/a_topic"}]})
        started = node("ros_to_kafka", "_config:=" + path, "_robot:=over", "__name:=" + self.name)
        self.addCleanup(self.end, started)
        started.expect("subscribed to /a_topic")
        self.publisher("/a_topic", String).publish("x")
        identity = self.consume("a_topic", 1)[0].headers["id"]
        self.assertEqual(identity, b"over/a_topic/0")

    def stale(self, **parameters):
        """A node's parameters, as an earlier start or a launch file has left them."""
        rospy.set_param("/" + self.name, parameters)
        self.addCleanup(
            lambda: rospy.has_param("/" + self.name) and rospy.delete_param("/" + self.name)
        )

    def stays(self, name):
        return "it stays until: rosparam delete /%s/%s" % (self.name, name)

    def test_a_parameter_that_goes_before_the_file_is_named(self):
        kafka = {"bootstrap.servers": self.broker, "ssl.keystore.password": "hidden"}
        route = {"ros_topic": "/c_topic"}
        path = self.write_config({"robot": "file", "kafka": kafka, "ros_to_kafka": [route]})
        self.stale(
            config=path,
            bootstrap_servers="127.0.0.1:1",
            robot="over",
            kafka={"ssl.keystore.password": PASSWORD, "client.id": "me"},
            spool={"max_bytes": "64MiB"},
        )
        started = node("ros_to_kafka", "__name:=" + self.name)
        self.addCleanup(self.end, started)
        started.expect("subscribed to /c_topic")
        parameter = "the parameter /%s/" % self.name
        for said in (
            "the configuration is %s, as %sconfig says" % (path, parameter),
            parameter + 'bootstrap_servers ("127.0.0.1:1") goes before the file\'s '
            'kafka.bootstrap.servers ("%s"); ' % self.broker + self.stays("bootstrap_servers"),
            parameter
            + 'robot ("over") goes before the file\'s robot ("file"); '
            + self.stays("robot"),
            parameter + "kafka/ssl.keystore.password (a secret) goes before the file's "
            "kafka.ssl.keystore.password (a secret)",
        ):
            self.assertEqual(started.text.count(said), 1, (said, started.text))
        self.assertEqual(started.text.count("goes before"), 3, started.text)
        for hidden in (PASSWORD, "hidden"):
            self.assertNotIn(hidden, started.text)

    def test_a_parameter_of_a_section_leaves_the_rest_of_it_to_the_file(self):
        kafka = dict(self.kafka(), **{"client.id": "file"})
        path = self.write_config({"kafka": kafka, "ros_to_kafka": [{"ros_topic": "/d_topic"}]})
        self.stale(config=path, kafka={"client.id": "over"})
        started = node("ros_to_kafka", "__name:=" + self.name)
        self.addCleanup(self.end, started)
        started.expect("subscribed to /d_topic")
        self.publisher("/d_topic", String).publish("x")
        self.assertEqual(len(self.consume("d_topic", 1)), 1)

    def test_a_wrong_parameter_is_not_blamed_on_the_file(self):
        path = self.write_config({"ros_to_kafka": [{"ros_topic": "/e"}], "spool": {"sync": "x"}})
        wrong = {
            "conf": ("/elsewhere.yaml", "unknown key; did you mean the parameter _config:=?"),
            "bootstrap_server": ("a:1", "did you mean the parameter _bootstrap_servers:=?"),
            "bootstrap_servers": (["a:1"], "found a list; a text is expected"),
            "config": ("/nowhere.yaml", "/nowhere.yaml: cannot be read: No such file"),
            "robot": (7, "found 7; a text is expected"),
            "metrics_port": (-1, "found -1; a number from 0 to 65535"),
        }
        for name, (value, words) in wrong.items():
            self.stale(**dict({"config": path}, **{name: value}))
            started = node("ros_to_kafka", "__name:=" + self.name)
            self.assertEqual(started.wait(), 1, started.text)
            said = [line for line in started.text.splitlines() if words in line]
            self.assertEqual(len(said), 1, started.text)
            self.assertIn("parameter /%s/%s: " % (self.name, name), said[0])
            self.assertIn(self.stays(name), said[0])
        self.assertIn(
            "2 problems in %s and the parameters of /%s" % (path, self.name), started.text
        )

    def test_what_is_typed_now_is_not_called_old(self):
        path = self.write_config({"ros_to_kafka": [{"ros_topic": "/f"}]})
        started = node("ros_to_kafka", "_config:=" + path, "_conf:=x", "__name:=" + self.name)
        self.assertEqual(started.wait(), 1)
        self.assertIn("parameter /%s/conf: unknown key" % self.name, started.text)
        self.assertIn("1 problem in the parameters of /%s: nothing" % self.name, started.text)
        self.assertNotIn("rosparam delete", started.text)
        checked = self.check("ros_to_kafka", path, "_conf:=x", environment=self.without_master())
        self.assertEqual(checked.wait(), 1)
        self.assertIn("parameter _conf: unknown key", checked.text)
        self.assertIn("1 problem in the command line: nothing", checked.text)

    def test_the_presets_can_be_loaded_as_parameters(self):
        environment = {"HOME": self.home()}
        for preset in sorted(os.listdir(PRESETS)):
            tree = rosparam.load_file(os.path.join(PRESETS, preset))[0][0]
            self.stale(**tree)
            checked = node(
                "ros_to_kafka", "_check:=true", "__name:=" + self.name, environment=environment
            )
            self.assertEqual(checked.wait(), 0, preset + checked.text)

    def test_everything_may_be_parameters(self):
        fields = [{"zebra": "data"}, {"ape": "@topic"}]
        route = {"ros_topic": "/b_topic", "format": "fields", "fields": fields}
        rospy.set_param(self.name, {"kafka": self.kafka(), "ros_to_kafka": [route]})
        started = node("ros_to_kafka", "__name:=" + self.name)
        self.addCleanup(self.end, started)
        started.expect("subscribed to /b_topic")
        self.publisher("/b_topic", String).publish("x")
        self.assertEqual(self.consume("b_topic", 1)[0].text(), '{"zebra":"x","ape":"/b_topic"}')

    def test_a_file_that_was_loaded_for_all_nodes_is_no_crash(self):
        whole = {
            "kafka": self.kafka(),
            "ros_to_kafka": [{"ros_topic": "/a"}],
            "kafka_to_ros": [{"kafka_topic": "b"}],
        }
        for kind in NODES:
            rospy.set_param("/loaded", whole)
            self.addCleanup(lambda: rospy.has_param("/loaded") and rospy.delete_param("/loaded"))
            for arguments in ((), ("__name:=another",)):
                started = node(kind, "__ns:=/loaded", *arguments)
                self.addCleanup(self.end, started)
                self.assertEqual(started.wait(), 1, started.text)
                self.assertIn("/loaded/%s: found a list" % kind, started.text)
                self.assertIn("outside of <node>", started.text)
                self.assertIn("_config:=FILE", started.text)
            path = self.write_config(dict(whole, **{kind: []}))
            told = node(kind, "__ns:=/loaded", "_config:=" + path)
            self.addCleanup(self.end, told)
            told.expect("the configuration has no %s" % kind)
            rospy.delete_param("/loaded")

    def test_an_unknown_argument_is_refused(self):
        for kind in NODES:
            started = node(kind, "--config=odometry.yaml", "__name:=" + self.name)
            self.assertEqual(started.wait(), 1)
            self.assertIn("unknown argument --config=odometry.yaml", started.text)
            self.assertIn("_name:=value", started.text)

    def test_a_node_without_a_route_says_so(self):
        started = self.start("ros_to_kafka", {})
        self.assertEqual(started.wait(), 1)
        self.assertIn("no route: write ros_to_kafka or kafka_to_ros", started.text)
        of_the_other = {
            "ros_to_kafka": {"kafka_to_ros": [{"kafka_topic": "results"}]},
            "kafka_to_ros": {"ros_to_kafka": [{"ros_topic": "odom"}]},
        }
        for kind, config in of_the_other.items():
            started = self.start(kind, config)
            self.assertEqual(started.wait(), 0)
            self.assertIn("the configuration has no %s: nothing to do here" % kind, started.text)

    def test_without_servers_the_way_out_is_said(self):
        started = self.start("ros_to_kafka", "ros_to_kafka: [{ros_topic: a}]")
        self.assertEqual(started.wait(), 1)
        self.assertIn("kafka.bootstrap.servers: missing", started.text)
        self.assertIn("_bootstrap_servers:=HOST:PORT", started.text)


if __name__ == "__main__":
    run(BridgeConfig)
