#!/usr/bin/python3
"""kafka_to_ros from a topic that is full already to a subscriber, beside what bounds it: a consumer
that does nothing, and a publisher of the same messages to the same subscriber.

Run by bench/run, as node.py, whose ways it uses.
"""

import argparse
import json
import subprocess

import node

FORMATS = ("json", "ros1")


class Bench(node.Bench):
    def fill(self, topic, encoding):
        """Puts the robot's messages into `topic`."""
        count = self.options.messages
        watcher = self.watch(topic, count)
        robot = self.start_robot(count)
        route = {"ros_topic": "/warty/odom", "kafka_topic": topic, "format": encoding}
        bridge = self.start(*self.command("ros_to_kafka", topic, [route]))
        self.finish_watch(watcher, count)
        bridge.stop()
        robot.stop()

    def command(self, program, name, routes):
        path = self.directory / f"{program}.{name}.yaml"
        config = {
            program: routes,
            "spool": {"directory": str(self.directory / name)},
            "kafka": {"group.id": name},
            "queue_max_bytes": 1 << 30,
        }
        path.write_text(json.dumps(config), encoding="utf-8")
        return [
            self.nodes / program,
            f"_config:={path}",
            f"_bootstrap_servers:={self.bootstrap}",
        ]

    def run_consumer(self, topic):
        consumer = self.start(
            self.programs / "bench_consumer",
            self.bootstrap,
            topic,
            str(self.options.messages),
            stdout=subprocess.PIPE,
        )
        status, processor = consumer.wait()
        if status != 0:
            raise node.BenchError(f"bench_consumer failed; see {consumer.log}")
        seconds = float(consumer.child.stdout.read())
        return self.report(
            f"a consumer alone, {topic[6:]}", self.options.messages, seconds, processor
        )

    def run_node(self, topic, encoding, turn):
        count = self.options.messages
        ros_topic = f"/{topic.replace('.', '/')}/turn{turn}"
        subscriber = self.start(
            self.programs / "bench_subscriber", ros_topic, str(count), stdout=subprocess.PIPE
        )
        route = {"kafka_topic": topic, "ros_topic": ros_topic, "format": encoding}
        bridge = self.start(*self.command("kafka_to_ros", f"{topic}.{turn}", [route]))
        status, _ = subscriber.wait(120)
        if status != 0:
            raise node.BenchError(f"not all messages came; see {bridge.log}, {subscriber.log}")
        _, processor = bridge.stop()
        seconds = float(subscriber.child.stdout.read())
        return self.report(f"kafka_to_ros, {topic[6:]}", count, seconds, processor)

    def run(self):
        self.start_master()
        self.bootstrap = self.start_broker()
        print(f"nav_msgs/Odometry, {self.options.messages:,} messages, broker {self.bootstrap}")
        for encoding in FORMATS:
            self.fill(f"bench.{encoding}", encoding)
        figures = {name: [] for name in ("publisher", *FORMATS)}
        consumers = {name: [] for name in FORMATS}
        for turn in range(self.options.rounds):
            figures["publisher"].append(self.run_subscriber()[0])
            for encoding in FORMATS:
                consumers[encoding].append(self.run_consumer(f"bench.{encoding}")[0])
                figures[encoding].append(self.run_node(f"bench.{encoding}", encoding, turn)[0])
        middle = {name: sorted(rates)[len(rates) // 2] for name, rates in figures.items()}
        for encoding in FORMATS:
            reads = sorted(consumers[encoding])[self.options.rounds // 2]
            slower = min(reads, middle["publisher"])
            print(
                f"{encoding}: {middle[encoding] / slower:.2f} of the slower of a consumer"
                f" ({reads:,.0f}/s) and a publisher ({middle['publisher']:,.0f}/s) alone;"
                " medians (asked: 0.6)"
            )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", required=True)
    parser.add_argument("--broker", default="kafka")
    parser.add_argument("--messages", type=int, default=200000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    node.run_bench("to_ros", Bench, options)


if __name__ == "__main__":
    main()
