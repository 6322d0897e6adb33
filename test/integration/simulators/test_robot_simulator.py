#!/usr/bin/python3
"""robot_simulator among ROS: its messages arrive, whole, and as other tools read them."""

import io
import itertools
import math
import os
import struct
import subprocess
import sys
import threading
import time
import unittest
import zlib

import genpy.dynamic
import rosgraph
import rospy
from nav_msgs.msg import Odometry
from rosgraph_msgs.msg import Clock

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from node_process import NodeProcess, wait_for  # noqa: E402

COUNT = 400


def published(prefix):
    """Names and types of the topics that a robot's simulator publishes."""
    master = rosgraph.Master("/test_robot_simulator")
    return {name: kind for name, kind in master.getTopicTypes() if name.startswith(prefix)}


class Received:
    """Messages of one topic as they come in, raw, with the connection's header."""

    def __init__(self, topic):
        self.messages = []
        self.header = {}
        self._lock = threading.Lock()
        self.subscriber = rospy.Subscriber(topic, rospy.AnyMsg, self._take, queue_size=None)

    def _take(self, message):
        with self._lock:
            self.header = message._connection_header
            self.messages.append(message._buff)

    def count(self):
        with self._lock:
            return len(self.messages)


class RobotSimulator(unittest.TestCase):
    def start(self, *arguments):
        robot = NodeProcess("robot_simulator", *arguments)
        self.addCleanup(robot.stop)
        return robot

    def odometry(self, *arguments):
        """All of COUNT odometry messages of a simulator that waits for us."""
        messages = []
        subscriber = rospy.Subscriber("warty/odom", Odometry, messages.append, queue_size=None)
        robot = self.start(
            "_wait_for_subscriber:=true", f"_count:={COUNT}", "_rate:=400", *arguments
        )
        wait_for(lambda: len(messages) >= COUNT)
        self.assertTrue(robot.wait_for_text(f"published {COUNT} odometry messages"), robot.text)
        self.assertEqual(robot.stop(), 0)
        subscriber.unregister()
        return messages

    def test_every_odometry_message_arrives_in_order(self):
        messages = self.odometry()
        self.assertEqual([m.header.seq for m in messages], list(range(COUNT)))
        first = messages[0].header.stamp.to_nsec()
        for index, message in enumerate(messages):
            self.assertEqual(message.header.frame_id, "warty/odom")
            self.assertEqual(message.child_frame_id, "warty/base_link")
            self.assertEqual(message.header.stamp.to_nsec() - first, index * 2500000)
            q = message.pose.pose.orientation
            self.assertAlmostEqual(q.x**2 + q.y**2 + q.z**2 + q.w**2, 1.0, places=12)
            self.assertGreater(message.pose.covariance[0], 0)
            self.assertEqual(message.pose.covariance[1], 0)
        self.assertLess(abs(first - rospy.Time.now().to_nsec()), 60e9)
        # One second of drive: it has begun to move, and forward.
        self.assertGreater(messages[-1].twist.twist.linear.x, 0.1)
        end = messages[-1].pose.pose.position
        self.assertGreater(math.hypot(end.x, end.y), 0.05)

    def test_the_seed_decides(self):
        def poses(messages):
            return [str(m.pose) for m in messages]

        once = poses(self.odometry("_seed:=5"))
        again = poses(self.odometry("_seed:=5"))
        other = poses(self.odometry("_seed:=6"))
        self.assertEqual(once, again)
        self.assertNotEqual(once, other)

    def test_drives_in_simulated_time(self):
        """Ten messages a simulated second, whatever the wall clock says."""
        rospy.set_param("/use_sim_time", True)
        self.addCleanup(rospy.delete_param, "/use_sim_time")
        clock = rospy.Publisher("/clock", Clock, queue_size=10)
        messages = []
        subscriber = rospy.Subscriber("warty/odom", Odometry, messages.append, queue_size=None)
        self.addCleanup(subscriber.unregister)
        self.addCleanup(clock.unregister)
        robot = self.start("_wait_for_subscriber:=true", "_rate:=10")
        self.assertTrue(wait_for(lambda: clock.get_num_connections() and robot.text), robot.text)
        ticks = itertools.count()

        def until(seconds, done):
            def tick():
                nanoseconds = min(next(ticks) * 10000000, int(seconds * 1e9))
                clock.publish(rospy.Time(100) + rospy.Duration(0, nanoseconds))
                return done()

            self.assertTrue(wait_for(tick), robot.text)

        until(0, lambda: len(messages) == 1)
        self.assertEqual(messages[0].header.stamp, rospy.Time(100))
        time.sleep(0.5)  # five messages' time, while the simulated clock stands still
        self.assertEqual(len(messages), 1)
        ticks = itertools.count()
        until(0.95, lambda: len(messages) == 10)
        last = messages[-1].header.stamp - rospy.Time(100)
        self.assertAlmostEqual(last.to_sec(), 0.9, places=6)

    def test_rostopic_knows_its_type(self):
        self.start()
        self.assertTrue(wait_for(lambda: "/warty/odom" in published("/warty")))
        done = subprocess.run(
            ["rostopic", "type", "/warty/odom"], capture_output=True, text=True, check=True
        )
        self.assertEqual(done.stdout.strip(), "nav_msgs/Odometry")

    def test_337_topics_are_whole_messages_of_their_types(self):
        """genpy, given only the definition from the connection, reads each and writes the same."""
        self.start("_robot:=husky", "_topics:=337", "__name:=husky_simulator")
        names = wait_for(lambda: len(published("/husky")) == 335 and published("/husky"))
        self.assertTrue(names, len(published("/husky")))
        names.update({name: kind for name, kind in published("/tf").items()})
        names.update({name: kind for name, kind in published("/diagnostics").items()})
        self.assertEqual(len(names), 337)
        received = {name: Received(name) for name in names}
        silent = lambda: [name for name in names if not received[name].count()]  # noqa: E731
        wait_for(lambda: not silent())
        self.assertEqual(silent(), [])
        for name, topic in received.items():
            topic.subscriber.unregister()
            kind = topic.header["type"]
            self.assertEqual(kind, names[name])
            made = genpy.dynamic.generate_dynamic(kind, topic.header["message_definition"])[kind]
            self.assertEqual(made._md5sum, topic.header["md5sum"], name)
            for data in topic.messages[:3]:
                message = made()
                message.deserialize(data)
                again = io.BytesIO()
                message.serialize(again)
                self.assertEqual(again.getvalue(), data, name)
        self.check_picture(received["/husky/camera/image_raw/compressed"].messages[0])

    def check_picture(self, data):
        """The compressed picture is a PNG that anybody can read."""
        data = data[data.index(b"\x89PNG\r\n\x1a\n") + 8 :]
        chunks = {}
        while data:
            size, kind = struct.unpack(">I4s", data[:8])
            body = data[8 : 8 + size]
            (crc,) = struct.unpack(">I", data[8 + size : 12 + size])
            self.assertEqual(crc, zlib.crc32(kind + body))
            chunks[kind] = body
            data = data[12 + size :]
        width, height, depth, colour = struct.unpack(">IIBB", chunks[b"IHDR"][:10])
        self.assertEqual((width, height, depth, colour), (160, 120, 8, 0))
        self.assertEqual(len(zlib.decompress(chunks[b"IDAT"])), (width + 1) * height)
        self.assertIn(b"IEND", chunks)

    def test_names_every_wrong_parameter(self):
        robot = self.start("_rate:=-1", "_topics:=many", "_speed:=3", "__name:=wrong")
        self.assertEqual(robot.wait(), 1)
        self.assertIn("/rate is -1: it must be a number from 0.01 to 1000000", robot.text)
        self.assertIn('/topics is "many": it must be a whole number', robot.text)
        self.assertIn("/speed is 3: there is no such parameter", robot.text)


if __name__ == "__main__":
    import rostest

    rospy.init_node("test_robot_simulator")
    rostest.rosrun("kafka_bridge", "test_robot_simulator", RobotSimulator)
