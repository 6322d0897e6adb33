#!/usr/bin/python3
"""A broker that asks for a login: the right one is let in, of a wrong one both nodes say so."""

import os
import sys

from std_msgs.msg import Int64

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from real_support import RealBridgeTest, run, troubles, wait_until  # noqa: E402

PASSWORD = "right-one"
WRONG = "wr0ng-one"


class RealLogin(RealBridgeTest):
    users = {"warty": PASSWORD}

    def there(self, **properties):
        return self.to_kafka(
            {"ros_topic": "/" + self.name, "kafka_topic": self.name},
            kafka=self.kafka(**properties),
            shutdown_timeout=1,
        )

    def back(self, **properties):
        return self.to_ros(
            {
                "kafka_topic": self.name,
                "ros_topic": "/seen",
                "ros_type": "std_msgs/Int64",
                "wait_for_subscriber": True,
            },
            name="back",
            kafka=self.kafka(**properties),
        )

    def test_the_right_password_is_let_in(self):
        there, back = self.there(), self.back()
        seen = self.collector("/seen", Int64)
        self.publisher("/" + self.name, Int64).publish(7)
        self.assertEqual(seen.wait(1)[0].data, 7)
        self.assertEqual(self.stop_and_account(there)["delivered"], 1)
        self.assertEqual(self.stop_and_account(back)["published"], 1)
        # The topic is made by the first record, which may come after the consumer.
        found = [line for line in troubles(there) + troubles(back) if "to appear" not in line]
        self.assertEqual(found, [])

    def check_refused(self, process):
        process.expect("Authentication failed")
        process.expect("it refuses the login of")
        process.expect("look at sasl.username and sasl.password")
        self.assertIn(self.broker, process.text)
        self.assertNotIn(WRONG, process.text, "a password in the log")

    def test_a_wrong_password_is_said_by_both(self):
        wrong = {"sasl.password": WRONG}
        there, back = self.there(**wrong), self.back(**wrong)
        publisher = self.publisher("/" + self.name, Int64)
        publisher.publish(1)
        self.check_refused(there)
        self.check_refused(back)
        # It is tried again all the time, and said once by each client of a node.
        tries = "Failed authentication with"
        wait_until(lambda: self.server.log().count(tries) >= 12, what="more attempts to log in")
        self.assertLessEqual(len(troubles(there)), 1, there.text)
        self.assertLessEqual(len(troubles(back)), 3, back.text)
        wait_until(lambda: self.totals()["spooled"] == 1, what="a message in the spool")
        self.assertEqual(self.stop_and_account(there)["spooled"], 1)
        self.assertEqual(self.stop_and_account(back)["received"], 0)

    def test_no_login_at_all_is_said_by_both(self):
        self.kafka = lambda **_: {"bootstrap.servers": self.broker}
        for process in (self.there(), self.back()):
            process.expect("Kafka broker %s cannot be reached" % self.broker)
            self.assertLessEqual(len(troubles(process)), 3, process.text)
            process.stop()


if __name__ == "__main__":
    run(RealLogin)
