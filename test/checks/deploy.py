#!/usr/bin/env python3
"""deploy/compose.yaml agrees with deploy/engines.env, the tree and itself, in every profile.

usage: deploy.py SOURCE_DIRECTORY < the whole as `docker-compose config` prints it

It was interpolated with engines.env. Looked at: images are pinned to the versions there, ports are
those there and published on loopback, what is mounted and launched is in the tree, what a service
waits for is in the same profile and has a health check, addresses between containers name services
that listen there, and Prometheus' template has a value for each of its names.
"""

import pathlib
import re
import subprocess
import sys

import yaml

WATCHING = {"prometheus", "node-exporter", "grafana"}
# Each pipeline's profile, with the engines that it has beside Kafka.
PIPELINES = {
    "odometry": {"cassandra", "cassandra-schema"},
    "words": {"word-count", "word-count-topic"},
    "word_totals": WATCHING,
    "detector": {"spark-master", "spark-worker"},
    "truck": {"mariadb"} | WATCHING,
}
# What an image of which version runs: repository of the image, key of engines.env, tag.
IMAGES = {
    "apache/kafka": ("KAFKA_VERSION", "%s"),
    "cassandra": ("CASSANDRA_VERSION", "%s"),
    "mariadb": ("MARIADB_VERSION", "%s"),
    "prom/prometheus": ("PROMETHEUS_VERSION", "v%s"),
    "prom/node-exporter": ("NODE_EXPORTER_VERSION", "v%s"),
    "grafana/grafana": ("GRAFANA_VERSION", "%s"),
    "kafka_bridge_analytics": ("SPARK_VERSION", "%s"),
}
# Which services publish which port of engines.env.
PORTS = {
    "kafka": {"KAFKA_PORT"},
    "cassandra": {"CASSANDRA_PORT"},
    "mariadb": {"MARIADB_PORT"},
    "spark-master": {"SPARK_MASTER_PORT", "SPARK_MASTER_UI_PORT"},
    "prometheus": {"PROMETHEUS_PORT"},
    "node-exporter": {"NODE_EXPORTER_PORT"},
    "grafana": {"GRAFANA_PORT"},
}
BRIDGE_PORTS = {"METRICS_ROS_TO_KAFKA_PORT", "METRICS_KAFKA_TO_ROS_PORT"}
ADDRESS = re.compile(r"\b([a-z][a-z-]*):(\d{2,5})\b")


def read_environment(path):
    lines = [line for line in path.read_text().splitlines() if line and not line.startswith("#")]
    return dict(line.split("=", 1) for line in lines)


def words(service):
    """All that its command, health check and environment say, as one text."""
    parts = [service.get("command") or [], service.get("healthcheck", {}).get("test", [])]
    parts.append((service.get("environment") or {}).values())
    return " ".join(str(word) for part in parts for word in part)


class Checker:
    def __init__(self, root, composed):
        self.root = root
        self.services = composed["services"]
        self.environment = read_environment(root / "deploy/engines.env")
        self.problems = []

    def expect(self, right, text, *arguments):
        if not right:
            self.problems.append(text % arguments)

    def check(self):
        for name, service in self.services.items():
            self.check_image(name, service)
            self.check_ports(name, service)
            self.check_mounts(name, service)
            self.check_waits(name, service)
            self.check_addresses(name, service)
            self.check_command(name, service)
            if service.get("restart") and not name.endswith(("-job", "-worker", "word-count")):
                self.expect("healthcheck" in service, "%s has no health check", name)
        for profile in PIPELINES:
            self.check_profile(profile)
        self.check_broker()
        self.check_prometheus()
        self.check_grafana()

    def check_image(self, name, service):
        repository, _, tag = service["image"].partition(":")
        if repository == "kafka_bridge":
            target = service["build"]["target"]
            self.expect(tag == target, "%s: image %s of target %s", name, tag, target)
            stages = re.findall(
                r"^FROM \S+ AS (\S+)", (self.root / "deploy/Dockerfile").read_text(), re.MULTILINE
            )
            self.expect(target in stages, "%s: deploy/Dockerfile has no target %s", name, target)
            return
        key, form = IMAGES.get(repository, (None, ""))
        self.expect(key, "%s: image %s is none that deploy.py knows", name, repository)
        if key:
            expected = form % self.environment[key]
            self.expect(tag == expected, "%s: %s:%s, not %s", name, repository, tag, expected)
        if "build" in service:
            dockerfile = self.root / service["build"]["dockerfile"]
            self.expect(dockerfile.is_file(), "%s: no %s", name, dockerfile)

    def check_ports(self, name, service):
        keys = BRIDGE_PORTS if name.endswith("-bridge") else PORTS.get(name, set())
        expected = {self.environment[key] for key in keys}
        published = set()
        for port in service.get("ports", []):
            host, outside, _ = re.sub("/tcp$", "", port).split(":")
            self.expect(host == "127.0.0.1", "%s publishes %s beyond loopback", name, port)
            published.add(outside)
        self.expect(published == expected, "%s publishes %s, not %s", name, published, expected)

    def check_mounts(self, name, service):
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            if source.startswith("/") and source != "/":
                self.expect(pathlib.Path(source).is_dir(), "%s mounts %s: not there", name, source)

    def check_waits(self, name, service):
        for other, wait in service.get("depends_on", {}).items():
            waited = self.services[other]
            missing = set(service["profiles"]) - set(waited["profiles"])
            self.expect(not missing, "%s waits for %s, not in %s", name, other, missing)
            if wait["condition"] == "service_healthy":
                self.expect("healthcheck" in waited, "%s has no health check", other)
            if wait["condition"] == "service_completed_successfully":
                self.expect("restart" not in waited, "%s is started again and again", other)

    def listens(self, name):
        """The ports inside the container."""
        ports = {p.split(":")[-1].replace("/tcp", "") for p in self.services[name].get("ports", [])}
        return ports | ({"19092", "19093"} if name == "kafka" else set())

    def check_addresses(self, name, service):
        """Each HOST:PORT in its words, where HOST is a service."""
        for host, port in ADDRESS.findall(words(service)):
            if host == "bridge":
                expected = {self.environment[key] for key in BRIDGE_PORTS}
                self.expect(port in expected, "%s: nobody listens at bridge:%s", name, port)
            elif host in self.services:
                self.expect(port in self.listens(host), "%s: no %s:%s", name, host, port)
                missing = set(service["profiles"]) - set(self.services[host]["profiles"])
                self.expect(not missing, "%s asks %s, not in %s", name, host, missing)

    def check_command(self, name, service):
        command = service.get("command") or []
        if name.endswith("-bridge"):
            self.check_launch(name, service["profiles"][0], command)
        elif name.endswith("-job"):
            module = self.root / "analytics/kafka_bridge_analytics" / (command[0] + ".py")
            self.expect(module.is_file(), "%s: there is no job %s", name, command[0])
            self.check_options(name, command, module)
        elif name == "cassandra-schema":
            self.expect((self.root / "deploy/cassandra/ros.cql").is_file(), "no ros.cql")
        elif name == "word-count":
            self.expect(
                (self.root / "deploy/word_count/streams.properties").is_file(), "no properties"
            )

    def check_launch(self, name, pipeline, command):
        inside = command[1].replace("/opt/kafka_bridge/share/kafka_bridge/", "")
        self.expect(inside == "launch/pipelines/%s.launch" % pipeline, "%s: %s", name, inside)
        text = (self.root / inside).read_text()
        for argument in command[2:]:
            arg = argument.split(":=")[0]
            self.expect('<arg name="%s"' % arg in text, "%s: %s has no arg %s", name, inside, arg)

    def check_options(self, name, command, module):
        text = module.read_text() + (module.parent / "arguments.py").read_text()
        for option in command[1:]:
            known = '"%s"' % option in text
            self.expect(known or not option.startswith("--"), "%s: no option %s", name, option)

    def check_profile(self, profile):
        inside = [name for name, s in self.services.items() if profile in s["profiles"]]
        bridges = [name for name in inside if name.endswith("-bridge")]
        jobs = [name for name in inside if name.endswith("-job")]
        self.expect(len(bridges) == 1, "profile %s has the bridges %s", profile, bridges)
        self.expect(len(jobs) == 1, "profile %s has the jobs %s", profile, jobs)
        engines = set(inside) - set(bridges) - set(jobs)
        expected = PIPELINES[profile] | {"kafka"}
        self.expect(engines == expected, "profile %s has %s", profile, sorted(engines))

    def check_broker(self):
        """Each listener is advertised where its clients reach it."""
        said = self.services["kafka"]["environment"]
        port = self.environment["KAFKA_PORT"]
        advertised = said["KAFKA_ADVERTISED_LISTENERS"].split(",")
        expected = ["INSIDE://kafka:19092", "OUTSIDE://localhost:" + port]
        self.expect(advertised == expected, "kafka advertises %s", advertised)
        listeners = said["KAFKA_LISTENERS"].split(",")
        self.expect("OUTSIDE://:" + port in listeners, "kafka listens at %s", listeners)

    def check_prometheus(self):
        """The container's sed, run here, leaves no {NAME} and a configuration as the template's."""
        service = self.services["prometheus"]
        script = service["command"][0].replace("$$", "$").split("&&")[0].split(">")[0]
        script = script.replace("/etc/kafka_bridge", str(self.root / "deploy/prometheus"))
        done = subprocess.run(
            ["sh", "-c", script],
            env=dict(service["environment"], PATH="/usr/bin:/bin"),
            stdout=subprocess.PIPE,
            text=True,
            check=True,
            timeout=30,
        )
        said = "\n".join(line for line in done.stdout.splitlines() if not line.startswith("#"))
        left = re.findall(r"\{[A-Z_]+\}", said)
        self.expect(not left, "prometheus.yml.in: no value for %s", left)
        targets = set(re.findall(r'targets: \["(.*)"\]', said))
        expected = {
            "bridge:" + self.environment["METRICS_ROS_TO_KAFKA_PORT"],
            "bridge:" + self.environment["METRICS_KAFKA_TO_ROS_PORT"],
            "node-exporter:" + self.environment["NODE_EXPORTER_PORT"],
        }
        self.expect(targets == expected, "Prometheus scrapes %s, not %s", targets, expected)

    def check_grafana(self):
        provisioning = self.root / "deploy/grafana/provisioning"
        source = yaml.safe_load((provisioning / "datasources/prometheus.yml").read_text())
        provider = yaml.safe_load((provisioning / "dashboards/kafka_bridge.yml").read_text())
        uid = source["datasources"][0]["uid"]
        for path in (self.root / "deploy/grafana/dashboards").glob("*.json"):
            uids = set(re.findall(r'"type": "prometheus",\s*"uid": "(\w+)"', path.read_text()))
            self.expect(uids == {uid}, "%s asks %s, which is not %s", path.name, uids, uid)
        inside = [v.split(":")[1] for v in self.services["grafana"]["volumes"]]
        path = provider["providers"][0]["options"]["path"]
        self.expect(path in inside, "Grafana looks for dashboards in %s: not mounted", path)


def main(root):
    checker = Checker(pathlib.Path(root).resolve(), yaml.safe_load(sys.stdin))
    checker.check()
    print("\n".join(checker.problems) or "%d services agree" % len(checker.services))
    return 1 if checker.problems else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
