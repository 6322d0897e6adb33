"""What the tests of the pipelines of words have in common: lines that are sent to a ROS topic, by
csv_player and by the test, while the Spark job is killed."""

import threading

import rospy
from pipeline_support import PipelineTest, end_offsets
from std_msgs.msg import String


class LinesTest(PipelineTest):
    """`lines`, which send_all begins, are all that were sent, csv_player's too."""

    ros_topic = None
    own_lines = ()
    line_while_killed = None  # with a %d

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        try:
            rospy.init_node("test_" + cls.pipeline, disable_signals=True)
            cls.publisher = rospy.Publisher(cls.ros_topic, String, queue_size=10000)
            cls.send_all()
        except BaseException:
            cls.it.down()
            raise

    @classmethod
    def send_all(cls):
        """Sends all lines; the job is killed while they come."""
        raise NotImplementedError

    @classmethod
    def publish(cls, lines):
        for line in lines:
            cls.publisher.publish(String(line))
            cls.lines.append(line)

    @classmethod
    def publish_until(cls, ended):
        """A line 20 times a second, and no more than 2000."""
        for number in range(2000):
            if ended.wait(0.05):
                return
            cls.publish([cls.line_while_killed % (number % 7)])

    @classmethod
    def kill_job(cls):
        """While lines come; the test's own come once more behind them."""
        ended = threading.Event()
        stream = threading.Thread(target=cls.publish_until, args=(ended,))
        stream.start()
        try:
            cls.it.restart("job", kill=True)
        finally:
            ended.set()
            stream.join()
        cls.publish(cls.own_lines)

    @classmethod
    def wait(cls, condition, what):
        cls.until(cls(), condition, what)

    @classmethod
    def await_subscription(cls):
        cls.wait(lambda: cls.publisher.get_num_connections() > 0, "ros_to_kafka's subscription")

    @classmethod
    def in_kafka(cls, topic):
        """How many records a topic has."""
        return end_offsets(cls.it.addresses["KAFKA"], topic)[0]
