"""A TCP proxy on loopback whose line can be cut, held and slowed down.

TcpProxy(listen_port, target_port) serves at once. cut() resets what is connected and takes nobody,
reset() takes new connections, hold() takes everything and passes nothing on, as a dead link does,
slow() passes on so many bytes a second; open() ends all of these. delay() is of the connections
that come after it.
"""

import queue
import selectors
import socket
import struct
import threading
import time

CHUNK = 65536
TICK = 0.02  # seconds
RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class Proxied:
    """Beside a test case whose class has a `proxy`: closed with the class, open for each test."""

    @classmethod
    def tearDownClass(cls):
        cls.proxy.close()
        super().tearDownClass()

    def setUp(self):
        super().setUp()
        self.addCleanup(self.proxy.open)


class TcpProxy:
    """Serves 127.0.0.1:listen_port from 127.0.0.1:target_port, on threads of its own."""

    def __init__(self, listen_port, target_port):
        self.port = listen_port
        self._target = ("127.0.0.1", target_port)
        self._lock = threading.Lock()
        self._pairs = set()
        self._listener = None
        self._passing = threading.Event()
        self._rate = None
        self._delay = 0
        self._closed = False
        self.open()

    def open(self):
        """Everything goes through, at any speed."""
        self._rate = None
        self._passing.set()
        if self._listener is None:
            self._listener = socket.create_server(("127.0.0.1", self.port), backlog=50)
            threading.Thread(target=self._serve, args=(self._listener,), daemon=True).start()

    def cut(self):
        """Resets all connections; new ones are refused."""
        self._stop_listening()
        self.reset()

    def reset(self):
        """Resets all connections; new ones are taken."""
        with self._lock:
            pairs, self._pairs = self._pairs, set()
        for pair in pairs:
            for one in pair:
                _reset(one)

    def hold(self):
        """Nothing goes through, and nobody is told."""
        self._passing.clear()

    def slow(self, rate):
        """No more than so many bytes a second each way, of each connection."""
        self._rate = rate

    def delay(self, seconds):
        """What connections that are made from now on pass on arrives so much later."""
        self._delay = seconds

    def close(self):
        self._closed = True
        self.cut()
        self._passing.set()

    def _stop_listening(self):
        listener, self._listener = self._listener, None
        if listener:
            listener.shutdown(socket.SHUT_RDWR)
            listener.close()

    def _serve(self, listener):
        while True:
            try:
                client = listener.accept()[0]
            except OSError:
                return
            threading.Thread(target=self._connect, args=(client,), daemon=True).start()

    def _connect(self, client):
        try:
            server = socket.create_connection(self._target, 5)
        except OSError:
            _reset(client)
            return
        server.settimeout(None)
        pair = (client, server)
        with self._lock:
            self._pairs.add(pair)
        for source, sink in (pair, pair[::-1]):
            source.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            send = _late(sink, self._delay) if self._delay else sink.sendall
            arguments = (pair, source, send)
            threading.Thread(target=self._pass_on, args=arguments, daemon=True).start()

    def _pass_on(self, pair, source, send):
        try:
            while self._wait_for(source):
                rate = self._rate
                data = source.recv(max(1, int(rate * TICK)) if rate else CHUNK)
                self._passing.wait()
                if not data:
                    break
                send(data)
                if rate:
                    time.sleep(len(data) / rate)
        except (OSError, ValueError):
            pass
        with self._lock:
            self._pairs.discard(pair)
        # What one side ended in good order the other side is told in good order.
        for one in pair:
            try:
                one.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def _wait_for(self, source):
        """Waits for something to read while the line is open."""
        with selectors.DefaultSelector() as selector:
            selector.register(source, selectors.EVENT_READ)
            while not self._closed:
                self._passing.wait()
                if selector.select(1):
                    return True
        return False


def _late(sink, seconds):
    """sink.sendall, which does its work so many seconds later, in order."""
    waiting = queue.Queue()

    def deliver():
        try:
            while True:
                due, data = waiting.get()
                time.sleep(max(0, due - time.monotonic()))
                sink.sendall(data)
        except OSError:
            pass  # closed meanwhile

    threading.Thread(target=deliver, daemon=True).start()
    return lambda data: waiting.put((time.monotonic() + seconds, data))


def _reset(one):
    """Closes a connection so that the other end sees it reset."""
    try:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
        one.shutdown(socket.SHUT_RD)
    except OSError:
        pass
    one.close()
