"""A real Kafka broker, and records written and read with kcat, for tests in Python.

    with KafkaBroker() as broker:
        broker.create_topic("results", partitions=1)
        produce(broker, "results", '{"x":1}', key="warty", headers={"ros_type": "std_msgs/String"})
        record = consume(broker, "results", count=1)[0]
        assert record.json() == {"x": 1} and record.headers["ros_type"] == b"std_msgs/String"

Every function takes a KafkaBroker or a plain address ("127.0.0.1:9092") for `broker`; the latter
serves the embedded broker as well. Standard library only; the broker itself is scripts/kafka, which
fetches Kafka on first use (about 50 MB) and then starts in 3 to 5 seconds.

A broker takes 350 MB and its start two processors, so tests that start one run one at a time:
set_tests_properties(integration.NAME PROPERTIES RESOURCE_LOCK real_broker).
"""

import atexit
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SCRIPT = os.path.join(ROOT, "scripts", "kafka")
KCAT = shutil.which("kcat") or "kafkacat"  # its older name
BEING_MADE = ("Unknown topic", "not available", "Not leader")  # what kcat says of such a topic
PATIENCE = 240  # seconds; a wait that takes so long has failed, on a busy machine too

# Properties of a broker that can be told who may do what; all may do all until then.
AUTHORIZER = {
    "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
    "allow.everyone.if.no.acl.found": "true",
}


class KafkaBroker:
    """One broker on loopback, in a directory and on ports of its own.

    properties  broker properties, as {"auto.create.topics.enable": "false"}
    users       {"name": "password"}: clients must log in with SASL_PLAINTEXT and PLAIN, as
                {"security.protocol": "SASL_PLAINTEXT", "sasl.mechanism": "PLAIN",
                "sasl.username": "name", "sasl.password": "password"}, which client_properties says
    listeners   {"name": {"security.protocol": "SSL", ...}}: more listeners, with Kafka's properties
                of each; after the start listener_addresses["name"] says where it is
    directory   where it lives; a temporary one, removed in the end, where none is given

    start(), stop(), kill() and restart() may follow each other as a test likes: records, port and
    properties stay. Used with `with` it is started and closed. A broker never outlives the process
    that started it.
    """

    def __init__(self, properties=None, users=None, listeners=None, directory=None):
        self.directory = directory or tempfile.mkdtemp(prefix="kafka_broker.")
        self.bootstrap_servers = None  # "127.0.0.1:PORT" from the first start on
        self.listener_addresses = {}
        self.client_properties = {}  # what a client needs besides, users given: the first of them
        self._owns_directory = directory is None
        self._options = []
        for key, value in (properties or {}).items():
            self._options += ["--property", "%s=%s" % (key, value)]
        for name, described in (listeners or {}).items():
            self._options += ["--listener", "%s:%s" % (name, described["security.protocol"])]
            for key, value in described.items():
                if key != "security.protocol":
                    option = "listener.name.%s.%s=%s" % (name, key, value)
                    self._options += ["--property", option]
        for name, password in (users or {}).items():
            self._options += ["--user", "%s:%s" % (name, password)]
            if not self.client_properties:
                self.client_properties = {
                    "security.protocol": "SASL_PLAINTEXT",
                    "sasl.mechanism": "PLAIN",
                    "sasl.username": name,
                    "sasl.password": password,
                }
        atexit.register(self.close)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.close()

    def start(self):
        """Starts it and waits until it serves. After kill() that takes up to 7 seconds: the
        broker's old session has to end first. Returns self."""
        output = self._run("start", "--while", str(os.getpid()), *self._options)
        self.bootstrap_servers = output.split()[-1]
        lines = [line.split() for line in self._run("listeners").splitlines()]
        self.listener_addresses = {line[0]: line[1] for line in lines}
        return self

    def stop(self):
        """Stops it in good order; what it holds stays for the next start()."""
        self._run("stop")

    def kill(self):
        """Ends it at once with SIGKILL, as a crash or a power loss of the broker would."""
        self._run("stop", "--kill")

    def freeze(self):
        """Halts its process, which keeps its connections and answers nobody, until thaw()."""
        os.kill(self._pid(), signal.SIGSTOP)

    def thaw(self):
        os.kill(self._pid(), signal.SIGCONT)

    def restart(self):
        """stop() and start() on the same port."""
        self.stop()
        self.start()

    def close(self):
        """Ends it for good and removes its directory, if that was its own. May be called twice."""
        atexit.unregister(self.close)
        if os.path.isdir(self.directory):
            if not self._owns_directory:
                self.stop()
            else:
                self.kill()
                shutil.rmtree(self.directory, ignore_errors=True)

    def is_running(self):
        """Whether its process lives."""
        command = [SCRIPT, "status", "--dir", self.directory]
        return subprocess.call(command, stdout=subprocess.DEVNULL) == 0

    def create_topic(self, name, partitions=1, **config):
        """Creates a topic and waits until it is there; config takes a topic's properties with '_'
        for '.', as cleanup_policy="compact"."""
        options = []
        for key, value in config.items():
            options += ["--config", "%s=%s" % (key.replace("_", "."), value)]
        self._run("topics", "--create", "--topic", name, "--partitions", str(partitions), *options)

    def delete_topic(self, name):
        """Deletes a topic and its records, and waits until it is gone."""
        self._run("topics", "--delete", "--topic", name)
        wait_until(lambda: name not in self.topics(), what="the end of topic " + name)

    def deny_writing(self, topic):
        """Nobody may write to the topic any more. The broker's properties hold AUTHORIZER."""
        options = ["--add", "--force", "--deny-principal", "User:*", "--operation", "Write"]
        self._run("acls", *options, "--topic", topic)

    def allow_writing(self, topic):
        """Takes deny_writing back."""
        options = ["--remove", "--force", "--deny-principal", "User:*", "--operation", "Write"]
        self._run("acls", *options, "--topic", topic)

    def delete_records(self, name, before, partition=0):
        """Deletes the records of a partition whose offsets are below `before`."""
        places = [{"topic": name, "partition": partition, "offset": before}]
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            json.dump({"version": 1, "partitions": places}, file)
            file.flush()
            self._run("delete-records", "--offset-json-file", file.name)

    def topic_config(self, name):
        """A topic's partition count and overridden properties, as
        {"partitions": 1, "cleanup.policy": "compact"}."""
        text = self._run("topics", "--describe", "--topic", name).splitlines()[0]
        fields = {}  # where Kafka 3.9 has nothing to say of one, it is "Configs: "
        for part in text.split("\t"):
            name, _, value = part.partition(":")
            fields[name.strip()] = value.strip()
        config = dict(pair.split("=", 1) for pair in fields.get("Configs", "").split(",") if pair)
        config["partitions"] = int(fields["PartitionCount"])
        return config

    def topics(self):
        """The names of all topics, sorted, without Kafka's own."""
        names = self._run("topics", "--list").split()
        return sorted(name for name in names if not name.startswith("__"))

    def log(self):
        """What the broker has said since its last start."""
        with open(os.path.join(self.directory, "broker.log"), encoding="utf-8") as log:
            return log.read()

    def shorten(self, topic, size, partition=0):
        """Takes the last `size` bytes from a partition's records, as a loss of power may. The
        broker does not run."""
        directory = os.path.join(self.directory, "data", "%s-%d" % (topic, partition))
        log = max(name for name in os.listdir(directory) if name.endswith(".log"))
        path = os.path.join(directory, log)
        os.truncate(path, os.path.getsize(path) - size)
        for name in os.listdir(directory):
            # What it had noted of its producers beside them.
            if name.endswith(".snapshot"):
                os.unlink(os.path.join(directory, name))

    def _pid(self):
        with open(os.path.join(self.directory, "pid"), encoding="ascii") as file:
            return int(file.read())

    def _run(self, command, *arguments):
        done = subprocess.run(
            [SCRIPT, command, "--dir", self.directory, *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        if done.returncode != 0:
            raise RuntimeError("scripts/kafka %s failed: %s" % (command, done.stderr.strip()))
        return done.stdout


class Record:
    """A record as it was read: topic, partition, offset, timestamp (milliseconds), key and value
    (bytes, or None where it has none), headers ({name: bytes or None}, the last one of equal names)
    and header_list ([(name, bytes or None)], all of them)."""

    def __init__(self, fields):
        self.topic = fields["topic"]
        self.partition = fields["partition"]
        self.offset = fields["offset"]
        self.timestamp = fields.get("ts")
        self.key = _bytes(fields.get("key"))
        self.value = _bytes(fields.get("payload"))
        flat = fields.get("headers", [])
        self.header_list = [(flat[i], _bytes(flat[i + 1])) for i in range(0, len(flat), 2)]
        self.headers = dict(self.header_list)

    def own_time(self):
        """The time in milliseconds that the bridge would have given it, had Kafka kept that."""
        return int(self.headers.get("ros_timestamp", self.timestamp))

    def text(self):
        """The value as UTF-8."""
        return self.value.decode("utf-8")

    def json(self):
        """The value as Python objects; NaN and Infinity, which JSON has not, are errors."""
        return json.loads(self.text(), parse_constant=_no_constant)

    def __repr__(self):
        value = "None" if self.value is None else repr(self.value[:200])
        return "Record(%s[%d]@%d key=%r value=%s headers=%r)" % (
            self.topic,
            self.partition,
            self.offset,
            self.key,
            value,
            self.header_list,
        )


def produce(broker, topic, value, key=None, headers=None, partition=None, timeout=PATIENCE):
    """Writes one record and waits for its delivery. value: str, bytes, or None for a tombstone;
    key: str or None; headers: {name: str}. An exact copy: line ends and NULs in value stay. An
    empty value without a key gets an empty key: kcat cannot do otherwise."""
    options = ["-P", "-t", topic]
    options += [] if partition is None else ["-p", str(partition)]
    for name, text in (headers or {}).items():
        options += ["-H", "%s=%s" % (name, text)]
    if isinstance(value, str):
        value = value.encode("utf-8")
    if not value:
        # kcat leaves out empty lines and files, but not a key with nothing after it.
        options += ["-K", "\x01"] + (["-Z"] if value is None else [])
        _kcat(broker, options, timeout, (key or "").encode("utf-8") + b"\x01\n")
        return
    options += [] if key is None else ["-k", key]
    with tempfile.NamedTemporaryFile() as file:
        file.write(value)
        file.flush()
        _kcat(broker, options + [file.name], timeout)


def produce_lines(broker, topic, lines, timeout=PATIENCE):
    """Writes each text of `lines` (without line ends) as a record without a key, in order."""
    text = "".join(line + "\n" for line in lines)
    _kcat(broker, ["-P", "-t", topic, "-p", "0"], timeout, text.encode("utf-8"))


def consume(broker, topic, count=None, timeout=PATIENCE, offset="beginning", partition=None):
    """Reads records from `offset` ("beginning", "end", a number, or -N for the last N).

    With count, waits until that many have come (oldest first in each partition) and fails with
    TimeoutError, which holds what did come, when `timeout` seconds have passed. Without it, reads
    what is there now; a topic that does not exist holds nothing. Returns [Record]."""
    options = ["-C", "-J", "-q", "-t", topic, "-o", str(offset)]
    options += [] if partition is None else ["-p", str(partition)]
    if count is None:
        try:
            return _records(_kcat(broker, options + ["-e"], timeout))
        except RuntimeError as error:
            if any(one in str(error) for one in BEING_MADE):
                return []
            raise
    deadline = time.monotonic() + timeout
    text = b""
    turn = 10  # seconds
    while time.monotonic() < deadline:
        try:
            # The topic may be made while this waits, which kcat answers with an error, and with
            # librdkafka 1.6 by waiting for ever: another try.
            remaining = max(0.1, deadline - time.monotonic())
            text = _kcat(broker, options + ["-u", "-c", str(count)], min(turn, remaining))
            if len(_records(text)) >= count:
                return _records(text)
        except subprocess.TimeoutExpired as late:
            text = late.stdout or b""
            turn *= 2
        except RuntimeError as error:
            if not any(one in str(error) for one in BEING_MADE):
                raise
            time.sleep(0.2)
    raise TimeoutError(
        "%d records of %d came from topic %s in %s s: %r"
        % (len(_records(text)), count, topic, timeout, _records(text)[-3:])
    )


def end_offsets(broker, topic, isolation="read_uncommitted"):
    """How far each partition goes: [offset of the next record], which counts the records ever
    written to a topic that nothing is deleted from. For "read_committed": up to where the first
    transaction is open, which the broker closes a while after a producer's commit."""
    found = json.loads(_kcat(broker, ["-L", "-J", "-t", topic], PATIENCE))
    options = ["-Q", "-X", "isolation.level=" + isolation]
    for partition in range(len(found["topics"][0]["partitions"])):
        options += ["-t", "%s:%d:-1" % (topic, partition)]
    lines = _kcat(broker, options, PATIENCE).decode("utf-8").splitlines()
    return [int(line.rsplit(" ", 1)[1]) for line in sorted(lines)]


def wait_until(condition, timeout=PATIENCE, what="the condition"):
    """Calls condition() until it returns something true, which is returned."""
    deadline = time.monotonic() + timeout
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() > deadline:
            raise TimeoutError("%s did not come true in %s s" % (what, timeout))
        time.sleep(0.05)


def _kcat(broker, options, timeout, text=None):
    command = [KCAT, "-X", "log_level=3"]
    command += ["-b", getattr(broker, "bootstrap_servers", broker)]
    for key, value in getattr(broker, "client_properties", {}).items():
        command += ["-X", "%s=%s" % (key, value)]
    stdin = {"stdin": subprocess.DEVNULL} if text is None else {"input": text}
    deadline = time.monotonic() + timeout
    while True:
        done = subprocess.run(
            command + options,
            capture_output=True,
            timeout=timeout,
            check=False,
            **stdin,
        )
        # An old librdkafka does not wait for a topic that was made just now.
        new = "-P" in options and b"Unknown topic" in done.stderr and time.monotonic() < deadline
        if done.returncode == 0 or not new:
            break
        time.sleep(0.2)
    if done.returncode != 0:
        raise RuntimeError("%s: %s" % (" ".join(command + options), done.stderr.decode().strip()))
    return done.stdout


def _records(text):
    # kcat escapes control characters and writes every other byte as it is; read as Latin-1 each
    # byte is one character, so that bytes which are not UTF-8 come through.
    lines = text.decode("latin-1").split("\n")
    return [Record(json.loads(line)) for line in lines[:-1]]


def _bytes(text):
    return None if text is None else text.encode("latin-1")


def _no_constant(name):
    raise ValueError("%s is not JSON" % name)
