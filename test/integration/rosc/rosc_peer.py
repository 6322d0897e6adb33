#!/usr/bin/env python3
"""The other node of the rosc tests: rospy, so that two implementations meet.

Topics:   /peer/latched (std_msgs/String, latched), /peer/empty (std_msgs/Empty, latched),
          /changing (std_msgs/String or geometry_msgs/Point), /peer/heard (JSON of what came).
Hears:    /from_c and /from_c_latched, of any type.
Services: see main().
"""

import json
import threading

import roscpp.srv
import rospy
from geometry_msgs.msg import Point
from std_msgs.msg import Empty, String
from std_srvs.srv import Empty as EmptyService
from std_srvs.srv import EmptyResponse, SetBool, SetBoolResponse, Trigger, TriggerResponse

TESTED = "/robot/tested"


class Changing:
    """A publisher that changes its type while it runs."""

    def __init__(self):
        self.publisher = None
        self.message = None
        self.lock = threading.Lock()

    def publish_as_point(self, request):
        with self.lock:
            if self.publisher is not None:
                self.publisher.unregister()
            self.message = Point(1, 2, 3) if request.data else String("text")
            self.publisher = rospy.Publisher("/changing", type(self.message), queue_size=10)
        return SetBoolResponse(True, "")

    def publish(self, _event):
        with self.lock:
            if self.publisher is not None:
                self.publisher.publish(self.message)


def report(publisher, topic, message):
    header = message._connection_header
    publisher.publish(
        json.dumps(
            {
                "topic": topic,
                "type": header["type"],
                "md5sum": header["md5sum"],
                "definition": header["message_definition"],
                "callerid": header["callerid"],
                "latching": header.get("latching", "0"),
                "bytes": message._buff.hex(),
            },
            sort_keys=True,
        )
    )


def call_tested(_request):
    """Calls the tested node's services; its answers are the answer."""
    rospy.ServiceProxy("/robot/empty", EmptyService)()
    trigger = rospy.ServiceProxy("/robot/trigger", Trigger)()
    set_bool = rospy.ServiceProxy("/robot/set_bool", SetBool)(True)
    return TriggerResponse(
        True, "%d %s %d %s" % (trigger.success, trigger.message, set_bool.success, set_bool.message)
    )


def set_debug(request):
    level = "debug" if request.data else "info"
    rospy.ServiceProxy(TESTED + "/set_logger_level", roscpp.srv.SetLoggerLevel)(
        "ros.kafka_bridge", level
    )
    return SetBoolResponse(True, level)


def fail(_request):
    raise rospy.ServiceException("on purpose")


def main():
    rospy.init_node("peer")
    latched = rospy.Publisher("/peer/latched", String, queue_size=1, latch=True)
    latched.publish("kept")
    rospy.Publisher("/peer/empty", Empty, queue_size=1, latch=True).publish()
    heard = rospy.Publisher("/peer/heard", String, queue_size=100, latch=True)
    for topic in ("/from_c", "/from_c_latched"):
        rospy.Subscriber(topic, rospy.AnyMsg, lambda m, t=topic: report(heard, t, m))
    changing = Changing()
    rospy.Timer(rospy.Duration(0.05), changing.publish)
    rospy.Service("/peer/publish_as_point", SetBool, changing.publish_as_point)
    rospy.Service("/peer/trigger", Trigger, lambda _: TriggerResponse(True, "triggered"))
    rospy.Service(
        "/peer/set_bool", SetBool, lambda r: SetBoolResponse(not r.data, "got %s" % r.data)
    )
    rospy.Service("/peer/empty_service", EmptyService, lambda _: EmptyResponse())
    rospy.Service("/peer/failing", Trigger, fail)
    rospy.Service("/peer/call_tested", Trigger, call_tested)
    rospy.Service("/peer/set_debug", SetBool, set_debug)
    rospy.spin()


if __name__ == "__main__":
    main()
