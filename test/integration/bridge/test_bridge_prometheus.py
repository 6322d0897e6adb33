#!/usr/bin/python3
"""A real Prometheus, with deploy/prometheus as it is, has both nodes and the host; every panel of
the dashboard finds what it asks for."""

import glob
import json
import os
import shutil
import subprocess
import sys
import tempfile
import urllib.parse

import rospy
from std_msgs.msg import Int64

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from bridge_support import ROOT, BridgeTest, Process, free_port, run, wait_until  # noqa: E402
from metrics_support import fetch  # noqa: E402

DEPLOY = os.path.join(ROOT, "deploy")
RENDER = '. "$0/scripts/lib/common.sh"; . "$0/scripts/lib/template.sh"; render_template "$@"'


def program(*names):
    """The first of them that is installed."""
    for name in names:
        if shutil.which(name):
            return name
    raise AssertionError("not installed: %s; scripts/build --tests does it" % " or ".join(names))


def queries():
    """[(panel, PromQL)] of the bridge's dashboard, with Grafana's variables as a browser sets."""
    found = []
    for path in glob.glob(os.path.join(DEPLOY, "grafana/dashboards/kafka_bridge.json")):
        with open(path, encoding="utf-8") as file:
            panels = json.load(file)["panels"]
        for panel in panels:
            for target in panel.get("targets", []):
                expression = target["expr"].replace("$__rate_interval", "20s")
                found.append((panel["title"], expression.replace("$robot", ".*")))
    return found


class Prometheus:
    """Runs in `directory`, which it may fill."""

    def __init__(self, directory, **values):
        self.port = free_port()
        config = os.path.join(directory, "prometheus.yml")
        values["RULES"] = os.path.join(DEPLOY, "prometheus/rules.yml")
        pairs = ["%s=%s" % pair for pair in values.items()]
        template = os.path.join(DEPLOY, "prometheus/prometheus.yml.in")
        with open(config, "w", encoding="utf-8") as file:
            command = ["bash", "-c", RENDER, ROOT, template, *pairs]
            subprocess.run(command, stdout=file, check=True, timeout=90)
        self.process = Process(
            [
                program("prometheus"),
                "--config.file=" + config,
                "--storage.tsdb.path=" + os.path.join(directory, "data"),
                "--web.listen-address=127.0.0.1:%d" % self.port,
            ]
        )

    def ask(self, path, **parameters):
        """What its HTTP API answers; raises OSError where it does not, or says no."""
        query = "?" + urllib.parse.urlencode(parameters) if parameters else ""
        return json.loads(fetch(self.port, "/api/v1/" + path + query))["data"]

    def result(self, expression):
        return self.ask("query", query=expression)["result"]


class BridgePrometheusTest(BridgeTest):
    def start_prometheus(self, ports):
        directory = tempfile.mkdtemp(prefix="prometheus.")
        self.addCleanup(shutil.rmtree, directory, ignore_errors=True)
        exporter_port = free_port()
        exporter = Process(
            [
                program("prometheus-node-exporter", "node_exporter"),
                "--web.listen-address=127.0.0.1:%d" % exporter_port,
            ]
        )
        self.addCleanup(self.end, exporter)
        prometheus = Prometheus(
            directory,
            METRICS_ROS_TO_KAFKA="127.0.0.1:%d" % ports["ros_to_kafka"],
            METRICS_KAFKA_TO_ROS="127.0.0.1:%d" % ports["kafka_to_ros"],
            NODE_EXPORTER="127.0.0.1:%d" % exporter_port,
        )
        self.addCleanup(self.end, prometheus.process)
        prometheus.process.expect("Server is ready to receive web requests")
        return prometheus

    def test_every_target_is_up_and_every_panel_has_what_it_asks_for(self):
        ports = {"ros_to_kafka": free_port(), "kafka_to_ros": free_port()}
        routes = {"ros_topic": "/measured", "kafka_topic": self.name}
        back = dict(routes, ros_topic="/measured_back")
        self.to_kafka(routes, name="measured_there", metrics=ports)
        returning = self.to_ros(back, name="measured_back", metrics=ports)
        returning.expect("metrics at")
        prometheus = self.start_prometheus(ports)
        publisher = self.publisher("/measured", Int64)
        timer = rospy.Timer(rospy.Duration(0.05), lambda _: publisher.publish(1))
        self.addCleanup(timer.shutdown)

        def up():
            return {t["labels"].get("node", t["labels"]["job"]): t["health"] for t in active()}

        def active():
            return prometheus.ask("targets", state="active")["activeTargets"]

        expected = {"ros_to_kafka": "up", "kafka_to_ros": "up", "node": "up"}
        wait_until(lambda: up() == expected, what="three targets that are up")
        asked = queries()
        self.assertGreater(len(asked), 20)
        for panel, expression in asked:
            wait_until(
                lambda e=expression: prometheus.result(e), what="%s: %s" % (panel, expression)
            )
        rate = "sum(rate(kafka_bridge_messages_delivered_total{direction='%s'}[20s]))"
        for direction in ("ros_to_kafka", "kafka_to_ros"):
            wait_until(
                lambda d=direction: float(prometheus.result(rate % d)[0]["value"][1]) > 0,
                what="a rate above 0 of " + direction,
            )

        def alerts(key):
            groups = prometheus.ask("rules")["groups"]
            return {rule["name"]: rule[key] for group in groups for rule in group["rules"]}

        # On a busy machine one may have been pending, and what it says may not be known at once.
        for key, calm in (("health", "ok"), ("state", "inactive")):
            wait_until(
                lambda k=key, c=calm: set(alerts(k).values()) == {c},
                what="every alert's %s: %s" % (key, calm),
            )


if __name__ == "__main__":
    run(BridgePrometheusTest)
