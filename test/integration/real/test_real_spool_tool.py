#!/usr/bin/python3
"""rosrun kafka_bridge spool: what a node has left on the disk is listed, shown, exported and sent,
and the originals of dead letters are sent again after a fix."""

import base64
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from roslib.packages import find_node
from std_msgs.msg import Int64, String

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.path.insert(0, os.path.dirname(HERE))
from kafka_broker import end_offsets  # noqa: E402
from loss_support import say, times  # noqa: E402
from real_support import (  # noqa: E402
    RealBridgeTest,
    free_port,
    produce_lines,
    run,
    wait_until,
)

MALFORMED = times(2000, 10000)  # records, among as many good ones
LETTERS = 6000  # of the run that is interrupted
BEGAN = int(time.time() * 1000) - 3600000  # of letters: Kafka deletes what is a week old
TIMEOUT = 90  # s, of one run of the tool
NOTHING = "0 letters, 0 sent, 0 skipped, 0 failed"
# How soon a topic that is not there is taken for one that will not come: librdkafka has 30 s.
IMPATIENT = ["--property", "topic.metadata.propagation.max.ms=500"]


def facts(record):
    """What is to be the same when a record is sent again."""
    return (record.key, record.value, record.timestamp, tuple(record.header_list))


def letter(topic, number, **members):
    """A line for a dead-letter topic, about a record that a strict reader did not take."""
    text = base64.b64encode(b"%d" % number).decode()
    return json.dumps(
        dict(
            {
                "reason": "syntax",
                "text": "found nothing",
                "path": "$",
                "position": 0,
                "direction": "kafka_to_ros",
                "kafka_topic": topic,
                "timestamp": BEGAN + number,
                "key": None,
                "headers": [],
                "content": "record",
                "size": len(text),
                "bytes": text,
            },
            **members,
        )
    )


class RealSpoolTool(RealBridgeTest):
    # A topic that is missing stays missing, so that what is sent there fails.
    properties = {"auto.create.topics.enable": "false"}

    def setUp(self):
        super().setUp()
        self.directory = tempfile.mkdtemp(prefix="spool_tool.")
        self.addCleanup(shutil.rmtree, self.directory)

    def command(self, *arguments):
        return [find_node("kafka_bridge", "spool")[0], *arguments]

    def spool(self, *arguments, status=0, environment=None):
        """Runs the tool to its end: (what it wrote, what it said)."""
        done = subprocess.run(
            self.command(*arguments),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            timeout=TIMEOUT,
            check=False,
            env=dict(os.environ, **(environment or {})),
        )
        words = "%s\n%s" % (done.stdout, done.stderr)
        self.assertEqual(done.returncode, status, words)
        return done.stdout, done.stderr

    def send(self, place, *arguments, status=0):
        connection = ["--directory", self.directory, "--bootstrap-servers", self.broker]
        return self.spool("send", place, *connection, *arguments, status=status)

    def resend(self, *arguments, status=0, topic=None, environment=None):
        """The last line of a run."""
        out, _ = self.spool(
            "resend",
            (topic or self.name) + ".dead_letter",
            "--bootstrap-servers",
            self.broker,
            *arguments,
            status=status,
            environment=environment,
        )
        return out.splitlines()[-1]

    def export(self, *arguments):
        """What an export says, line by line."""
        out, _ = self.spool("export", *arguments)
        return [json.loads(line) for line in out.splitlines()]

    def listed(self):
        """{robot: [records, state]} of the spools in this test's directory."""
        out, _ = self.spool("list", self.directory)
        rows = re.findall(r"(?m)^(\w+) +([0-9,?]+) +[0-9,?]+ +\S+ +\S+ +(\S.*)$", out)
        return {robot: [records, state] for robot, records, state in rows if robot != "robot"}

    def fill(self, **counts):
        """Leaves a spool with so many records for each topic, which a node could not send."""
        self.server.stop()
        bridge = self.to_kafka(
            *({"ros_topic": "/" + topic, "kafka_topic": topic} for topic in counts),
            spool={"directory": self.directory},
            shutdown_timeout=0.5,
        )
        for topic, count in counts.items():
            publisher = self.publisher("/" + topic, Int64)
            for i in range(count):
                publisher.publish(i)
        total = sum(counts.values())
        wait_until(lambda: self.totals().get("spooled") == total, what="%d spooled" % total)
        return bridge

    def start_broker(self, *topics):
        self.server.start()
        for topic in topics:
            self.server.create_topic(topic)

    def check_topic(self, topic, count):
        """It holds 0, 1, 2, … in order, with the ids that their node gave them."""
        records = self.consume(topic, count)
        self.assertEqual([record.json() for record in records], [{"data": i} for i in range(count)])
        ids = [record.headers["id"].decode() for record in records]
        self.assertEqual(ids, ["warty/%s/%d" % (topic, i) for i in range(count)])
        self.assertEqual({record.headers["ros_type"] for record in records}, {b"std_msgs/Int64"})
        self.assertEqual(end_offsets(self.broker, topic), [count])

    def test_what_a_node_left(self):
        one, other = self.name + "_1", self.name + "_2"
        bridge = self.fill(**{one: 300, other: 200})
        # While the node has it, it can be looked at and not taken.
        self.assertEqual(self.listed(), {"warty": ["500", "in use by %d" % bridge.pid]})
        lines = self.export("warty", "--directory", self.directory)
        self.assertEqual(len(lines), 500)
        _, said = self.send("warty", status=1)
        self.assertIn("is in use by process %d, which sends it" % bridge.pid, said)
        bridge.stop()
        self.assertEqual(self.listed(), {"warty": ["500", "free"]})

        lines = self.export("warty", "--directory", self.directory, "--topic", other)
        self.assertEqual([line["value"] for line in lines], ['{"data":%d}' % i for i in range(200)])
        line = lines[7]
        self.assertEqual(line["id"], "warty/%s/7" % other)
        self.assertEqual(line["key"], "/" + other)
        self.assertEqual(line["ros_md5sum"], Int64._md5sum)
        self.assertIn({"name": "id", "value": line["id"]}, line["headers"])
        shown, _ = self.spool("show", "warty", "--directory", self.directory, "--limit", "2")
        self.assertEqual(len(shown.splitlines()), 4, shown)
        self.assertRegex(shown, r"warty/%s/0  20\S+Z  %s  /%s \(std_msgs/Int64\)" % (one, one, one))

        self.start_broker(one, other)
        out, _ = self.send("warty")
        self.assertIn("500 records, 500 delivered, 0 dead-lettered, 0 failed, 0 left", out)
        self.assertEqual(self.listed(), {"warty": ["0", "free"]})
        self.check_topic(one, 300)
        self.check_topic(other, 200)
        out, _ = self.send("warty")
        self.assertIn("0 records", out)

        # The node goes on where the ids were.
        self.to_kafka(
            {"ros_topic": "/" + one, "kafka_topic": one}, spool={"directory": self.directory}
        )
        self.publisher("/" + one, Int64).publish(7)
        last = self.consume(one, 301)[-1]
        self.assertEqual(last.headers["id"].decode(), "warty/%s/300" % one)

    def test_a_damaged_spool(self):
        count = 2000
        self.fill(**{self.name: count}).stop()
        path = os.path.join(self.directory, "warty.db")
        with open(path, "rb") as file:
            content = file.read()
        for first in (100, 1000, 1900):
            # One that lies whole in a page of the file.
            values = (b'{"data":%d}' % number for number in range(first, first + 50))
            value = next(value for value in values if value in content)
            content = content.replace(value, b"?" * len(value))
        with open(path, "wb") as file:
            file.write(content)
        self.start_broker(self.name, self.name + ".dead_letter")
        out, said = self.send("warty", status=1)
        self.assertIn("damaged", said)
        numbers = [int(text.replace(",", "")) for text in re.findall(r"([0-9,]+) [rdfl]", out)]
        self.assertEqual(numbers[0], count, out)
        delivered = numbers[1]
        say("a damaged spool: " + out.strip())
        self.assertIn("%s lost" % format(count - delivered, ","), out)
        self.assertGreater(delivered, 0, said)
        self.assertEqual(end_offsets(self.broker, self.name), [delivered])
        self.assertEqual(self.listed()["warty"], ["?", "damaged, set aside"])
        names = os.listdir(self.directory)
        aside = next(name for name in names if re.search(r"\.damaged-[^-]+$", name))
        _, said = self.send(aside, status=1)
        self.assertIn("what could be read of it is in the spool that took its place", said)
        self.assertEqual(end_offsets(self.broker, self.name), [delivered])

    def results(self, **keys):
        return self.to_ros(
            dict(
                {"kafka_topic": self.name, "ros_topic": "/seen", "ros_type": "std_msgs/String"},
                **keys,
            )
        )

    def test_malformed_results_after_a_fix(self):
        self.server.create_topic(self.name)
        self.server.create_topic(self.name + ".dead_letter")
        seen = self.collector("/seen", String)
        bridge = self.results()
        good = ['{"data":"good %d"}' % i for i in range(MALFORMED)]
        # No JSON, and no text where the message has one.
        bad = ["bad %d" % i if i % 4 else '{"data":%d}' % i for i in range(MALFORMED)]
        produce_lines(self.server, self.name, [line for pair in zip(good, bad) for line in pair])
        seen.wait(MALFORMED)
        wait_until(
            lambda: end_offsets(self.broker, self.name + ".dead_letter") == [MALFORMED],
            120,
            "%d letters" % MALFORMED,
        )
        bridge.stop()
        self.assertEqual(
            [message.data for message in seen.messages], ["good %d" % i for i in range(MALFORMED)]
        )

        types = len([line for line in bad if line.startswith("{")])
        number = format(MALFORMED, ",")
        exported = self.export(
            "--dead-letters", self.name + ".dead_letter", "--bootstrap-servers", self.broker
        )
        self.assertEqual([line["value"] for line in exported], bad)
        self.assertEqual([line["offset"] for line in exported[:3]], [1, 3, 5])
        self.assertEqual(exported[1]["letter"]["reason"], "syntax")
        text = self.resend("--dry-run")
        self.assertEqual(text, "%s letters, %s to send, 0 skipped, 0 failed" % (number, number))

        # The fix, and what a reader sees of it: the node stands where it was.
        fixed = self.results(format="text")
        # Each reason has a memory of its own, which that of all does not know.
        sent, rest = format(types, ","), format(MALFORMED - types, ",")
        self.assertIn("%s sent, %s skipped" % (sent, rest), self.resend("--reason", "type"))
        self.assertEqual(self.resend("--reason", "type"), NOTHING)
        self.assertIn("%s sent, %s skipped" % (rest, sent), self.resend("--reason", "syntax"))
        text = self.resend("--dry-run")
        self.assertEqual(text, "%s letters, %s to send, 0 skipped, 0 failed" % (number, number))
        seen.wait(2 * MALFORMED)
        arrived = [message.data for message in seen.messages[MALFORMED:]]
        self.assertEqual(sorted(arrived), sorted(bad))
        fixed.stop()
        records = self.consume(self.name)
        self.assertEqual(
            sorted(map(facts, records[1 : 2 * MALFORMED : 2])),
            sorted(map(facts, records[2 * MALFORMED :])),
        )
        say(
            "%d malformed among %d good ones: %d letters, %d sent again, %d arrived, %d doubled"
            % (
                MALFORMED,
                MALFORMED,
                MALFORMED,
                len(records) - 2 * MALFORMED,
                len(arrived),
                len(arrived) - len(set(arrived)),
            )
        )

    def test_what_failed_is_tried_again(self):
        self.server.create_topic(self.name + ".dead_letter")
        lines = [letter(self.name, i) for i in range(20)] + ["no letter"]
        produce_lines(self.server, self.name + ".dead_letter", lines)
        text = self.resend(*IMPATIENT, status=1)
        self.assertEqual(text, "21 letters, 0 sent, 1 skipped (1 no dead letter), 20 failed")
        self.server.create_topic(self.name)
        self.assertEqual(self.resend("--limit", "5"), "5 letters, 5 sent, 0 skipped, 0 failed")
        text = self.resend()
        self.assertEqual(text, "16 letters, 15 sent, 1 skipped (1 no dead letter), 0 failed")
        self.assertEqual(self.resend(), NOTHING)
        values = [record.value for record in self.consume(self.name, 20)]
        self.assertEqual(values, [b"%d" % i for i in range(20)])
        # Parts of it again, of which nothing is remembered.
        text = self.resend("--from", "3", "--to", "5")
        self.assertEqual(text, "2 letters, 2 sent, 0 skipped, 0 failed")
        text = self.resend("--group", "another", "--from", "10", "--to", "12")
        self.assertEqual(text, "2 letters, 2 sent, 0 skipped, 0 failed")
        text = self.resend("--group", "another", "--to", "15")
        self.assertEqual(text, "15 letters, 15 sent, 0 skipped, 0 failed")
        text = self.resend("--group", "another")
        self.assertEqual(text, "6 letters, 5 sent, 1 skipped (1 no dead letter), 0 failed")
        self.assertEqual(self.resend(), NOTHING)
        records = self.consume(self.name, 44)
        values = [b"%d" % i for i in [3, 4, 10, 11, *range(20)]]
        self.assertEqual([record.value for record in records[20:]], values)
        self.assertEqual([record.timestamp for record in records[20:22]], [BEGAN + 3, BEGAN + 4])
        self.resend("--from", "0", "--to", "1", "--now")
        self.assertGreater(self.consume(self.name, 45)[-1].timestamp, BEGAN + 3600000 - 1)

    def test_one_that_fails_among_others(self):
        self.server.create_topic(self.name)
        self.server.create_topic(self.name + ".dead_letter")
        topics = [self.name] * 6
        topics[3] += "_missing"
        lines = [letter(topic, i) for i, topic in enumerate(topics)]
        produce_lines(self.server, self.name + ".dead_letter", lines)
        text = self.resend(*IMPATIENT, status=1)
        self.assertEqual(text, "6 letters, 5 sent, 0 skipped, 1 failed")
        # It is tried again, and so is what lies behind it.
        text = self.resend(*IMPATIENT, status=1)
        self.assertEqual(text, "3 letters, 2 sent, 0 skipped, 1 failed")
        text = self.resend(*IMPATIENT, "--skip-failed", "--limit", "1", status=1)
        self.assertEqual(text, "1 letter, 0 sent, 0 skipped, 1 failed")
        self.assertEqual(self.resend(), "2 letters, 2 sent, 0 skipped, 0 failed")
        self.assertEqual(self.resend(), NOTHING)
        values = [record.value for record in self.consume(self.name, 9)]
        self.assertEqual(values, [b"%d" % i for i in [0, 1, 2, 4, 5, 4, 5, 4, 5]])
        self.server.create_topic(topics[3])
        text = self.resend("--from", "3", "--limit", "1")
        self.assertEqual(text, "1 letter, 1 sent, 0 skipped, 0 failed")
        self.assertEqual([record.value for record in self.consume(topics[3], 1)], [b"3"])

    def test_one_that_is_too_large_fails_alone(self):
        self.server.create_topic(self.name, max_message_bytes=1000)
        self.server.create_topic(self.name + ".dead_letter")
        large = base64.b64encode(os.urandom(5000)).decode()
        lines = [letter(self.name, i, **({"bytes": large} if i == 2 else {})) for i in range(50)]
        produce_lines(self.server, self.name + ".dead_letter", lines)
        text = self.resend(status=1)
        self.assertEqual(text, "50 letters, 49 sent, 0 skipped, 1 failed")

    def test_times_choose_letters(self):
        self.server.create_topic(self.name)
        self.server.create_topic(self.name + ".dead_letter")
        produce_lines(self.server, self.name + ".dead_letter", [letter(self.name, 1)])
        before = self.consume(self.name + ".dead_letter", 1)[0].timestamp
        wait_until(lambda: time.time() * 1000 > before + 2000, what="two seconds")
        produce_lines(self.server, self.name + ".dead_letter", [letter(self.name, 2)])
        between = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(before / 1000 + 1.5))
        topic = ["--dead-letters", self.name + ".dead_letter", "--bootstrap-servers", self.broker]
        self.assertEqual([line["value"] for line in self.export(*topic, "--from", between)], ["2"])
        self.assertEqual([line["value"] for line in self.export(*topic, "--to", between)], ["1"])
        self.assertIn("1 sent", self.resend("--from", between))
        self.assertEqual([record.value for record in self.consume(self.name, 1)], [b"2"])

    def interrupted_run(self):
        """Ends a run with Ctrl-C once it has sent something; how much it says that was."""
        command = self.command("resend", self.name + ".dead_letter")
        began = end_offsets(self.broker, self.name)
        running = subprocess.Popen(
            command + ["--bootstrap-servers", self.broker],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            encoding="utf-8",
        )
        self.addCleanup(running.stdout.close)
        wait_until(
            lambda: running.poll() is not None or end_offsets(self.broker, self.name) != began,
            30,
            "something that was sent",
        )
        running.send_signal(signal.SIGINT)
        out, _ = running.communicate(timeout=TIMEOUT)
        return int(re.search(r", ([0-9,]+) sent", out).group(1).replace(",", ""))

    def test_a_run_that_is_interrupted(self):
        self.server.create_topic(self.name)
        self.server.create_topic(self.name + ".dead_letter")
        lines = [letter(self.name, i) for i in range(LETTERS)]
        produce_lines(self.server, self.name + ".dead_letter", lines)
        sent = [self.interrupted_run()]
        while sum(sent) < LETTERS and len(sent) < 50:
            sent.append(self.interrupted_run())
        say("interrupted: %d letters in %d runs, %d sent" % (LETTERS, len(sent), sum(sent)))
        self.assertGreater(len(sent), 1, "it was too quick to be interrupted")
        values = [int(record.value) for record in self.consume(self.name, LETTERS)]
        self.assertEqual(values, list(range(LETTERS)), "each once and in order")
        self.assertEqual(sum(sent), LETTERS)

    def test_messages_go_to_ros_again(self):
        self.server.create_topic(self.name)
        self.server.create_topic(self.name + ".dead_letter")
        route = {"ros_topic": "/" + self.name, "kafka_topic": self.name}
        bridge = self.to_kafka(route, message_max_bytes=1024, spool={"directory": self.directory})
        texts = ["%d" % i * 2000 for i in range(5)]
        publisher = self.publisher("/" + self.name, String)
        for text in texts:
            publisher.publish(text)
        letters = self.consume(self.name + ".dead_letter", len(texts))
        self.assertEqual({record.json()["content"] for record in letters}, {"message"})
        bridge.stop()
        publisher.unregister()

        # Neither a ROS master nor a bridge: nothing is done, nothing is forgotten.
        away = {"ROS_MASTER_URI": "http://127.0.0.1:%d" % free_port()}
        text = self.resend(status=1, environment=away)
        self.assertIn("0 sent, 0 skipped, 0 failed, 1 not done", text)
        text = self.resend("--limit", "1", status=1)
        self.assertEqual(text, "1 letter, 0 sent, 0 skipped, 1 failed")

        self.to_kafka(route, spool={"directory": self.directory})
        text = self.resend()
        self.assertEqual(text, "5 letters, 5 sent, 0 skipped, 0 failed")
        values = [record.json()["data"] for record in self.consume(self.name, len(texts))]
        self.assertEqual(values, texts)


if __name__ == "__main__":
    run(RealSpoolTool)
