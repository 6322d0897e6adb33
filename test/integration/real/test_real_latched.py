#!/usr/bin/python3
"""What a subscriber gets of latched topics at the source it gets at the far side, under a master of
its own: the last message of each latched publisher if it comes late, all if it was there before."""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from real_support import HERE, OtherRobot, Process, heard  # noqa: E402
from results_support import PATIENCE, Records, ResultsTest, run  # noqa: E402
from std_msgs.msg import String  # noqa: E402

TYPE = {"ros_type": b"std_msgs/String", "ros_md5sum": String._md5sum.encode()}
BACKLOG = 200


def latched_by(publisher):
    return dict(TYPE, ros_latched=b"true", ros_publisher=publisher)


class RealLatched(ResultsTest):
    def setUp(self):
        super().setUp()
        self.topic = "/" + self.name
        self.server.create_topic(self.name)
        self.far = OtherRobot(self)

    def back(self, **keys):
        """kafka_to_ros of the far robot, with what is not in `keys` as it is by default."""
        route = dict({"kafka_topic": self.name, "ros_topic": self.topic}, **keys)
        return self.far.start(
            "kafka_to_ros", {"kafka": self.kafka(), "kafka_to_ros": [route]}, self.name
        )

    def write(self, texts, headers):
        records = Records(self.broker, self.name)
        self.addCleanup(records.close)
        records.write((b"k", b'{"data":"%s"}' % text.encode(), headers) for text in texts)
        self.assertEqual(records.finish(), len(texts))

    def texts(self, listener):
        return [data[4:].decode() for _, _, data in heard(listener).get(self.topic, [])]

    def assert_hears(self, listener, texts, timeout=PATIENCE):
        """These and no others, in any order."""
        listener.until(lambda: len(self.texts(listener)) >= len(texts), str(texts)[:80], timeout)
        self.assertEqual(sorted(self.texts(listener)), sorted(texts))

    def test_each_publisher_has_a_last_message(self):
        for name in ("one", "two"):
            program = os.path.join(HERE, "latched_publisher.py")
            node = Process([sys.executable, program, self.topic, name, "of " + name])
            self.addCleanup(self.end, node)
            node.expect("latched", PATIENCE)
        self.to_kafka({"ros_topic": self.topic, "kafka_topic": self.name}, name="there")
        records = self.consume(self.name, 2, PATIENCE)
        publishers = sorted(record.headers["ros_publisher"] for record in records)
        self.assertEqual(publishers, [b"/one", b"/two"])
        both = ["of one", "of two"]
        early = self.far.listen([self.topic])
        back = self.back()
        self.assert_hears(early, both)
        self.assert_hears(self.far.listen([self.topic]), both)
        self.write(["of one again"], latched_by(b"/one"))
        self.assert_hears(early, both + ["of one again"])
        late = self.far.listen([self.topic])
        self.assert_hears(late, ["of one again", "of two"])
        self.assertEqual(self.stop_and_account(back)["published"], 3)

        back = self.back()  # what an earlier run latched
        back.expect("2 latched messages of an earlier run are latched again", PATIENCE)
        self.assert_hears(self.far.listen([self.topic]), ["of one again", "of two"])
        self.write(["of two again"], latched_by(b"/two"))
        late = self.far.listen([self.topic])
        late.until(lambda: "of two again" in self.texts(late), "the new message", PATIENCE)
        self.assertEqual(self.stop_and_account(back)["published"], 1)

        self.server.delete_records(self.name, before=3)  # as retention would
        back = self.back()
        back.expect("1 latched messages of an earlier run are latched again; 1 are gone", PATIENCE)
        self.assert_hears(self.far.listen([self.topic]), ["of two again"])
        self.assertEqual(self.stop_and_account(back)["published"], 0)

    def test_a_backlog_comes_whole_to_who_was_there(self):
        texts = ["%d" % n for n in range(BACKLOG)]
        self.write(texts, latched_by(b"/one"))
        early = self.far.listen([self.topic])
        back = self.back()
        early.until(lambda: len(self.texts(early)) >= BACKLOG, "the backlog", PATIENCE)
        self.assertEqual(self.texts(early), texts)
        self.assertEqual(self.stop_and_account(back)["published"], BACKLOG)

    def test_a_topic_that_goes_from_plain_to_latched(self):
        early = self.far.listen([self.topic])
        self.write(["plain %d" % n for n in range(50)], TYPE)
        self.back()
        self.write(["latched %d" % n for n in range(50)], latched_by(b"/one"))
        self.write(["plain %d" % n for n in range(50, 60)], TYPE)
        wanted = ["plain %d" % n for n in range(50)] + ["latched %d" % n for n in range(50)]
        wanted += ["plain %d" % n for n in range(50, 60)]
        early.until(lambda: len(self.texts(early)) >= len(wanted), "all texts", PATIENCE)
        self.assertEqual(self.texts(early), wanted)
        late = self.far.listen([self.topic])
        self.assert_hears(late, ["latched 49"])


if __name__ == "__main__":
    run(RealLatched)
