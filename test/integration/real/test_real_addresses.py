#!/usr/bin/python3
"""Addresses that lead nowhere: nobody there, somebody else there, and a broker that advertises an
address which cannot be reached. Both nodes say which address it is and why."""

import os
import socket
import sys
import threading

from std_msgs.msg import Int64

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from real_support import (  # noqa: E402
    RealBridgeTest,
    free_port,
    run,
    troubles,
    wait_until,
)

NOWHERE = "127.0.0.1:9"  # discard: nobody serves it


class Stranger:
    """A server on loopback that answers whatever it is told with a line of its own protocol."""

    def __init__(self, words):
        self.connections = 0
        self._words = words
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = "127.0.0.1:%d" % self._listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                peer = self._listener.accept()[0]
            except OSError:
                return
            self.connections += 1
            with peer:
                peer.recv(4096)
                peer.sendall(self._words)

    def close(self):
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


class RealAddresses(RealBridgeTest):
    properties = {"advertised.listeners": "CLIENT://" + NOWHERE}

    def both(self, address):
        kafka = {"bootstrap.servers": address}
        there = self.to_kafka(
            {"ros_topic": "/" + self.name, "kafka_topic": self.name},
            kafka=kafka,
            shutdown_timeout=1,
        )
        back = self.to_ros(
            {"kafka_topic": self.name, "ros_type": "std_msgs/Int64"}, name="back", kafka=kafka
        )
        self.publisher("/" + self.name, Int64).publish(1)
        return there, back

    def check(self, there, back, *words):
        for process, clients in ((there, 1), (back, 3)):
            for word in words:
                process.expect(word)
            self.assertLessEqual(len(troubles(process)), clients, "a flood:\n" + process.text)
        wait_until(lambda: self.totals()["spooled"] == 1, what="a message in the spool")
        self.assertEqual(self.stop_and_account(there)["spooled"], 1)
        self.assertEqual(self.stop_and_account(back)["received"], 0)

    def test_nobody_is_there(self):
        address = "127.0.0.1:%d" % free_port()
        there, back = self.both(address)
        self.check(there, back, "Kafka broker %s cannot be reached" % address, "refused")

    def test_a_name_that_nobody_has(self):
        there, back = self.both("robot.invalid:9092")
        self.check(there, back, "Kafka broker robot.invalid:9092 cannot be reached", "resolve")

    def test_somebody_else_is_there(self):
        stranger = Stranger(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")
        self.addCleanup(stranger.close)
        there, back = self.both(stranger.address)
        wait_until(lambda: stranger.connections > 10, what="several attempts")
        self.check(
            there,
            back,
            "Kafka broker %s cannot be reached" % stranger.address,
            'what answers there is not Kafka, its answer begins with "HTTP"',
        )

    def test_an_advertised_address_that_cannot_be_reached(self):
        there, back = self.both(self.broker)
        self.check(
            there,
            back,
            "the Kafka broker at %s answered" % self.broker,
            "the address that it advertises, %s, cannot be reached" % NOWHERE,
            "set advertised.listeners",
        )


if __name__ == "__main__":
    run(RealAddresses)
