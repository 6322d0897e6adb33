#!/usr/bin/env python3
"""The anchor: what config/odometry.yaml does, written by hand with rospy and kafka-python.

usage: odometry_by_hand.py BOOTSTRAP TOPIC
"""

import json
import sys

import rospy
from nav_msgs.msg import Odometry

from kafka import KafkaProducer


def main():
    bootstrap_servers, topic = rospy.myargv(sys.argv)[1:]
    rospy.init_node("odometry_by_hand")
    producer = KafkaProducer(
        bootstrap_servers=bootstrap_servers,
        acks="all",
        linger_ms=5,
        value_serializer=lambda value: json.dumps(value).encode(),
    )
    sequence = 0

    def send(message):
        nonlocal sequence
        position = message.pose.pose.position
        orientation = message.pose.pose.orientation
        record = {
            "id": sequence,
            "posex": round(position.x, 5),
            "posey": round(position.y, 5),
            "posez": round(position.z, 5),
            "orientx": round(orientation.x, 5),
            "orienty": round(orientation.y, 5),
            "orientz": round(orientation.z, 5),
            "orientw": round(orientation.w, 5),
        }
        producer.send(
            topic,
            record,
            key=b"warty",
            timestamp_ms=message.header.stamp.to_nsec() // 1000000,
        )
        sequence += 1

    rospy.Subscriber("warty/odom", Odometry, send, queue_size=None)
    rospy.spin()
    producer.flush()


if __name__ == "__main__":
    main()
