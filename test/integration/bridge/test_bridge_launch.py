#!/usr/bin/python3
"""launch/demo.launch and launch/bridge.launch, as a user starts them."""

import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from bridge_support import (  # noqa: E402
    ADDRESS,
    PATIENCE,
    BridgeTest,
    Process,
    free_port,
    produce,
    run,
)


class BridgeLaunch(BridgeTest):
    def launch(self, file, *arguments):
        """roslaunch with a master of its own."""
        port = free_port()
        self.elsewhere = {"ROS_MASTER_URI": "http://127.0.0.1:%d" % port}
        started = Process(
            ["roslaunch", "-p", str(port), "kafka_bridge", file] + list(arguments), self.elsewhere
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

    def test_check_only_checks(self):
        right = self.launch("bridge.launch", "check:=true")
        right.expect("odometry.yaml is right: 1 route to Kafka, 1 to ROS")
        right.until(lambda: right.text.count("is right") == 2, "both nodes")
        right.until(lambda: right.text.count("has finished cleanly") == 2, "their ends")
        wrong = self.launch(
            "bridge.launch", "check:=true", "config:=" + self.write_config({"robot": "a b"})
        )
        wrong.until(lambda: wrong.text.count("robot: found") == 2, "both nodes")
        wrong.until(lambda: wrong.text.count("has died") == 2, "their ends")
        self.assertNotIn("is right", wrong.text)


if __name__ == "__main__":
    run(BridgeLaunch)
