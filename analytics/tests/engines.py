"""Real engines and jobs for the tests that need them: each in a directory of its own, on a free
port of loopback, ended by its pid."""

from __future__ import annotations

import json
import os
import pathlib
import signal
import subprocess
import sys
import time
from typing import Callable, ClassVar, Iterable

ROOT = pathlib.Path(__file__).resolve().parents[2]
DEADLINE = 240


def script(*arguments: str) -> str:
    """What a script of scripts/ prints; its output is shown when it fails."""
    command = [str(ROOT / "scripts" / arguments[0]), *arguments[1:]]
    done = subprocess.run(command, capture_output=True, text=True, timeout=DEADLINE)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.strip()


def wait_until(found: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + DEADLINE
    while not found():
        assert time.monotonic() < deadline, "waited %d s until %s" % (DEADLINE, what)
        time.sleep(0.2)


class Kafka:
    """A broker at `address`."""

    def __init__(self, directory: pathlib.Path) -> None:
        self._directory = directory
        self.address = script("kafka", "start", "--dir", str(directory)).splitlines()[-1]

    def stop(self) -> None:
        script("kafka", "stop", "--dir", str(self._directory))

    def send(self, topic: str, values: Iterable[str]) -> None:
        """Each of `values` (without line feeds) as a record, in order, acknowledged."""
        subprocess.run(
            ["kcat", "-P", "-b", self.address, "-t", topic, "-X", "acks=all"],
            input="".join(value + "\n" for value in values).encode("utf-8"),
            check=True,
            timeout=DEADLINE,
        )

    def read(self, topic: str) -> list[tuple[str, object]]:
        """All of a topic, nothing of one that is not there yet: keys, and values from JSON."""
        command = ["kcat", "-C", "-b", self.address, "-t", topic, "-o", "beginning", "-e", "-q"]
        command += ["-X", "isolation.level=read_committed", "-f", "%k\t%s\n"]
        done = subprocess.run(command, capture_output=True, timeout=DEADLINE)
        if b"Unknown topic" in done.stderr:
            return []
        assert done.returncode == 0, done.stderr
        pairs = [line.split("\t", 1) for line in done.stdout.decode("utf-8").splitlines()]
        return [(key, json.loads(value)) for key, value in pairs]


class Job:
    """A job of analytics/ with its output in a file; `kill` as a crash, `end` as a stop."""

    alive: ClassVar[list[Job]] = []

    def __init__(self, directory: pathlib.Path, name: str, *arguments: str) -> None:
        self._name = name
        self._arguments = [*arguments, "--checkpoint", str(directory / "checkpoint")]
        self.log = directory / (name + ".log")
        self.start()
        Job.alive.append(self)

    def start(self) -> None:
        self._begin = self.log.stat().st_size if self.log.exists() else 0
        with open(self.log, "ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "kafka_bridge_analytics." + self._name, *self._arguments],
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def said(self) -> str:
        """What it has said since it was started last."""
        return self.log.read_text()[self._begin :]

    def wait_until_it_said(self, text: str, times: int = 1) -> None:
        def found() -> bool:
            assert self._process.poll() is None or text in self.said(), self.said()
            return self.said().count(text) >= times

        wait_until(found, "%s said %r" % (self._name, text))

    def kill(self) -> None:
        """SIGKILL to it and its JVM."""
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(DEADLINE)

    def end(self) -> int:
        self._process.send_signal(signal.SIGTERM)
        return self._process.wait(DEADLINE)

    def is_running(self) -> bool:
        return self._process.poll() is None
