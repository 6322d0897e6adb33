"""A node of this package as a process of the test's own: started, read, stopped."""

import os
import signal
import subprocess
import threading
import time

import roslib.packages

PATIENCE = 90.0  # seconds; a wait that takes so long has failed, on a busy machine too


def wait_for(condition, seconds=PATIENCE):
    """The first true value of condition(), or its last value when time is up."""
    end = time.monotonic() + seconds
    value = condition()
    while not value and time.monotonic() < end:
        time.sleep(0.05)
        value = condition()
    return value


class NodeProcess:
    """Runs node `kind` with `arguments`; its output is in `text`."""

    def __init__(self, kind, *arguments):
        path = roslib.packages.find_node("kafka_bridge", kind)[0]
        self.text = ""
        self._process = subprocess.Popen(
            [path, *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            env={**os.environ, "ROSCONSOLE_STDOUT_LINE_BUFFERED": "1"},
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        for line in self._process.stdout:
            self.text += line

    def wait_for_text(self, text, seconds=PATIENCE):
        return wait_for(lambda: text in self.text, seconds)

    def wait(self, seconds=PATIENCE):
        """The exit status, when the process has ended by itself."""
        status = self._process.wait(seconds)
        self._reader.join(seconds)
        return status

    def stop(self, seconds=PATIENCE):
        """Asks it to stop as Ctrl-C does; the exit status."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
        return self.wait(seconds)

    def kill(self):
        self._process.kill()
        return self.wait()
