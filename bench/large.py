#!/usr/bin/python3
"""Large messages through ros_to_kafka: processor time by thread, and what is dropped.

Run by bench/run. Everything is started for this run and ended with it, on free ports of loopback.
A publisher sends at a camera's or a lidar's rate; in each round the anchor, which hands the same
bytes to librdkafka in the callback, comes right before the formats and durabilities. The table has
the median of the rounds; processor time is divided by the messages that were delivered.
"""

import argparse
import contextlib
import json
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import tempfile
import time

from node import Bench, BenchError, run_bench

RECORD_LIMIT = 20000000  # bytes, of the broker and of the client
KINDS = {"image": 30, "cloud": 10}  # messages a second
FORMATS = {"ros1": 1.5, "json": 2.5}  # how many times the anchor's processor time is asked for
DURABILITIES = ("spill", "write_ahead")
QUIET_SECONDS = 2
QUIET_SHARE = 0.02  # of a core: it has nothing to do any more
BROKER = {  # what was measured goes again at once: gigabytes come
    "message.max.bytes": RECORD_LIMIT,
    "replica.fetch.max.bytes": RECORD_LIMIT,
    "socket.receive.buffer.bytes": 4 << 20,
    "log.segment.bytes": 128 << 20,
    "log.retention.bytes": 256 << 20,
    "log.retention.check.interval.ms": 2000,
    "log.segment.delete.delay.ms": 1000,
}


def thread_times(pid):
    """Seconds of processor time by name of the thread; roscpp's have the process's."""
    times = {}
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        with contextlib.suppress(OSError):  # one that has ended meanwhile
            name = re.sub(r"[:/]?\d+$", "", (task / "comm").read_text(encoding="utf-8").strip())
            spent = int((task / "schedstat").read_text(encoding="utf-8").split()[0]) * 1e-9
            times[name] = times.get(name, 0.0) + spent
    return times


class Large(Bench):
    broker_properties = BROKER

    def broker_home(self):
        """In memory, so that only what the spool writes waits for the disk."""
        memory = pathlib.Path("/dev/shm") if os.access("/dev/shm", os.W_OK) else self.directory
        home = pathlib.Path(tempfile.mkdtemp(prefix="kafka_bridge_bench.", dir=memory))
        self.stack.callback(shutil.rmtree, home, ignore_errors=True)
        return home

    def bridge(self, topic, durability, form):
        keys = {
            "robot": "bench",
            "in_flight_max_bytes": self.options.in_flight,
            "kafka": {"bootstrap.servers": self.bootstrap, "message.max.bytes": RECORD_LIMIT},
            "spool": {"directory": str(self.directory / topic), "durability": durability},
            "ros_to_kafka": [{"ros_topic": "large", "kafka_topic": topic, "format": form}],
        }
        path = self.directory / f"{topic}.yaml"
        path.write_text(json.dumps(keys), encoding="utf-8")
        return [self.nodes / "ros_to_kafka", f"_config:={path}"]

    def await_quiet(self, process):
        """Until it has done its work: the threads' times then."""
        quiet, times = 0, thread_times(process.child.pid)
        while quiet < QUIET_SECONDS:
            time.sleep(1)
            before, times = times, thread_times(process.child.pid)
            spent = sum(times.values()) - sum(before.values())
            quiet = quiet + 1 if spent < QUIET_SHARE else 0
        return times

    def measure(self, kind, *command):
        """Seconds of processor time by thread, a delivered message; seconds from the last message
        until there was nothing to do; messages dropped, and those that had not arrived then."""
        rate = KINDS[kind]
        count = max(1, int(rate * self.options.seconds))
        program = self.programs / "bench_large_publisher"
        publisher = self.start(
            program, "large", kind, count, rate, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        process = self.start(*command)
        if not publisher.child.stdout.readline().startswith("ready"):
            raise BenchError(f"{program.name} failed; see {publisher.log}")
        before = self.await_quiet(process)
        publisher.child.stdin.write("go\n")
        publisher.child.stdin.flush()
        publisher.child.stdout.readline()
        end = time.monotonic()
        after = self.await_quiet(process)
        behind = time.monotonic() - end - QUIET_SECONDS
        publisher.child.stdin.close()
        process.stop()
        publisher.stop()
        said = re.findall(
            r"delivered (\d+)(?:.* dropped (\d+))?", process.log.read_text(errors="replace")
        )
        if not said:
            raise BenchError(f"{process.name} did not say what it delivered; see {process.log}")
        delivered, dropped = (int(number or 0) for number in said[-1])
        spent = {name: (after[name] - before.get(name, 0.0)) / max(1, delivered) for name in after}
        return spent, behind, dropped, count - delivered - dropped

    def ways(self, kind, turn):
        topic = f"{kind}.{turn}"
        anchor = [self.programs / "bench_forwarder", "large", self.bootstrap, f"{topic}.anchor"]
        yield "anchor", anchor
        for form in self.options.formats:
            for durability in self.options.durabilities:
                name = f"{form}.{durability}"
                yield name, self.bridge(f"{topic}.{name}", durability, form)

    def run_kind(self, kind):
        rounds = {}
        for turn in range(self.options.rounds):
            for name, command in self.ways(kind, turn):
                rounds.setdefault(name, []).append(self.measure(kind, *command))
        print(f"{kind}s, {KINDS[kind]} a second, {self.options.seconds:g} s each", flush=True)
        sums = {
            name: statistics.median(sum(spent.values()) for spent, *_ in results)
            for name, results in rounds.items()
        }
        for name, results in rounds.items():
            threads = {
                thread: statistics.median(spent.get(thread, 0.0) for spent, *_ in results)
                for thread in results[0][0]
            }
            asked = FORMATS.get(name.split(".")[0])
            print(
                f"  {name.replace('.', ', '):<18} {sums[name] * 1e3:6.2f} ms"
                f" {sums[name] / sums['anchor']:5.2f} times the anchor"
                + (f" (asked: {asked})" if asked else "")
                + f", {statistics.median(behind for _, behind, *_ in results):.0f} s behind"
                + f", {sum(dropped for *_, dropped, _ in results)} dropped"
                + f", {sum(left for *_, left in results)} left:",
                ", ".join(
                    f"{thread} {spent * 1e3:.2f}"
                    for thread, spent in sorted(threads.items(), key=lambda item: -item[1])
                    if spent >= 5e-5
                ),
                flush=True,
            )

    def run(self):
        os.environ.setdefault("KAFKA_HEAP", "2g")  # a request of megabytes is one piece of it
        self.start_master()
        self.bootstrap = self.start_broker()
        print("processor time a delivered message, by thread (roscpp's have the program's name)")
        for kind in self.options.kinds:
            self.run_kind(kind)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", required=True)
    parser.add_argument("--broker", default="kafka")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=6.0)
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=list(KINDS))
    parser.add_argument("--formats", nargs="+", choices=FORMATS, default=list(FORMATS))
    parser.add_argument(
        "--durabilities", nargs="+", choices=(*DURABILITIES, "none"), default=DURABILITIES
    )
    parser.add_argument("--in-flight", default="32MiB", help="in_flight_max_bytes")
    options = parser.parse_args()
    run_bench("large", Large, options)


if __name__ == "__main__":
    main()
