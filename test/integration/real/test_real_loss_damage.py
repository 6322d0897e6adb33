#!/usr/bin/python3
"""The spool's files are damaged between a kill and the next start, and a second node wants the same
spool."""

import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from loss_support import ProxiedLossTest, node, run, say, times  # noqa: E402

RATE = 3000  # messages per second
PADDING = 300
KINDS = ("truncated", "flipped", "zeroed", "removed")
STRETCH = 4096  # bytes that are zeroed


class RealLossDamage(ProxiedLossTest):
    def damage(self, path, kind):
        """Damages a file somewhere; says how."""
        size = os.path.getsize(path)
        place = self.random.randrange(max(1, size))
        if kind == "removed":
            os.unlink(path)
        elif kind == "truncated":
            os.truncate(path, place)
        elif size > 0:
            with open(path, "r+b") as file:
                for _ in range(1 if kind == "zeroed" else self.random.randint(1, 20)):
                    file.seek(place)
                    old = file.read(STRETCH if kind == "zeroed" else 1)
                    file.seek(place)
                    flipped = bytes([old[0] ^ 1 << self.random.randrange(8)])
                    file.write(flipped if kind == "flipped" else bytes(len(old)))
                    place = self.random.randrange(size)
        return "%s %s at %d of %d" % (os.path.basename(path), kind, place, size)

    def choose(self, directory):
        """A file of the spool's, most often one with messages in it, and what is done to it."""
        files = sorted(os.listdir(directory))
        files += [name for name in files if name.endswith((".db", ".db-wal"))] * 3
        self.assertTrue(files, "nothing in " + directory)
        return os.path.join(directory, self.random.choice(files)), self.random.choice(KINDS)

    def damaged_round(self, number):
        """A backlog, a kill, a damaged file, and a start: (what was damaged, messages lost)."""
        self.name = "%s_%d" % (self._testMethodName, number)
        directory = os.path.join(self.spool, "%d" % number)
        topic = self.topics(1)[0]
        bridge = self.bridge([topic], spool={"directory": directory})
        numbers = self.numbers([topic], RATE, padding=PADDING, name="numbers_%d" % number)
        bridge.start()
        self.until_delivered(bridge)
        self.proxy.cut()
        backlog = self.random.randrange(2 * RATE)
        bridge.until(lambda found: found["spooled"] >= backlog, "a backlog")
        before = bridge.kill()
        path, kind = self.choose(directory)
        what = self.damage(path, kind)
        print("%s: %s" % (self.name, what), flush=True)
        self.proxy.open()
        bridge.start()
        # It goes on, whatever was lost.
        bridge.until(lambda found: found["received"] > RATE // 4, "new messages after " + what)
        sent = numbers.stop()
        bridge.settle()
        after = bridge.stop()
        arrivals = self.arrivals([topic])[0]
        self.assertEqual(arrivals.faults[:5], [], what)
        accepted = before["delivered"] + before["spooled"]
        old = len([one for one in arrivals.distinct if one <= accepted])
        lost = max(0, accepted - old)
        self.check_told(bridge, what, lost)
        numbers.end()
        say(
            "%s: %s: sent %d, arrived %d, lost %d, doubled %d, missed %d"
            % (
                self.name,
                what,
                sent,
                len(arrivals.distinct),
                lost,
                arrivals.doubled(),
                after["missed upstream"],
            )
        )
        return lost

    def check_told(self, bridge, what, lost):
        """No fewer are said to be lost than are: some of those that the spool lost may have been
        delivered before."""
        text = bridge.process.text
        told = sum(int(number) for number in re.findall(r"(\d+)(?: records)? are lost", text))
        told_of = "%s, %d of the accepted are lost, and it says:\n%s" % (what, lost, text)
        self.assertTrue(told >= lost or "cannot be told for certain" in text, told_of)

    def test_damaged_files(self):
        for number in range(times(6, 100)):
            with self.subTest(round=number):
                self.damaged_round(number)

    def test_two_nodes_on_one_spool(self):
        topics = self.topics(1)
        bridge = self.bridge(topics)
        numbers = self.numbers(topics, RATE)
        bridge.start()
        self.until_delivered(bridge)
        second = node("ros_to_kafka", "_config:=" + bridge.path, "__name:=second")
        self.addCleanup(self.end, second)
        self.assertEqual(second.wait(), 1, second.text)
        self.assertIn(self.spool, second.text)
        self.assertRegex(second.text, r"\b%d\b" % bridge.process.pid)
        self.until_delivered(bridge)
        sent = numbers.stop()
        bridge.settle()
        bridge.stop()
        self.account(sent, bridge, self.arrivals(topics))


if __name__ == "__main__":
    run(RealLossDamage)
