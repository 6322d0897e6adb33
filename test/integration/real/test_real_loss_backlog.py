#!/usr/bin/python3
"""Outages during which messages collect on the disk: more of them than the memory holds, while the
disk or the spool gets full, while the node ends or dies and comes back."""

import os
import subprocess
import sys
import time
import unittest

import roslib.packages

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from loss_support import ProxiedLossTest, resident, run, say, times  # noqa: E402

MIB = 1 << 20
RATE = 4000  # messages per second
PADDING = 1000  # bytes a message
SMALL = {"in_flight_max_bytes": 4 * MIB, "queue_max_bytes": 4 * MIB}
DISK = 36 * MIB
# What a node may hold besides its queue and what is in flight: SQLite's cache, a block that is made
# and one that is sent, librdkafka's own copies of what it compresses.
SLACK = 32  # MiB


class Disk:
    """A small file system in memory at `path`, all but `room` bytes of it taken by a file."""

    def __init__(self, test, path, size, room):
        self._filler = os.path.join(path, "filler")
        command = ["mount", "-t", "tmpfs", "-o", "size=%d" % size, "tmpfs", path]
        mounted = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
        if mounted.returncode != 0:
            raise unittest.SkipTest("a small disk needs root: " + mounted.stderr.strip())
        test.addCleanup(subprocess.run, ["umount", "-l", path], check=True)
        with open(self._filler, "wb") as filler:
            os.posix_fallocate(filler.fileno(), 0, size - room)

    def free(self):
        os.unlink(self._filler)


class RealLossBacklog(ProxiedLossTest):
    def prepare(self, **keys):
        """A bridge that has delivered something and lost its line, and its publisher."""
        self.topic = self.topics(1)[0]
        bridge = self.bridge([self.topic], **dict(SMALL, **keys))
        numbers = self.numbers([self.topic], RATE, padding=PADDING)
        bridge.start()
        self.until_delivered(bridge)
        return bridge, numbers

    def finish(self, bridge, numbers, reasons=(), committed=False, **keys):
        """Ends all and accounts for it; what was dropped in the last life, for `reasons` only, and
        where a busy machine's disk does not keep pace with the messages."""
        sent = numbers.stop()
        bridge.settle()
        found = bridge.stop()
        dropped = sum(found[reason] for reason in {"queue_full", *reasons})
        self.assertEqual(found["dropped"], dropped, found)
        arrivals = self.arrivals([self.topic], committed)
        return self.account(sent, bridge, arrivals, dropped, **keys), arrivals[0]

    def until_spooled(self, bridge, more):
        before = bridge.totals()["spooled"]
        what = "%d more messages on the disk" % more
        return bridge.until(lambda found: found["spooled"] >= before + more, what)

    def test_longer_than_the_memory_holds(self):
        # Straight to the broker: the proxy is no measure of speed.
        kafka = self.kafka(**{"bootstrap.servers": self.broker})
        bridge, numbers = self.prepare(kafka=kafka)
        time.sleep(2)
        before = resident(bridge.process.pid)
        # Frozen, not killed: a broker that has just been started is slow.
        self.server.freeze()
        self.addCleanup(self.server.thaw)
        during = []
        for _ in range(times(12, 240)):
            time.sleep(1)
            during.append(resident(bridge.process.pid))
        sent = numbers.stop()
        found = bridge.until(lambda found: found["received"] >= sent, "all that was sent")
        self.assertEqual(found["dropped"], found["queue_full"], found)
        backlog = found["spooled"] + found["pending"]
        self.server.thaw()
        seconds = self.drain(bridge)
        after = resident(bridge.process.pid)
        say(
            "%s: %d MiB of messages on the disk; memory %.0f MiB before, %.0f during, %.0f after"
            % (self.name, backlog * PADDING / MIB, before, max(during), after)
        )
        say(
            "%s: drained %d messages at %.0f/s; a bare producer sends %.0f/s"
            % (self.name, backlog, backlog / seconds, self.bare_producer(backlog))
        )
        self.finish(bridge, numbers)
        self.assertLess(max(during + [after]), before + 8 + SLACK, "MiB; the backlog is in memory")

    def drain(self, bridge):
        """Seconds from the first delivery to the last."""
        delivered = bridge.totals()["delivered"]
        bridge.until(lambda found: found["delivered"] > delivered, "a delivery")
        began = time.monotonic()
        waiting = "an empty spool"
        bridge.until(lambda found: found["spooled"] + found["pending"] == 0, waiting, 300)
        return max(0.001, time.monotonic() - began)

    def bare_producer(self, count):
        """Records a second that librdkafka alone sends, of the same size."""
        program = roslib.packages.find_node("kafka_bridge", "bare_producer")[0]
        topic = self.name + ".bare"
        command = [program, self.broker, topic, str(count), str(PADDING + 60)]
        return count / float(subprocess.check_output(command, timeout=300))

    def test_disk_full_and_freed(self):
        disk = Disk(self, self.spool, DISK, DISK // 2)
        bridge, numbers = self.prepare()
        self.proxy.cut()
        found = bridge.until(lambda found: found["queue_full"] > 0, "a full disk")
        bridge.process.expect(self.spool)
        self.assertRegex(bridge.process.text, "(?i)disk|no space|no room")
        bridge.until(lambda now: now["queue_full"] > found["queue_full"] + RATE, "a full queue")
        disk.free()
        self.until_spooled(bridge, RATE)
        self.proxy.open()
        self.until_delivered(bridge, RATE)
        self.finish(bridge, numbers)

    def test_killed_while_the_disk_is_full(self):
        disk = Disk(self, self.spool, DISK, DISK // 2)
        bridge, numbers = self.prepare()
        self.proxy.cut()
        bridge.until(lambda found: found["queue_full"] > 0, "a full disk")
        last = numbers.stop()
        # What its queue held is gone with it, as is what it dropped: neither was accepted.
        found = bridge.kill()
        accepted = found["delivered"] + found["spooled"]
        # On the full disk it starts, or says why it does not.
        bridge.start()
        bridge.process.expect(self.spool)
        if bridge.process.is_running():
            bridge.kill()
        else:
            self.assertRegex(bridge.process.text, "(?i)disk|no space|no room")
        disk.free()
        self.proxy.open()
        bridge.start()
        bridge.settle()
        bridge.stop()
        arrivals = self.arrivals([self.topic])
        self.assertGreaterEqual(len(arrivals[0].distinct), accepted)
        self.assertEqual(len(arrivals[0].runs()), 1, arrivals[0].runs())
        self.account(last, bridge, arrivals, last - len(arrivals[0].distinct))

    def fill_the_spool(self, when_full, reason):
        bridge, numbers = self.prepare(spool={"max_bytes": 8 * MIB, "when_full": when_full})
        self.proxy.cut()
        bridge.until(lambda found: found[reason] > 2 * RATE, "a full spool")
        bridge.process.expect("max_bytes")
        numbers.stop()
        self.proxy.open()
        return bridge, numbers

    # On a busy machine the queue, of a second, is full too until the sender gave back what it had.

    def test_spool_full_and_the_oldest_dropped(self):
        bridge, numbers = self.fill_the_spool("drop_oldest", "spool_full")
        reasons = ["spool_full"]
        # The broker may have taken some that were dropped: the line was cut before it said so.
        _, arrived = self.finish(bridge, numbers, reasons, gapless=False, certain=False)
        self.assertEqual(max(arrived.distinct), numbers.count())

    def test_spool_full_and_the_newest_dropped(self):
        bridge, numbers = self.fill_the_spool("drop_newest", "spool_full")
        _, arrived = self.finish(bridge, numbers, ["spool_full"], gapless=False)
        first, last = arrived.runs()[0]
        self.assertGreater(last - first, RATE // 4, "what was there first is kept")
        self.assertLess(last, numbers.count())

    def test_spool_full_and_waited_for(self):
        bridge, numbers = self.fill_the_spool("block", "queue_full")
        self.finish(bridge, numbers)

    def test_ended_during_an_outage(self):
        bridge, numbers = self.prepare(shutdown_timeout=1)
        self.proxy.cut()
        self.until_spooled(bridge, RATE)
        numbers.stop()
        spooled = bridge.stop()["spooled"]
        self.assertGreaterEqual(spooled, RATE)
        # Once more, to no avail.
        bridge.start()
        self.assertEqual(bridge.totals()["restored"], spooled)
        self.assertEqual(bridge.stop()["spooled"], spooled)
        self.proxy.open()
        bridge.start()
        found = bridge.settle()
        self.assertEqual((found["restored"], found["delivered"]), (spooled, spooled))
        self.finish(bridge, numbers)

    def test_spilled_during_an_outage(self):
        """With durability: spill the disk is used while Kafka is away, also by what was on its way
        then."""
        bridge, numbers = self.prepare(spool={"durability": "spill"})
        for _ in range(2):
            # What was not taken in the first moments is on the disk until it is.
            bridge.until(lambda found: found["spooled"] == 0, "an empty spool")
            self.proxy.cut()
            self.until_spooled(bridge, RATE)
            self.proxy.open()
            self.until_delivered(bridge, RATE)
        self.finish(bridge, numbers)

    def killed_during_an_outage(self, committed=False, **keys):
        bridge, numbers = self.prepare(**keys)
        for _ in range(times(3, 20)):
            self.proxy.cut()
            self.until_spooled(bridge, self.random.randrange(RATE))
            bridge.kill()
            if self.random.random() < 0.3:
                self.proxy.open()
            bridge.start()
            bridge.until(lambda found: found["received"] > 0, "the first message")
        self.proxy.open()
        self.until_delivered(bridge)
        return self.finish(bridge, numbers, committed=committed)[0]

    def test_killed_during_an_outage(self):
        self.killed_during_an_outage()

    def test_killed_during_an_outage_exactly_once(self):
        doubled = self.killed_during_an_outage(committed=True, delivery="exactly_once")
        self.assertEqual(doubled, 0)


if __name__ == "__main__":
    run(RealLossBacklog)
