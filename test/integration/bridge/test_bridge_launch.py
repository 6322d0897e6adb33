#!/usr/bin/python3
"""launch/demo.launch and launch/bridge.launch, as a user starts them."""

import functools
import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from bridge_support import (  # noqa: E402
    ADDRESS,
    PATIENCE,
    ROOT,
    BridgeTest,
    Process,
    free_port,
    produce,
    run,
)


class BridgeLaunch(BridgeTest):
    def launch(self, file, *arguments):
        """roslaunch with a master and a home of its own."""
        port = free_port()
        home = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, home, ignore_errors=True)
        self.elsewhere = {"ROS_MASTER_URI": "http://127.0.0.1:%d" % port, "HOME": home}
        started = Process(
            ["roslaunch", "-p", str(port)]
            + ([file] if os.path.isabs(file) else ["kafka_bridge", file])
            + list(arguments),
            self.elsewhere,
        )
        self.addCleanup(self.end, started)
        return started

    def ask(self, *command):
        environment = dict(os.environ, **self.elsewhere)
        done = subprocess.run(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            timeout=PATIENCE,
        )
        return done.stdout.decode().strip() if done.returncode == 0 else ""

    def test_demo_carries_odometry_and_a_result(self):
        demo = self.launch("demo.launch", "rate:=100")
        demo.expect("serving Kafka at ")
        self.broker = demo.until(lambda: self.ask("rosparam", "get", ADDRESS), ADDRESS)
        records = self.consume("odometry", 20)
        self.assertEqual([record.json()["id"] for record in records], list(range(20)))
        produce(self.broker, "results", "42 hits")
        heard = demo.until(lambda: self.ask("rostopic", "echo", "-n", "1", "/results"), "result")
        self.assertIn("42 hits", heard)
        self.ask("rosnode", "kill", "/robot_simulator")
        said = demo.until(lambda: re.search(r"published (\d+) odometry", demo.text), "the count")
        all_of_it = "received {0} = delivered {0} ".format(said.group(1))
        demo.until(
            lambda: all_of_it in self.ask("rosservice", "call", "/ros_to_kafka/totals"), all_of_it
        )
        demo.stop()
        self.assertEqual(demo.text.count("; missed upstream 0"), 2, demo.text)

    def test_bridge_takes_a_file_and_a_broker(self):
        config = self.write_config(
            {"kafka": {"bootstrap.servers": "nowhere:1"}, "ros_to_kafka": [{"ros_topic": "/odom"}]}
        )
        bridge = self.launch(
            "bridge.launch",
            "config:=" + config,
            "bootstrap_servers:=" + self.broker,
            "to_ros:=false",
        )
        bridge.expect("subscribed to /odom (ros_to_kafka[0])")
        message = "{header: {frame_id: map}}"
        publisher = Process(
            ["rostopic", "pub", "-l", "/odom", "nav_msgs/Odometry", message], self.elsewhere
        )
        self.addCleanup(self.end, publisher)
        self.assertEqual(self.consume("odom", 1)[0].json()["header"]["frame_id"], "map")
        self.assertNotIn("kafka_to_ros", bridge.text)

    def test_the_readmes_example_loads_by_rosparam(self):
        """A parameter server sorts mappings: only the order of `fields` is lost."""
        with open(os.path.join(ROOT, "README.md"), encoding="utf-8") as readme:
            section = readme.read().split("\n## Configuration\n")[1]
        example = section.split("```yaml\n")[1].split("```")[0]
        self.assertIn("2GiB", example)
        file = self.write_launch(
            """<launch>
              <node pkg="kafka_bridge" type="ros_to_kafka" name="ros_to_kafka" output="screen">
                <rosparam command="load" file="%s"/>
                <param name="bootstrap_servers" value="%s"/>
              </node>
            </launch>"""
            % (self.write_config(example), self.broker)
        )
        launched = self.launch(file)
        launched.expect("subscribed to /warty/odom (ros_to_kafka[0])")
        message = "{pose: {pose: {position: {x: 1.23456789}}}}"
        command = ["rostopic", "pub", "-l", "/warty/odom", "nav_msgs/Odometry", message]
        publisher = Process(command, self.elsewhere)
        self.addCleanup(self.end, publisher)
        record = self.consume("odometry", 1)[0]
        self.assertEqual((record.key, record.json()), (b"warty", {"id": 0, "posex": 1.23457}))

    def write_launch(self, text):
        file = tempfile.NamedTemporaryFile("w", suffix=".launch", delete=False)
        self.addCleanup(os.unlink, file.name)
        with file:
            file.write(text)
        return file.name

    def test_two_robots_are_two_includes_of_one_file(self):
        config = self.write_config(
            {
                "robot": "nobody",
                "ros_to_kafka": [{"ros_topic": "said", "kafka_topic": "{robot}.said"}],
                "kafka_to_ros": [
                    {
                        "kafka_topic": "{robot}.heard",
                        "ros_topic": "heard",
                        "ros_type": "std_msgs/String",
                        "format": "text",
                        "latched": True,
                    }
                ],
            }
        )
        include = """
            <include file="$(find kafka_bridge)/launch/bridge.launch" ns="%s">
              <arg name="config" value="%s"/> <arg name="robot" value="%s"/>
              <arg name="spool_directory" value="%s"/> <arg name="spool_max_bytes" value="64MiB"/>
              <arg name="respawn" value="true"/>
            </include>"""
        robots = ("one", "7")  # a name that looks like a number is a name
        spools = tempfile.mkdtemp(prefix="spools.")
        self.addCleanup(shutil.rmtree, spools, ignore_errors=True)
        launched = self.launch(
            self.write_launch(
                "<launch>"
                + "".join(include % ("ns_" + robot, config, robot, spools) for robot in robots)
                + "</launch>"
            )
        )
        for robot in robots:
            launched.expect("subscribed to /ns_%s/said" % robot)
        for robot in robots:
            command = [
                "rostopic",
                "pub",
                "-l",
                "/ns_%s/said" % robot,
                "std_msgs/String",
                "of " + robot,
            ]
            publisher = Process(command, self.elsewhere)
            self.addCleanup(self.end, publisher)
            produce(self.broker, robot + ".heard", "for " + robot)
            record = self.consume(robot + ".said", 1)[0]
            self.assertEqual(record.headers["id"].decode(), robot + "/%s.said/0" % robot)
            self.assertEqual(record.json()["data"], "of " + robot)
        for robot in robots:
            echo = ("rostopic", "echo", "-n", "1", "/ns_%s/heard" % robot)
            heard = launched.until(functools.partial(self.ask, *echo), "result")
            self.assertIn("for " + robot, heard)
            self.assertIn(robot + ".db", os.listdir(spools))
        self.assert_comes_again(launched, "/ns_7/ros_to_kafka")

    def assert_comes_again(self, launched, name):
        before = launched.text.count("subscribed to /ns_7/said")
        self.ask("rosnode", "kill", name)
        launched.until(
            lambda: launched.text.count("subscribed to /ns_7/said") > before, "the node again"
        )

    def test_check_only_checks(self):
        right = self.launch("bridge.launch", "check:=true")
        right.expect("odometry.yaml is right: 1 route to Kafka, 1 to ROS")
        right.until(lambda: right.text.count("is right") == 2, "both nodes")
        right.until(lambda: right.text.count("has finished cleanly") == 2, "their ends")
        one = self.launch("bridge.launch", "check:=true", "one_node:=true")
        one.expect("process[bridge-")
        one.expect("odometry.yaml is right: 1 route to Kafka, 1 to ROS")
        one.expect("has finished cleanly")
        self.assertNotIn("process[ros_to_kafka-", one.text)
        self.assertNotIn("process[kafka_to_ros-", one.text)
        wrong = self.launch(
            "bridge.launch", "check:=true", "config:=" + self.write_config({"robot": "a b"})
        )
        wrong.until(lambda: wrong.text.count("robot: found") == 2, "both nodes")
        wrong.until(lambda: wrong.text.count("has died") == 2, "their ends")
        self.assertNotIn("is right", wrong.text)


if __name__ == "__main__":
    run(BridgeLaunch)
