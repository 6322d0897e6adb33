#!/usr/bin/python3
"""The bridge's node to delivery, beside what bounds it and beside what one would write by hand.

Run by bench/run. Everything is started for this run and ended with it: a ROS master and a broker on
free ports of loopback. For each way the rate is that of the records seen in Kafka from outside, and
the processor time is that of the process itself, so that it says what a busier robot would feel.
"""

import argparse
import contextlib
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
SCRIPT_SHARE = 10  # the Python script gets this much less to do
PRODUCER_SHARE = 5  # and librdkafka alone this much more, so that it runs for seconds too
FLAT_SIZE = 130  # bytes of a flat odometry record, about
STOP_TIMEOUT = 60


class BenchError(Exception):
    pass


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def exit_code(status):
    """As os.waitstatus_to_exitcode, which Python 3.8 has not."""
    return -os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)


class Process:
    """A child with its processor time: wait() gives (exit status, seconds of processor time)."""

    def __init__(self, log, command, environment, **options):
        self.name = pathlib.Path(command[0]).name
        self.log = log
        self._output = open(log, "w")
        self.child = subprocess.Popen(
            [str(word) for word in command],
            stdout=options.pop("stdout", self._output),
            stderr=self._output,
            env=environment,
            text=True,
            **options,
        )
        self._usage = None

    def wait(self, timeout=600.0):
        end = time.monotonic() + timeout
        while self._usage is None:
            pid, status, usage = os.wait4(self.child.pid, os.WNOHANG)
            if pid:
                self.child.returncode = exit_code(status)
                self._usage = usage.ru_utime + usage.ru_stime
            elif time.monotonic() > end:
                raise BenchError(f"{self.name} did not end in {timeout:.0f} s; see {self.log}")
            else:
                time.sleep(0.01)
        self._output.close()
        return self.child.returncode, self._usage

    def stop(self):
        self._signal(signal.SIGINT)
        return self.wait(STOP_TIMEOUT)

    def end(self):
        """Ends it whatever happens."""
        self._signal(signal.SIGKILL)
        self.wait(STOP_TIMEOUT)

    def _signal(self, number):
        # Not by way of Popen, which would reap the child and lose its processor time.
        if self._usage is None:
            os.kill(self.child.pid, number)


class Bench:
    broker_properties = {}

    def __init__(self, options, directory, stack):
        self.options = options
        self.directory = pathlib.Path(directory)
        self.stack = stack
        self.nodes = pathlib.Path(options.build) / "devel/lib/kafka_bridge"
        self.programs = pathlib.Path(options.build) / "bench"
        self.environment = {
            **os.environ,
            "ROS_MASTER_URI": f"http://127.0.0.1:{free_port()}",
            "ROS_IP": "127.0.0.1",
            "ROS_HOME": str(self.directory),
            "ROS_LOG_DIR": str(self.directory / "log"),
            "ROS_PACKAGE_PATH": f"{ROOT}:/usr/share:/opt/ros/noetic/share",
            "ROSCONSOLE_STDOUT_LINE_BUFFERED": "1",
        }
        self.environment.pop("ROS_HOSTNAME", None)
        self.started = 0

    def start(self, *command, **options):
        self.started += 1
        log = self.directory / f"{self.started}-{pathlib.Path(command[0]).name}.log"
        process = Process(log, command, self.environment, **options)
        self.stack.callback(process.end)
        return process

    def start_master(self):
        port = self.environment["ROS_MASTER_URI"].rsplit(":", 1)[1]
        self.start("rosmaster", "--core", "-p", port)
        end = time.monotonic() + 20
        while time.monotonic() < end:
            with socket.socket() as trial:
                if trial.connect_ex(("127.0.0.1", int(port))) == 0:
                    return
            time.sleep(0.1)
        raise BenchError("the ROS master does not answer")

    def broker_home(self):
        return self.directory / "kafka"

    def start_broker(self):
        if self.options.broker == "embedded":
            broker = self.start(self.nodes / "embedded_broker")
            words = self.wait_for_line(broker, "serving Kafka at")
            return words.split("serving Kafka at", 1)[1].split()[0]
        if self.options.broker != "kafka":
            return self.options.broker
        home = self.broker_home()
        command = [ROOT / "scripts/kafka", "start", "--dir", home, "--while", str(os.getpid())]
        for key, value in self.broker_properties.items():
            command += ["--property", f"{key}={value}"]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode != 0:
            raise BenchError(f"scripts/kafka start: {done.stderr}")
        stop = [ROOT / "scripts/kafka", "stop", "--dir", home]
        self.stack.callback(subprocess.run, stop, capture_output=True)
        return done.stdout.split()[-1]

    def wait_for_line(self, process, text, seconds=30.0):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for line in process.log.read_text(errors="replace").splitlines():
                if text in line:
                    return line
            time.sleep(0.05)
        raise BenchError(f"{process.name} did not say '{text}'; see {process.log}")

    def start_robot(self, count):
        """A simulator that sends as fast as it can, once somebody listens."""
        return self.start(
            self.nodes / "robot_simulator",
            "_wait_for_subscriber:=true",
            "_rate:=1000000",
            "_queue_size:=0",
            f"_count:={count}",
        )

    def report(self, name, count, seconds, processor):
        print(
            f"  {name:<34} {count / seconds:>9,.0f} messages/s"
            f" {processor / count * 1e6:>8.2f} µs of processor time a message",
            flush=True,
        )
        return count / seconds, processor / count

    def run_subscriber(self):
        count = self.options.messages
        robot = self.start_robot(count)
        subscriber = self.start(
            self.programs / "bench_subscriber", "warty/odom", str(count), stdout=subprocess.PIPE
        )
        status, processor = subscriber.wait()
        robot.stop()
        if status != 0:
            raise BenchError(f"bench_subscriber failed; see {subscriber.log}")
        seconds = float(subscriber.child.stdout.read())
        return self.report("a subscriber that does nothing", count, seconds, processor)

    def watch(self, topic, count):
        """Starts watching the topic from outside, before anything is written to it."""
        watcher = self.start(
            self.programs / "bench_watermark",
            self.bootstrap,
            topic,
            str(count),
            stdout=subprocess.PIPE,
        )
        if watcher.child.stdout.readline().strip() != "ready":
            raise BenchError(f"bench_watermark failed; see {watcher.log}")
        return watcher

    def finish_watch(self, watcher, count):
        line = watcher.child.stdout.readline().split()
        if len(line) != 2:
            raise BenchError(f"not all of {count} records came; see {watcher.log}")
        return count - int(line[0]), float(line[1])

    def run_producer(self):
        count = self.options.messages * PRODUCER_SHARE
        producer = self.start(
            self.programs / "bench_producer",
            self.bootstrap,
            "bench.producer",
            str(count),
            str(FLAT_SIZE),
            stdout=subprocess.PIPE,
        )
        status, processor = producer.wait()
        if status != 0:
            raise BenchError(f"bench_producer failed; see {producer.log}")
        seconds = float(producer.child.stdout.read())
        return self.report("librdkafka alone", count, seconds, processor)

    def config(self, topic, spool, servers=None, **keys):
        """The preset for odometry as a file, to `topic`, with a spool of its own."""
        text = (ROOT / "config/odometry.yaml").read_text(encoding="utf-8")
        changed = text.replace("kafka_topic: odometry", f"kafka_topic: {topic}", 1)
        if changed == text:
            raise BenchError("config/odometry.yaml has no kafka_topic: odometry")
        keys = dict({"spool": dict({"directory": str(self.directory / topic)}, **spool)}, **keys)
        changed += "".join(f"\n{key}: {json.dumps(value)}\n" for key, value in keys.items())
        path = self.directory / f"{topic}.yaml"
        path.write_text(changed, encoding="utf-8")
        return [
            self.nodes / "ros_to_kafka",
            f"_config:={path}",
            f"_bootstrap_servers:={servers or self.bootstrap}",
        ]

    def run_mode(self, name, **keys):
        """ros_to_kafka with a way to keep messages, from the ROS topic to delivery."""
        topic = "bench." + name.replace(", ", ".").replace(" ", "_")
        spool = keys.pop("spool", {})
        command = self.config(topic, spool, **keys)
        return self.run_bridge(
            f"ros_to_kafka, {name}",
            topic,
            self.options.messages,
            *command,
            from_connection=name == "exactly_once",
        )

    def run_backlog(self):
        """What a spool holds that was filled while Kafka was away, from the node's start on."""
        topic, count = "bench.backlog", self.options.messages
        robot = self.start_robot(count)
        bridge = self.start(*self.config(topic, {}, f"127.0.0.1:{free_port()}"))
        self.wait_for_line(robot, f"published {count} odometry messages", 120)
        bridge.stop()
        robot.stop()
        found = re.findall(r"spooled (\d+)", bridge.log.read_text(errors="replace"))
        if not found or int(found[-1]) == 0:
            raise BenchError(f"no backlog in the spool; see {bridge.log}")
        backlog = int(found[-1])
        watcher = self.watch(topic, backlog)
        bridge = self.start(*self.config(topic, {}))
        seen, seconds = self.finish_watch(watcher, backlog)
        _, processor = bridge.stop()
        rate = seen / max(seconds, 1e-3)
        name = f"backlog of {backlog:,} in the spool"
        return self.report(name, backlog, backlog / rate, processor)

    def run_bridge(self, name, topic, count, *command, from_connection=False):
        """A program that carries warty/odom to `topic`: its rate from the first records that are
        seen there, or from its connection to the robot."""
        watcher = self.watch(topic, count)
        robot = self.start_robot(count)
        bridge = self.start(*command)
        seen, seconds = self.finish_watch(watcher, count)
        ended = time.time()
        _, processor = bridge.stop()
        robot.stop()
        if from_connection:
            # A first transaction is under way for long: what is seen first are many at once.
            line = re.search(r"\[(\d+\.\d+)\].* -> Kafka topic", bridge.log.read_text())
            seen, seconds = count, ended - float(line.group(1))
        rate = seen / max(seconds, 1e-3)
        return self.report(name, count, count / rate, processor)

    def run_script(self):
        topic = "bench.by_hand"
        return self.run_bridge(
            "rospy and kafka-python",
            topic,
            max(1, self.options.messages // SCRIPT_SHARE),
            self.options.python,
            ROOT / "bench/odometry_by_hand.py",
            self.bootstrap,
            topic,
        )

    def run(self):
        self.start_master()
        self.bootstrap = self.start_broker()
        print(f"nav_msgs/Odometry, {self.options.messages:,} messages, broker {self.bootstrap}")
        subscriber = self.run_subscriber()
        producer = self.run_producer()
        script = None
        if self.options.broker == "embedded":
            print("  rospy and kafka-python: left out, it does not speak with librdkafka's mock")
        else:
            script = self.run_script()
        node = self.run_mode("write_ahead")
        spill = self.run_mode("spill", spool={"durability": "spill"})
        none = self.run_mode("none", spool={"durability": "none"})
        if self.options.broker != "embedded":
            self.run_mode("exactly_once", delivery="exactly_once")
        backlog = self.run_backlog()
        print(
            f"ros_to_kafka carries {node[0] / subscriber[0]:.0%} of what the subscriber takes and"
            f" {node[0] / producer[0]:.0%} of what librdkafka delivers"
        )
        print(
            f"write_ahead carries {node[0] / none[0]:.0%} of none (asked: 70%), spill"
            f" {spill[0] / none[0]:.0%}; the backlog drains at {backlog[0] / producer[0]:.0%} of"
            " what librdkafka delivers (asked: 70%)"
        )
        if script:
            print(
                f"and {node[0] / script[0]:.1f} times what the script carries, with"
                f" {script[1] / node[1]:.1f} times less processor time a message"
            )


def run_bench(name, bench, options):
    """Runs a `bench` in a directory of its own, which is kept where it fails."""
    directory = tempfile.mkdtemp(prefix="kafka_bridge_bench.")
    try:
        with contextlib.ExitStack() as stack:
            bench(options, directory, stack).run()
    except (BenchError, OSError) as error:
        sys.exit(f"bench/run {name}: {error}\nlogs are in {directory}")
    shutil.rmtree(directory, ignore_errors=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", required=True)
    parser.add_argument("--python", required=True)
    parser.add_argument("--broker", default="kafka")
    parser.add_argument("--messages", type=int, default=200000)
    options = parser.parse_args()
    run_bench("node", Bench, options)


if __name__ == "__main__":
    main()
