#!/usr/bin/python3
"""Malformed records among good ones: all good ones are published in order, all bad ones are dead
letters with the right reason and path and the original bytes."""

import base64
import json
import os
import random
import re
import sys

from nav_msgs.msg import Odometry

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from results_support import SEED, Records, ResultsTest, run, say, times  # noqa: E402

COUNT = times(10000, 100000)  # of each
PATIENCE = times(240, 1500)  # seconds


def vector(**more):
    return dict({"x": 0.5, "y": -1.0, "z": 1e-7}, **more)


def good(number):
    """A nav_msgs/Odometry as its JSON, with all members."""
    pose = {"position": vector(), "orientation": vector(w=1.0)}
    twist = {"linear": vector(), "angular": vector()}
    header = {"seq": number, "stamp": {"secs": 7, "nsecs": 8}, "frame_id": "odom"}
    return {
        "header": header,
        "child_frame_id": "base",
        "pose": {"pose": pose, "covariance": [0.0] * 36},
        "twist": {"twist": twist, "covariance": [0.25] * 36},
    }


def text(message):
    return json.dumps(message, separators=(",", ":")).encode()


def changed(number, change):
    message = good(number)
    change(message)
    return text(message)


def replaced(number, old, new):
    before = text(good(number))
    after = before.replace(old, new, 1)
    assert after != before
    return after


# Each: the value made from a number, the reason, the path.
KINDS = {
    "no JSON": (lambda n: b"no JSON %d" % n, "type", r"\$"),
    "cut off": (lambda n: text(good(n))[: 20 + n % 600], "truncated|syntax", r"\$.*"),
    "an array": (lambda n: b"[%d]" % n, "type", r"\$"),
    "trailing text": (lambda n: text(good(n)) + b"}", "trailing", r"\$"),
    "two values": (lambda n: text(good(n)) + b" " + text(good(n)), "trailing", r"\$"),
    "a number for a text": (
        lambda n: changed(n, lambda m: m.update(child_frame_id=n)),
        "type",
        r"\$\.child_frame_id",
    ),
    "a text for a number": (
        lambda n: changed(n, lambda m: m["pose"]["pose"]["position"].update(y="north")),
        "type",
        r"\$\.pose\.pose\.position\.y",
    ),
    "above its range": (
        lambda n: changed(n, lambda m: m["header"].update(seq=2**32)),
        "range",
        r"\$\.header\.seq",
    ),
    "below its range": (
        lambda n: changed(n, lambda m: m["header"].update(seq=-1)),
        "range",
        r"\$\.header\.seq",
    ),
    "a fraction": (
        lambda n: changed(n, lambda m: m["header"].update(seq=1.5)),
        "range",
        r"\$\.header\.seq",
    ),
    "an array too short": (
        lambda n: changed(n, lambda m: m["pose"]["covariance"].pop()),
        "length",
        r"\$\.pose\.covariance",
    ),
    "an array too long": (
        lambda n: changed(n, lambda m: m["twist"]["covariance"].append(0.0)),
        "length",
        r"\$\.twist\.covariance\[36\]",
    ),
    "an element of another type": (
        lambda n: changed(n, lambda m: m["pose"]["covariance"].__setitem__(7, {})),
        "type",
        r"\$\.pose\.covariance\[7\]",
    ),
    "a member missing": (
        lambda n: changed(n, lambda m: m["twist"]["twist"]["angular"].pop("z")),
        "missing",
        r"\$\.twist\.twist\.angular\.z",
    ),
    "a member too many": (
        lambda n: changed(n, lambda m: m["pose"].update(colour="red")),
        "unknown",
        r"\$\.pose\.colour",
    ),
    "a member twice": (
        lambda n: replaced(n, b'"child_frame_id":', b'"child_frame_id":"a","child_frame_id":'),
        "duplicate",
        r"\$\.child_frame_id",
    ),
    "no value": (lambda n: None, "missing", r"\$"),
    "an empty value": (lambda n: b"", "syntax|truncated", r"\$"),
    "deep nesting": (
        lambda n: replaced(n, b'"base"', b"[" * 5000 + b"]" * 5000),
        "type|limit",
        r"\$\.child_frame_id",
    ),
    "deep nesting in what is not wanted": (
        lambda n: replaced(n, b'"child', b'"more":' + b"[" * 5000 + b"]" * 5000 + b',"child'),
        "unknown|limit",
        r"\$\.more",
    ),
    "a huge number": (
        lambda n: replaced(n, b'"x":0.5', b'"x":1e999'),
        "range",
        r"\$\.pose\.pose\.position\.x",
    ),
    "a huge integer": (
        lambda n: replaced(n, b'"secs":7', b'"secs":1e99999999999999999999'),
        "range",
        r"\$\.header\.stamp\.secs",
    ),
    "no UTF-8": (lambda n: replaced(n, b'"base"', b'"b\xffse"'), "syntax", r"\$\.child_frame_id"),
    "a lone surrogate": (
        lambda n: replaced(n, b'"base"', b'"\\ud800"'),
        "syntax",
        r"\$\.child_frame_id",
    ),
    "a control character": (
        lambda n: replaced(n, b'"base"', b'"ba\x00se"'),
        "syntax",
        r"\$\.child_frame_id",
    ),
    "a name that is no UTF-8": (
        lambda n: replaced(n, b'"child_frame_id"', b'"\xfe\xff"'),
        "unknown|syntax",
        r"\$.*",
    ),
}


class RealResultsMalformed(ResultsTest):
    properties = dict(ResultsTest.properties, **{"num.partitions": "1"})

    def records(self):
        """The records in their order: [(key, value, headers)], and of each its kind or None."""
        shuffle = random.Random(SEED)
        kinds = list(KINDS) * (COUNT // len(KINDS) + 1)
        order = [None] * COUNT + kinds[:COUNT]
        shuffle.shuffle(order)
        keys = [None, b"", b"key", b"\x00\xff\n", b"k" * 100]
        found, number = [], 0
        for place, kind in enumerate(order):
            value = text(good(number)) if kind is None else KINDS[kind][0](place)
            number += kind is None
            headers = [{}, {"place": b"%d" % place}, {"none": None, "empty": b"", "b": b"\x00\xfe"}]
            found.append((keys[place % len(keys)], value, headers[place % 3]))
        return found, order

    def test_malformed_among_good(self):
        results = self.collector("/" + self.name, Odometry)
        self.server.create_topic(self.name)
        route = self.route(ros_type="nav_msgs/Odometry", strict=True)
        bridge = self.to_ros(route)
        records, order = self.records()
        writer = Records(self.broker, self.name)
        self.addCleanup(writer.close)
        writer.write(records)
        self.assertEqual(writer.finish(), len(records))
        found = self.settled(len(records), timeout=PATIENCE)
        bridge.until(lambda: len(results.messages) == COUNT, "the good ones", PATIENCE)
        letters = self.consume(self.name + ".dead_letter", COUNT, PATIENCE)
        self.check_good(results.messages)
        self.check_bad(records, order, letters)
        say(
            "%s: sent %d, arrived %d, lost 0, doubled 0; malformed %d, dead letters %d"
            % (self.name, COUNT, len(results.messages), COUNT, len(letters))
        )
        self.assertEqual((found["published"], found["dead-lettered"]), (COUNT, COUNT))
        self.assertEqual(len(self.consume(self.name + ".dead_letter")), COUNT)
        self.assertEqual(self.stop_and_account(bridge)["dead-lettered"], COUNT)

    def test_records_that_are_too_large_for_a_letter(self):
        """Base64 takes a third more, and the key stands in the letter twice."""
        self.server.create_topic(self.name)
        writer = Records(self.broker, self.name)
        self.addCleanup(writer.close)
        headers = {"h": b"1"}
        writer.write([(b"k", b"?" * 700000, headers), (b"k", b"?" * 800000, headers)])
        writer.write([(b"k" * 500000, b"?", headers), (b"k" * 999900, b"?", headers)])
        self.assertEqual(writer.finish(), 4)
        bridge = self.to_ros(self.route())
        letters = self.consume(self.name + ".dead_letter", 4)
        content = [record.json() for record in letters]
        self.assertEqual([len(record.key or b"") for record in letters], [1, 1, 500000, 0])
        self.assertEqual([letter["size"] for letter in content], [700000, 800000, 1, 1])
        everything = ["bytes", "headers", "key"]
        self.assertEqual(
            [letter.get("left_out") for letter in content],
            [None, ["bytes"], everything, everything],
        )
        self.assertEqual(base64.b64decode(content[0]["bytes"]), b"?" * 700000)
        self.assertEqual(content[1]["key"], "aw==")
        self.assertNotIn("key", content[2])
        self.assertEqual(self.stop_and_account(bridge)["dead-lettered"], 4)

    def check_good(self, messages):
        self.assertEqual([message.header.seq for message in messages], list(range(COUNT)))
        self.assertTrue(all(message.twist.covariance[35] == 0.25 for message in messages))

    def check_bad(self, records, order, letters):
        """Each bad record has its letter, in the records' order, and it holds all of it."""
        bad = [place for place, kind in enumerate(order) if kind]
        wrong = {}  # the first of each kind
        for place, record in zip(bad, letters):
            differing = list(self.differences(place, record, order[place], records[place]))
            if differing:
                wrong.setdefault(order[place], differing)
        self.assertEqual(wrong, {})
        spread = [record.timestamp for record in letters]
        print("%s: %d letters a second" % (self.name, COUNT * 1000 / (spread[-1] - spread[0] + 1)))

    def differences(self, place, record, kind, original):
        """What of a letter is not as it has to be: (name, found, expected)."""
        letter = record.json()
        key, value, headers = original
        _, reason, path = KINDS[kind]
        expected = {
            "offset": place,
            "partition": 0,
            "kafka_topic": self.name,
            "direction": "kafka_to_ros",
            "ros_topic": "/" + self.name,
            "ros_type": "nav_msgs/Odometry",
            "ros_md5sum": Odometry._md5sum,
            "content": "record",
            "size": len(value or b""),
            "key": encoded(key),
            "bytes": encoded(value),
            "headers": [{"name": n, "value": encoded(v)} for n, v in headers.items()],
        }
        for name in expected:
            if letter[name] != expected[name]:
                yield name, letter[name], expected[name]
        if record.key != key:
            yield "the letter's key", record.key, key
        for name, pattern in (("reason", reason), ("path", path)):
            if not re.match("^(%s)$" % pattern, letter[name]):
                yield name, letter[name], pattern, letter["text"]
        if not letter["text"] or letter["timestamp"] <= 0 or "left_out" in letter:
            yield "text, timestamp or left_out", letter, ""


def encoded(value):
    return None if value is None else base64.b64encode(value).decode()


if __name__ == "__main__":
    run(RealResultsMalformed)
