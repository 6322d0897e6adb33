#!/usr/bin/python3
"""ros_to_kafka is killed with SIGKILL again and again while a publisher goes on numbering: every
message that it had accepted is in Kafka, in order, under a number of its own; with delivery:
exactly_once none is there twice. What ROS did not hand over while it was down is counted as
missed."""

import os
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from loss_support import LossTest, run, say, times  # noqa: E402

RATE = 6000  # messages per second
TOPICS = 2


def accepted(found):
    """How many messages of this life the totals say were accepted."""
    return found["delivered"] + found["spooled"] - found["restored"]


class RealLossKills(LossTest):
    def prepare(self, **keys):
        topics = self.topics(TOPICS)
        return topics, self.bridge(topics, **keys), self.numbers(topics, RATE)

    def live(self, bridge, numbers, end):
        """A life, from its first accepted message to end(), which answers its totals: (the numbers
        that were published from its start to its end, how many messages it had accepted)."""
        before = numbers.count()
        bridge.start()
        bridge.until(lambda found: accepted(found) > 0, "the first message")
        found = end()
        return (before, numbers.count()), accepted(found)

    def kill(self, bridge):
        time.sleep(self.random.uniform(0, 1.2))
        return bridge.kill()

    def check_lives(self, arrivals, lives):
        """Of each life there is at least what it had accepted, and that without a hole."""
        for (before, last), least in lives:
            arrived = 0
            for one in arrivals:
                found = [number for number in one.distinct if before < number <= last]
                arrived += len(found)
                if found:
                    self.assertEqual(max(found) - min(found) + 1, len(found), one.runs())
            self.assertGreaterEqual(
                arrived, least, "between the numbers %d and %d" % (before, last)
            )

    def run_kills(self, kills, committed=False, **keys):
        topics, bridge, numbers = self.prepare(**keys)
        lives = [self.live(bridge, numbers, lambda: self.kill(bridge)) for _ in range(kills)]

        def end():
            time.sleep(1)
            numbers.stop()
            bridge.settle()
            return bridge.stop()

        lives.append(self.live(bridge, numbers, end))
        arrivals = self.arrivals(topics, committed)
        doubled = self.account(numbers.count() * len(topics), bridge, arrivals)
        self.check_lives(arrivals, lives)
        return doubled

    def test_at_least_once(self):
        self.run_kills(times(12, 100))

    def test_exactly_once(self):
        doubled = self.run_kills(times(12, 100), committed=True, delivery="exactly_once")
        self.assertEqual(doubled, 0)

    def test_killed_while_it_starts(self):
        """Lives that end before anything is known of them: what they counted as missed is not known
        either, but what they accepted is there."""
        topics, bridge, numbers = self.prepare()
        for _ in range(times(6, 50)):
            bridge.start()
            time.sleep(self.random.uniform(0.05, 1))
            bridge.kill(look=False)
        bridge.start()
        bridge.until(lambda found: found["received"] > 0, "the first message")
        sent = numbers.stop() * len(topics)
        bridge.settle()
        bridge.stop()
        arrivals = self.arrivals(topics)
        # Those that came before a life that ended at once are not told of: taken from the runs.
        gaps = [
            later[0] - earlier[1] - 1
            for one in arrivals
            for earlier, later in zip(one.runs(), one.runs()[1:])
        ]
        first = sum(one.runs()[0][0] - 1 for one in arrivals)
        self.assertLessEqual(bridge.missed, sum(gaps))
        say("%s: of %d missed, %d were told" % (self.name, sum(gaps), bridge.missed))
        bridge.missed = sum(gaps) + first
        self.account(sent, bridge, arrivals)


if __name__ == "__main__":
    run(RealLossKills)
