#!/usr/bin/python3
"""The broker is killed and started again, frozen for longer than its clients wait, and the line to
it is cut, held and slowed down, all under load: nothing is lost, and with delivery: exactly_once
nothing is there twice."""

import os
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from loss_support import ProxiedLossTest, run, times  # noqa: E402

RATE = 4000  # messages per second
# So that a silent broker is given up in seconds; the defaults are a minute and half a minute.
IMPATIENT = {"socket.timeout.ms": 2000, "request.timeout.ms": 1500}
UNPACKED = dict(IMPATIENT, **{"compression.codec": "none"})
SILENCE = 5  # seconds; longer than those


class RealLossBroker(ProxiedLossTest):
    def under_load(self, trouble, **keys):
        """Runs trouble(bridge) while numbers are published; how many were doubled."""
        topics = self.topics(2)
        bridge = self.bridge(topics, **keys)
        numbers = self.numbers(topics, RATE, padding=300)
        bridge.start()
        self.until_delivered(bridge)
        trouble(bridge)
        self.until_delivered(bridge)
        sent = numbers.stop() * len(topics)
        bridge.settle()
        bridge.stop()
        committed = keys.get("delivery") == "exactly_once"
        doubled = self.account(sent, bridge, self.arrivals(topics, committed))
        self.assertEqual(bridge.missed, 0)
        return doubled

    def kill_broker(self, bridge, kills):
        for _ in range(kills):
            time.sleep(self.random.uniform(0, 1.5))
            self.server.kill()
            time.sleep(self.random.uniform(0, 1))
            self.server.start()
            self.until_delivered(bridge)

    def freeze_broker(self, bridge):
        self.server.freeze()
        try:
            time.sleep(SILENCE)
        finally:
            self.server.thaw()

    def trouble_the_line(self, bridge, rounds):
        def hold():
            self.proxy.hold()
            time.sleep(SILENCE)

        def cut():
            self.proxy.cut()
            time.sleep(self.random.uniform(0, 2))

        def reset():
            for _ in range(20):
                self.proxy.reset()
                time.sleep(self.random.uniform(0, 0.2))

        def slow():
            self.proxy.slow(200000)
            time.sleep(4)

        troubles = [hold, cut, reset, slow] * rounds
        self.random.shuffle(troubles)
        for trouble in troubles:
            trouble()
            self.proxy.open()
            self.until_delivered(bridge)

    def test_broker_killed(self):
        self.under_load(lambda bridge: self.kill_broker(bridge, times(3, 20)))

    def test_broker_killed_exactly_once(self):
        doubled = self.under_load(
            lambda bridge: self.kill_broker(bridge, times(1, 20)), delivery="exactly_once"
        )
        self.assertEqual(doubled, 0)

    def test_broker_frozen(self):
        self.under_load(self.freeze_broker, kafka=self.kafka(**IMPATIENT))

    def test_broker_frozen_exactly_once(self):
        """Longer than its transaction lasts too: the broker ends it by itself."""
        patience = dict(IMPATIENT, **{"transaction.timeout.ms": 3000})
        doubled = self.under_load(
            self.freeze_broker, kafka=self.kafka(**patience), delivery="exactly_once"
        )
        self.assertEqual(doubled, 0)

    def test_line_in_trouble(self):
        self.under_load(
            lambda bridge: self.trouble_the_line(bridge, times(1, 10)),
            kafka=self.kafka(**UNPACKED),
        )

    def test_line_in_trouble_exactly_once(self):
        doubled = self.under_load(
            lambda bridge: self.trouble_the_line(bridge, times(1, 10)),
            kafka=self.kafka(**UNPACKED),
            delivery="exactly_once",
        )
        self.assertEqual(doubled, 0)


if __name__ == "__main__":
    run(RealLossBroker)
