#!/usr/bin/python3
"""Without a master, without a broker: the nodes say so once, and go on when it is there."""

import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from bridge_support import (  # noqa: E402
    STAND_IN,
    BridgeTest,
    Process,
    free_port,
    node,
    produce,
    run,
    totals,
)


class Master(Process):
    """A ROS master on a port of its own."""

    def __init__(self, port):
        super().__init__(["rosmaster", "--core", "-p", str(port)])


class Relay:
    """Listens on `port` from now on and hands every connection on to `address`."""

    def __init__(self, port, address):
        self._address = address.split(":")
        self._listener = socket.socket()
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._listener.bind(("127.0.0.1", port))
        self._listener.listen(16)
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                client = self._listener.accept()[0]
            except OSError:
                return
            server = socket.create_connection((self._address[0], int(self._address[1])))
            threading.Thread(target=self._pump, args=(client, server), daemon=True).start()

    @staticmethod
    def _pump(one, other):
        with one, other:
            while True:
                for ready in select.select([one, other], [], [])[0]:
                    data = ready.recv(65536)
                    if not data:
                        return
                    (other if ready is one else one).sendall(data)

    def close(self):
        self._listener.close()


class BridgeSurroundings(BridgeTest):
    def setUp(self):
        super().setUp()
        self.port = free_port()
        self.elsewhere = {"ROS_MASTER_URI": "http://127.0.0.1:%d" % self.port}

    def start_master(self):
        master = Master(self.port)
        self.addCleanup(self.end, master)
        return master

    def simulator(self, *arguments):
        robot = node("robot_simulator", *arguments, environment=self.elsewhere)
        self.addCleanup(self.end, robot)
        return robot

    def bridge(self, *routes, **keys):
        config = dict(keys, ros_to_kafka=list(routes), discovery_period=0.1)
        return self.start("ros_to_kafka", config, environment=self.elsewhere)

    def test_both_nodes_wait_for_the_master(self):
        waiting = [
            self.bridge({"ros_topic": "/warty/odom", "kafka_topic": self.name}),
            self.start(
                "kafka_to_ros",
                {"kafka_to_ros": [{"kafka_topic": "x", "ros_type": "std_msgs/String"}]},
                environment=self.elsewhere,
                name="back",
            ),
        ]
        for started in waiting:
            started.expect("waiting for the ROS master at http://127.0.0.1:%d" % self.port)
        self.start_master()
        for started in waiting:
            started.expect("the ROS master at http://127.0.0.1:%d answers" % self.port)
            self.assertEqual(started.text.count("waiting for the ROS master"), 1)
        waiting[0].expect("subscribed to /warty/odom")
        self.simulator("_wait_for_subscriber:=true", "_count:=5")
        self.consume(self.name, 5)

    def test_ctrl_c_ends_the_wait_for_the_master(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            waiting = self.bridge({"ros_topic": "/warty/odom"})
            waiting.expect("waiting for the ROS master")
            waiting.stop(number)

    def test_data_flows_on_while_the_master_is_away(self):
        master = self.start_master()
        bridge = self.bridge(
            {"ros_topic": "/warty/odom", "kafka_topic": self.name},
            {"ros_topic_pattern": "/husky/.*", "kafka_topic": self.name + ".{topic}"},
        )
        bridge.expect("subscribed to /warty/odom")
        self.simulator("_wait_for_subscriber:=true", "_rate:=100")
        self.consume(self.name, 10)
        master.kill()
        bridge.expect("new topics cannot be looked for")
        there = len(self.consume(self.name))
        self.consume(self.name, there + 50)
        self.assertEqual(bridge.text.count("new topics cannot be looked for"), 1)
        self.start_master()
        self.simulator("_robot:=husky", "__name:=husky_simulator", "_rate:=100")
        bridge.expect("found /husky/odom")
        self.consume(self.name + ".husky.odom", 10)
        there = len(self.consume(self.name))
        self.consume(self.name, there + 50)
        self.assertEqual(bridge.stop(), 0)

    def test_records_flow_when_the_broker_appears(self):
        self.start_master()
        broker_port = free_port()
        kafka = self.kafka(**{"bootstrap.servers": "127.0.0.1:%d" % broker_port})
        route = {"ros_topic": "/warty/odom", "kafka_topic": self.name}
        bridge = self.bridge(route, kafka=kafka)
        bridge.expect("subscribed to /warty/odom")
        back = self.start(
            "kafka_to_ros",
            {
                "kafka": kafka,
                "kafka_to_ros": [
                    {"kafka_topic": "back", "ros_type": "std_msgs/String", "latched": True}
                ],
            },
            environment=self.elsewhere,
            name="back",
        )
        robot = self.simulator("_wait_for_subscriber:=true", "_count:=100", "_rate:=200")
        robot.expect("published 100 odometry messages")
        for started in (bridge, back):
            started.expect("127.0.0.1:%d" % broker_port)
        relay = Relay(broker_port, self.broker)
        self.addCleanup(relay.close)
        records = self.consume(self.name, 100)
        sequence = [record.headers["id"].decode().rsplit("/", 1)[1] for record in records]
        self.assertEqual(sequence, [str(number) for number in range(100)])
        produce(self.broker, "back", '{"data":"x"}', partition=0)
        back.expect("Kafka topic back (std_msgs/String)")
        self.assertEqual(bridge.stop(), 0)
        self.assertIn("received 100 = delivered 100 ", bridge.text)

    def test_without_a_broker_it_ends_in_time_with_the_totals(self):
        self.start_master()
        kafka = self.kafka(**{"bootstrap.servers": "127.0.0.1:%d" % free_port()})
        route = {"ros_topic": "/warty/odom"}
        for number in (signal.SIGINT, signal.SIGTERM):
            bridge = self.bridge(route, kafka=kafka, shutdown_timeout=1)
            bridge.expect("subscribed to /warty/odom")
            robot = self.simulator("_wait_for_subscriber:=true", "_count:=20", "_rate:=200")
            robot.expect("published 20 odometry messages")
            begin = time.monotonic()
            self.assertEqual(bridge.stop(number, 40), 0)
            print("%s: ended in %.1f s" % (self.name, time.monotonic() - begin), flush=True)
            found = totals(bridge.text[bridge.text.index("received ") :])
            self.assertGreater(found["received"], 0)
            self.assertEqual((found["delivered"], found["pending"], found["dropped"]), (0, 0, 0))
            kept = found["received"] + found.get("restored", 0)
            self.assertEqual(found["spooled"], kept)
            robot.stop()

    @unittest.skipIf(STAND_IN, "no embedded broker here")
    def test_embedded_waits_for_its_broker(self):
        self.start_master()
        kafka = {"bootstrap.servers": "embedded"}
        bridge = self.bridge({"ros_topic": "/warty/odom", "kafka_topic": self.name}, kafka=kafka)
        bridge.expect("bootstrap.servers is embedded: waiting for /embedded_broker/bootstrap")
        self.assertIn("rosrun kafka_bridge embedded_broker", bridge.text)
        broker = node("embedded_broker", environment=self.elsewhere)
        self.addCleanup(self.end, broker)
        bridge.expect("subscribed to /warty/odom")
        self.assertEqual(bridge.text.count("is embedded: waiting"), 1)
        self.simulator("_wait_for_subscriber:=true", "_count:=5")
        address = subprocess.check_output(
            ["rosparam", "get", "/embedded_broker/bootstrap_servers"],
            env=dict(os.environ, **self.elsewhere),
            universal_newlines=True,
        ).strip()
        self.assertNotEqual(address, self.broker)
        self.broker = address
        self.assertEqual(len(self.consume(self.name, 5)), 5)


if __name__ == "__main__":
    run(BridgeSurroundings)
