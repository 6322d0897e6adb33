#!/usr/bin/python3
"""chamber_plot among ROS: of a ChamberResults becomes an Image, its bars as high as the counts."""

import os
import struct
import sys
import tempfile
import unittest
import zlib

import rospy
from kafka_bridge.msg import Chamber, ChamberResults, Histogram
from sensor_msgs.msg import Image
from std_msgs.msg import String

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "simulators"))
from node_process import NodeProcess, wait_for  # noqa: E402

WIDTH, HEIGHT = 1000, 600
STAMP = rospy.Time(1795252710, 500000000)


def results(scale):
    """Chamber i has (i + 1) * scale hits in each bin of its first histogram, and a second without
    a hit."""
    message = ChamberResults(total_count=10 * scale)
    message.header.stamp = STAMP
    for i in range(4):
        channels = Histogram(bins=[5.0 * j for j in range(34)], counts=[(i + 1) * scale] * 33)
        orbits = Histogram(bins=[6e5 + 5e5 * j for j in range(19)], counts=[0] * 18)
        message.chambers[i] = Chamber((i + 1) * scale, channels, orbits)
    return message


def bar_pixels(image):
    """How many pixels of each quarter (from the left) of the upper and of the lower half are
    saturated, as only bars are: ([4], [4])."""
    found = ([0] * 4, [0] * 4)
    for at in range(0, len(image.data), 3):
        red, green, blue = image.data[at : at + 3]
        if max(red, green, blue) - min(red, green, blue) > 90:
            row, column = divmod(at // 3, image.width)
            found[row * 2 // image.height][column * 4 // image.width] += 1
    return found


def png_size(path):
    """(width, height) of a PNG that is whole."""
    with open(path, "rb") as file:
        data = file.read()
    assert data[:8] == b"\x89PNG\r\n\x1a\n" and data[12:16] == b"IHDR"
    assert data[-12:] == b"\0\0\0\0IEND" + struct.pack(">I", zlib.crc32(b"IEND"))
    return struct.unpack(">II", data[16:24])


class ChamberPlot(unittest.TestCase):
    def start(self, *arguments):
        node = NodeProcess("chamber_plot", *arguments)
        self.addCleanup(node.stop)
        return node

    def pictures(self):
        found = []
        subscriber = rospy.Subscriber("/chamber_plot", Image, found.append, queue_size=10)
        self.addCleanup(subscriber.unregister)
        return found

    def publisher(self, kind=ChamberResults):
        found = rospy.Publisher("/chamber_results", kind, latch=True, queue_size=10)
        self.addCleanup(found.unregister)
        return found

    def test_bars_are_as_high_as_the_counts(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        path = os.path.join(directory.name, "chambers.png")
        node = self.start("_width:=%d" % WIDTH, "_height:=%d" % HEIGHT, "_file:=" + path)
        publisher = self.publisher()
        publisher.publish(results(100))
        self.assertTrue(wait_for(lambda: os.path.exists(path)), node.text)
        # Latched: who comes later has the picture too.
        found = self.pictures()
        self.assertTrue(wait_for(lambda: found), node.text)
        image = found[0]
        self.assertEqual((image.width, image.height, image.step), (WIDTH, HEIGHT, 3 * WIDTH))
        self.assertEqual((image.encoding, image.is_bigendian), ("rgb8", 0))
        self.assertEqual((image.header.stamp, image.header.frame_id), (STAMP, "chamber_plot"))
        self.assertEqual(len(image.data), 3 * WIDTH * HEIGHT)
        upper, lower = bar_pixels(image)
        self.assertEqual(lower, [0, 0, 0, 0])
        self.assertGreater(upper[0], 1000)
        for i in range(1, 4):
            self.assertAlmostEqual(upper[i] / upper[0], i + 1, delta=0.15)
        self.assertEqual(png_size(path), (WIDTH, HEIGHT))
        publisher.publish(results(0))
        self.assertTrue(wait_for(lambda: len(found) == 2), node.text)
        self.assertEqual(bar_pixels(found[1]), ([0] * 4, [0] * 4))
        self.assertEqual(os.listdir(directory.name), ["chambers.png"])
        self.assertEqual(node.stop(), 0)

    def test_what_cannot_be_shown_is_said(self):
        node = self.start()
        found = self.pictures()
        wrong = results(1)
        wrong.chambers[2].tdc_channel.counts.pop()
        publisher = self.publisher()
        publisher.publish(wrong)
        self.assertTrue(node.wait_for_text("$.chambers[2].tdc_channel.counts"), node.text)
        self.assertIn("found 32 counts and 34 edges", node.text)
        publisher.publish(results(1))
        self.assertTrue(wait_for(lambda: found), node.text)

    def test_another_type_is_said(self):
        node = self.start()
        self.publisher(String).publish("hello")
        self.assertTrue(node.wait_for_text("publishes std_msgs/String"), node.text)

    def test_names_every_wrong_parameter(self):
        node = self.start("_width:=1", "_colour:=red", "__name:=wrong")
        self.assertEqual(node.wait(), 1)
        self.assertIn("/width is 1: it must be a whole number from 480 to 4096", node.text)
        self.assertIn('/colour is "red": there is no such parameter', node.text)


if __name__ == "__main__":
    import rostest

    rospy.init_node("test_chamber_plot")
    rostest.rosrun("kafka_bridge", "test_chamber_plot", ChamberPlot)
