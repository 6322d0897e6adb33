#!/usr/bin/python3
"""How long a message is under way through the bridge, beside programs of nothing but roscpp and
librdkafka that do the same.

Run by bench/run. Everything is started for this run and ended with it, on free ports of loopback.
For each rate and size the bridge and its anchor are measured one after the other; the table has the
median of the rounds. Anchors: a roscpp subscriber that produces each message in its callback, and a
consumer that publishes each record as it comes; linger.ms is 0 in both.
"""

import argparse
import json
import statistics
import subprocess

from node import Bench, BenchError, run_bench

KIB = 1024
SIZES = [8, 512, KIB, 64 * KIB, KIB * KIB]  # bytes; those of arXiv 2303.09419
RATES = [10, 100, 1000, 10000]  # a second
BYTES_MAX = 40e6  # a second; what is more is left out
COUNT_LEAST = 30
SHORT = [(512, 10), (512, 100), (512, 1000), (512, 10000), (8, 100), (KIB, 100)]
SHORT += [(64 * KIB, 100), (KIB * KIB, 10)]
LONG = [(size, rate) for size in SIZES for rate in RATES if size * rate <= BYTES_MAX]


def size_text(size):
    for unit, name in ((KIB * KIB, "MiB"), (KIB, "KiB")):
        if size >= unit:
            return f"{size // unit} {name}"
    return f"{size} B"


class Latency(Bench):
    def start_bridges(self):
        self.bridges = []
        keys = {"bootstrap.servers": self.bootstrap}
        to_kafka = {
            "kafka": dict(keys, **json.loads(self.options.kafka)),
            "spool": {
                "directory": str(self.directory / "spool"),
                "durability": self.options.durability,
            },
            "ros_to_kafka": [
                {
                    "ros_topic": "/bridge/out",
                    "kafka_topic": "bridge.out",
                    "format": "ros1",
                    **json.loads(self.options.route),
                }
            ],
        }
        to_ros = {
            "kafka": dict(keys, **{"group.id": "bench"}),
            "kafka_to_ros": [
                {
                    "kafka_topic": "bridge.in",
                    "ros_topic": "/bridge/in",
                    "ros_type": "std_msgs/String",
                    "format": "ros1",
                    "start": "latest",
                }
            ],
        }
        for node, config in (("ros_to_kafka", to_kafka), ("kafka_to_ros", to_ros)):
            path = self.directory / f"{node}.yaml"
            path.write_text(json.dumps(config), encoding="utf-8")
            self.bridges.append(self.start(self.nodes / node, f"_config:={path}"))
        program = self.programs / "bench_latency"
        self.start(program, "hop", self.bootstrap, "/anchor/out", "anchor.out")
        self.start(program, "relay", self.bootstrap, "/anchor/in", "anchor.in")

    def measure(self, way, who, size, rate):
        """(p50, p99) in microseconds."""
        suffix = "out" if way == "to_kafka" else "in"
        count = max(COUNT_LEAST, int(rate * self.options.seconds))
        meter = self.start(
            self.programs / "bench_latency",
            way,
            self.bootstrap,
            f"/{who}/{suffix}",
            f"{who}.{suffix}",
            str(rate),
            str(size),
            str(count),
            stdout=subprocess.PIPE,
        )
        status, _ = meter.wait()
        if status != 0:
            raise BenchError(f"bench_latency failed; see {meter.log}")
        return tuple(float(word) for word in meter.child.stdout.read().split())

    def run(self):
        self.start_master()
        self.bootstrap = self.start_broker()
        self.start_bridges()
        print(f"milliseconds, median of {self.options.rounds} rounds, broker {self.bootstrap}")
        for way, heading in (("to_kafka", "ROS to Kafka"), ("to_ros", "Kafka to ROS")):
            if self.options.way not in (way, "both"):
                continue
            print(f"\n{heading}\n")
            print("| size | messages/s | p50 | bare p50 | ratio | p99 | bare p99 | ratio |")
            print("|---|---|---|---|---|---|---|---|", flush=True)
            for size, rate in self.options.cells or (LONG if self.options.long else SHORT):
                self.report_latency(way, size, rate)
        for bridge in self.bridges:
            _, processor = bridge.stop()
            print(f"{bridge.name}: {processor:.1f} s of processor time")

    def report_latency(self, way, size, rate):
        found = {"bridge": [], "anchor": []}
        for _ in range(self.options.rounds):
            for who, rounds in found.items():
                rounds.append(self.measure(way, who, size, rate))
        cells = [size_text(size), f"{rate:,}"]
        for place in range(2):
            ours, bare = (
                statistics.median(one[place] for one in found[who]) for who in ("bridge", "anchor")
            )
            cells += [f"{ours / 1000:.2f}", f"{bare / 1000:.2f}", f"{ours / bare:.1f}"]
        print(f"| {' | '.join(cells)} |", flush=True)


def cell(text):
    size, rate = text.split("@")
    return int(size), int(rate)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", required=True)
    parser.add_argument("--broker", default="kafka")
    parser.add_argument("--way", choices=["to_kafka", "to_ros", "both"], default="both")
    parser.add_argument("--long", action="store_true")
    parser.add_argument("--cells", type=cell, nargs="+", help="SIZE@RATE instead: 512@1000")
    parser.add_argument("--rounds", type=int, help="of each (1; long: 5)")
    parser.add_argument("--seconds", type=float, help="of each round (2; long: 5)")
    parser.add_argument("--durability", default="write_ahead")
    parser.add_argument("--kafka", default="{}", help="properties of ros_to_kafka's, as JSON")
    parser.add_argument("--route", default="{}", help="keys of ros_to_kafka's route, as JSON")
    options = parser.parse_args()
    options.rounds = options.rounds or (5 if options.long else 1)
    options.seconds = options.seconds or (5 if options.long else 2)
    run_bench("latency", Latency, options)


if __name__ == "__main__":
    main()
