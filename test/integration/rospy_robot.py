#!/usr/bin/env python3
"""A robot as people have it: one rospy node with very many topics, of ten types.

roscpp's nodes hide what such a robot does to those who connect: rospy has room for five connections
that it has not accepted yet.

Parameters: ~topics (337), ~prefix (/robot): its topics are <prefix>/t000, ...
Services:   ~connected  how many topics have a subscriber
            ~publish    publishes one message on each topic
"""

import rospy
from diagnostic_msgs.msg import DiagnosticArray
from nav_msgs.msg import OccupancyGrid, Odometry, Path
from sensor_msgs.msg import BatteryState, CameraInfo, Imu, JointState, LaserScan, PointCloud2
from std_srvs.srv import Trigger, TriggerResponse

TYPES = (
    DiagnosticArray,
    OccupancyGrid,
    Odometry,
    Path,
    BatteryState,
    CameraInfo,
    Imu,
    JointState,
    LaserScan,
    PointCloud2,
)


def main():
    rospy.init_node("rospy_robot")
    prefix = rospy.get_param("~prefix", "/robot")
    publishers = [
        rospy.Publisher("%s/t%03d" % (prefix, i), TYPES[i % len(TYPES)], queue_size=100)
        for i in range(rospy.get_param("~topics", 337))
    ]

    def connected(_request):
        count = sum(made.get_num_connections() > 0 for made in publishers)
        return TriggerResponse(True, str(count))

    def publish(_request):
        for made in publishers:
            made.publish(made.data_class())
        return TriggerResponse(True, str(len(publishers)))

    rospy.Service("~connected", Trigger, connected)
    rospy.Service("~publish", Trigger, publish)
    rospy.spin()


if __name__ == "__main__":
    main()
