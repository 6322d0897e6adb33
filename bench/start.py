#!/usr/bin/python3
"""How long it takes from the start of the process until the first message is in Kafka, with a robot
that publishes 100 messages a second and a topic that exists; beside the script written by hand.

Run by bench/run, as node.py, whose ways it uses.
"""

import argparse
import time

import node

TOPIC = "bench.start"


class Bench(node.Bench):
    def run_once(self, *command):
        watcher = self.watch(TOPIC, 1)
        began = time.monotonic()
        process = self.start(*command)
        self.finish_watch(watcher, 1)
        seconds = time.monotonic() - began
        process.stop()
        return seconds

    def run(self):
        self.start_master()
        self.bootstrap = self.start_broker()
        robot = self.start(self.nodes / "robot_simulator", "_rate:=100")
        script = [self.options.python, node.ROOT / "bench/odometry_by_hand.py"]
        ways = {
            "ros_to_kafka": self.config(TOPIC, {}),
            "rospy and kafka-python": [*script, self.bootstrap, TOPIC],
        }
        self.run_once(*ways["ros_to_kafka"])  # makes the topic
        found = {name: [] for name in ways}
        for _ in range(self.options.rounds):
            for name, command in ways.items():
                found[name].append(self.run_once(*command))
        robot.stop()
        for name, seconds in found.items():
            seconds.sort()
            print(
                f"  {name:<24} first message in Kafka {seconds[len(seconds) // 2]:.2f} s after the"
                f" start (median of {len(seconds)}; {seconds[0]:.2f} to {seconds[-1]:.2f})"
            )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", required=True)
    parser.add_argument("--python", required=True)
    parser.add_argument("--broker", default="kafka")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    node.run_bench("start", Bench, options)


if __name__ == "__main__":
    main()
