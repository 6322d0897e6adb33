#!/usr/bin/python3
"""Latches texts on a topic, one after the other: TOPIC NAME TEXT..."""

import sys

import rospy
from std_msgs.msg import String


def main():
    topic, name, texts = sys.argv[1], sys.argv[2], sys.argv[3:]
    rospy.init_node(name)
    publisher = rospy.Publisher(topic, String, latch=True, queue_size=100)
    for text in texts:
        publisher.publish(text)
    print("latched", flush=True)
    rospy.spin()


if __name__ == "__main__":
    main()
