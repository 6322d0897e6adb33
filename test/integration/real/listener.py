#!/usr/bin/python3
"""Prints each message of the topics in its arguments, of whatever type, as a line of JSON.

Runs where the types' packages may be missing: it looks at bytes and connection headers only."""

import base64
import json
import sys
import threading

import rospy

LOCK = threading.Lock()


def say(topic, message):
    header = message._connection_header
    line = {
        "topic": topic,
        "type": header["type"],
        "md5sum": header["md5sum"],
        "bytes": base64.b64encode(message._buff).decode(),
    }
    with LOCK:
        print(json.dumps(line), flush=True)


def main():
    rospy.init_node("listener", anonymous=True)
    for topic in sys.argv[1:]:
        rospy.Subscriber(topic, rospy.AnyMsg, lambda message, name=topic: say(name, message))
    print("listening", flush=True)
    rospy.spin()


if __name__ == "__main__":
    main()
