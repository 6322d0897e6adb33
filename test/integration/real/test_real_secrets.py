#!/usr/bin/python3
"""A password that a node logs in with is nowhere to be found: in no log, parameter, argument,
environment or core dump."""

import glob
import os
import signal
import stat
import sys
import tempfile

import roslib.packages
import rospy
from rosgraph_msgs.msg import Log

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from real_support import Process, node, run  # noqa: E402
from tls_support import PASSWORD, SecureBridgeTest  # noqa: E402

VARIABLE = "TEST_PASSWORD"
BYTES = PASSWORD.encode("ascii")


def contents(path):
    with open(path, "rb") as file:
        return file.read()


class RealSecrets(SecureBridgeTest):
    def talkative(self):
        """An environment that has a node say all it has to say."""
        path = os.path.join(self.directory, "rosconsole.config")
        with open(path, "w", encoding="ascii") as file:
            file.write("log4j.logger.ros.kafka_bridge=DEBUG\n")
        return {"ROSCONSOLE_CONFIG_FILE": path, "ROS_LOG_DIR": os.path.join(self.directory, "log")}

    def both(self, section, environment=None):
        started = self.there(section, environment), self.back(section, environment)
        seen = self.seen()
        self.publish(7)
        self.assertEqual(seen.wait(1)[0].data, 7)
        return started

    def test_no_log_has_it(self):
        lines = self.collector("/rosout", Log).messages
        section = self.section("login", debug="all")
        for process in self.both(section, self.talkative()):
            process.stop()
            self.assertIn("sasl.mechanisms = PLAIN", process.text)
            self.assertNotIn(PASSWORD, process.text)
        self.assertTrue([line for line in lines if "[thrd:" in line.msg])
        self.assertFalse([line for line in lines if PASSWORD in line.msg])
        logs = glob.glob(os.path.join(self.directory, "log", "**", "*"), recursive=True)
        self.assertFalse(
            [path for path in logs if os.path.isfile(path) and BYTES in contents(path)]
        )

    def test_no_parameter_has_it(self):
        self.both(self.section("login", sasl_password=PASSWORD))
        self.assertNotIn(PASSWORD, repr(rospy.get_param("/")))

    def parameters(self, section):
        """ros_to_kafka whose configuration are parameters of its own."""
        route = {"ros_topic": "/" + self.name, "kafka_topic": self.name}
        rospy.set_param(self.name, {"kafka": section, "ros_to_kafka": [route]})
        self.addCleanup(rospy.delete_param, self.name)
        started = node("ros_to_kafka", "__name:=" + self.name)
        self.addCleanup(self.end, started)
        started.expect("(ros_to_kafka[0])")
        return started

    def test_a_parameter_says_where_it_is(self):
        started = self.parameters(self.section("login"))
        self.publish(7)
        self.assertEqual(self.settled(1)["delivered"], 1)
        self.assertNotIn(PASSWORD, repr(rospy.get_param("/")))
        self.assertNotIn("everybody in this ROS network", started.text)

    def test_a_parameter_that_has_it_is_warned_of(self):
        started = self.parameters(self.section("login", sasl_password=PASSWORD))
        started.expect(
            "the parameter /%s/kafka/sasl.password holds a secret that everybody in this ROS "
            "network can read; right is: kafka: {sasl.password: {file: PATH}}" % self.name
        )
        self.assertNotIn(PASSWORD, started.text)

    def test_a_file_that_is_open_to_others_is_warned_of(self):
        path = self.secret(PASSWORD, stat.S_IRUSR | stat.S_IWUSR | stat.S_IROTH)
        started = self.there(self.section("login", sasl_password={"file": path}))
        started.expect(
            "kafka.sasl.password: file %s is open to others than its owner (mode 0604); right is: "
            "chmod 600 %s" % (path, path)
        )

    def test_no_argument_and_no_environment_has_it(self):
        section = self.section("login", sasl_password={"env": VARIABLE})
        for process in self.both(section, {VARIABLE: PASSWORD}):
            for name in ("cmdline", "environ"):
                try:
                    found = contents("/proc/%d/%s" % (process.pid, name))
                except PermissionError:  # which is as good
                    continue
                self.assertNotIn(BYTES, found)

    def core_dumps(self, section, *texts):
        """Makes ros_to_kafka crash; for each core dump the `texts` that it holds."""
        pattern = contents("/proc/sys/kernel/core_pattern")
        if pattern.startswith(b"|") or b"/" in pattern:
            self.skipTest("core dumps of this machine go to %r" % pattern)
        directory = tempfile.mkdtemp(dir=self.directory)
        route = {"ros_topic": "/" + self.name, "kafka_topic": self.name}
        path = self.write_config({"kafka": section, "ros_to_kafka": [route]})
        program = roslib.packages.find_node("kafka_bridge", "ros_to_kafka")[0]
        script = 'ulimit -c unlimited && cd "$1" && shift && exec "$@"'
        started = Process(
            ["sh", "-c", script, "sh", directory, program]
            + ["_config:=" + path, "__name:=" + self.name]
        )
        self.addCleanup(self.end, started)
        started.expect("(ros_to_kafka[0])")
        self.publish(7)
        self.assertEqual(self.settled(1)["delivered"], 1)
        self.assertEqual(started.stop(signal.SIGABRT), -signal.SIGABRT)
        dumps = [contents(os.path.join(directory, name)) for name in os.listdir(directory)]
        return [[text for text in texts if text.encode("ascii") in dump] for dump in dumps]

    def test_no_core_dump_has_it(self):
        self.assertEqual(self.core_dumps(self.section("login"), PASSWORD), [])

    def test_a_node_without_secrets_leaves_a_core_dump(self):
        dumps = self.core_dumps(self.section("tls"), "authority.pem", PASSWORD)
        self.assertEqual(dumps, [["authority.pem"]])


if __name__ == "__main__":
    run(RealSecrets)
