"""Very many publishers in one process, spoken by hand: the slave API and TCPROS as far as a
subscriber needs them."""

import os
import select
import socket
import struct
import threading
import xmlrpc.client
import xmlrpc.server

from bridge_support import serialized


def header(fields):
    lines = [("%s=%s" % field).encode() for field in fields.items()]
    body = b"".join(struct.pack("<I", len(line)) + line for line in lines)
    return struct.pack("<I", len(body)) + body


def split_header(body):
    while body:
        size = struct.unpack("<I", body[:4])[0]
        yield body[4 : 4 + size]
        body = body[4 + size :]


class SlaveServer(xmlrpc.server.SimpleXMLRPCServer):
    request_queue_size = 1000
    allow_reuse_address = True


class StubPublishers:
    """`count` nodes that publish `topics`, each node at an address of its own (127.0.1.1, …), so
    that a subscriber takes them for many. The n-th connection is answered with the n-th of `kinds`
    by turns, from a publisher of its own; one that asks for another type is refused, as publishers
    do, and counted in `refused`. With `answers` False nobody is answered until answer()."""

    def __init__(self, topics, count, kinds, answers=True):
        self.connections = []  # that were answered
        self.refused = 0
        self.nodelay = {}  # by topic, what subscribers asked for last
        self.waiting = []
        self.most_open = 0  # of those that wait, how many were open at once
        self._topics = topics
        self._kinds = kinds
        self._answers = answers
        self._closed = False
        self._listener = socket.socket()
        self._listener.bind(("127.0.0.1", 0))
        self._listener.listen(4096)
        self._slave = SlaveServer(("0.0.0.0", 0), logRequests=False)
        self._slave.register_function(self._request_topic, "requestTopic")
        port = self._slave.server_address[1]
        self._uris = [
            "http://127.0.%d.%d:%d/" % (1 + number // 250, 1 + number % 250, port)
            for number in range(count)
        ]
        self._prefix = "/stub%d_" % port
        self._threads = [
            threading.Thread(target=self._slave.serve_forever, daemon=True),
            threading.Thread(target=self._accept, daemon=True),
        ]
        for thread in self._threads:
            thread.start()
        self._master = xmlrpc.client.ServerProxy(os.environ["ROS_MASTER_URI"])
        for number, uri in enumerate(self._uris):
            for topic in topics:
                kind = kinds[number % len(kinds)]
                self._master.registerPublisher(self._prefix + str(number), topic, kind._type, uri)

    def _request_topic(self, _caller, _topic, _protocols):
        return [1, "", ["TCPROS", "127.0.0.1", self._listener.getsockname()[1]]]

    def _accept(self):
        while not self._closed:
            if select.select([self._listener], [], [], 0.1)[0]:
                self.waiting.append(self._listener.accept()[0])
                open_ones = [one for one in self.waiting if not self._ended(one)]
                self.most_open = max(self.most_open, len(open_ones))
            if self._answers:
                self.answer()

    @staticmethod
    def _ended(connection):
        """Whether the subscriber has given it up: behind its header there is the end."""
        poll = select.poll()
        poll.register(connection, select.POLLRDHUP)
        return bool(poll.poll(0))

    def answer(self):
        """Answers those that wait; how many there were."""
        answered, self.waiting = self.waiting, []
        for connection in answered:
            try:
                size = struct.unpack("<I", connection.recv(4, socket.MSG_WAITALL))[0]
                asked = connection.recv(size, socket.MSG_WAITALL)
                kind = self._kinds[len(self.connections) % len(self._kinds)]
                wishes = dict(wish.split(b"=", 1) for wish in split_header(asked))
                self.nodelay[wishes[b"topic"].decode()] = wishes.get(b"tcp_nodelay", b"0").decode()
                if not any(b"md5sum=" + md5 in asked for md5 in (b"*", kind._md5sum.encode())):
                    self.refused += 1
                    connection.sendall(header({"error": "another md5sum"}))
                    raise OSError
                fields = {
                    "callerid": self._prefix + str(len(self.connections)),
                    "latching": "0",
                    "md5sum": kind._md5sum,
                    "message_definition": kind._full_text,
                    "type": kind._type,
                }
                if self._ended(connection):
                    raise OSError
                connection.sendall(header(fields))
                self.connections.append((connection, kind))
            except (OSError, struct.error):
                connection.close()  # given up meanwhile
        return len(answered)

    def publish(self, make):
        """One message make(kind) from each publisher."""
        for connection, kind in self.connections:
            buffer = serialized(make(kind))
            try:
                connection.sendall(struct.pack("<I", len(buffer)) + buffer)
            except OSError:
                pass  # the subscriber has another one by now

    def close(self):
        self._closed = True
        for number, uri in enumerate(self._uris):
            for topic in self._topics:
                self._master.unregisterPublisher(self._prefix + str(number), topic, uri)
        self._slave.shutdown()
        for thread in self._threads:
            thread.join()
        self._slave.server_close()
        self._listener.close()
        for connection, _ in self.connections:
            connection.close()
