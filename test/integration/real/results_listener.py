#!/usr/bin/python3
"""Prints the number that each message of a topic (std_msgs/String) begins with, a line each."""

import sys

import rospy


def say(message):
    # A length of four bytes, the number in ten digits, a padding. One write each: a line is whole.
    sys.stdout.write("%d\n" % int(message._buff[4:14]))
    sys.stdout.flush()


def main():
    rospy.init_node("results_listener", anonymous=True)
    rospy.Subscriber(sys.argv[1], rospy.AnyMsg, say)
    sys.stdout.write("listening\n")
    sys.stdout.flush()
    rospy.spin()


if __name__ == "__main__":
    main()
