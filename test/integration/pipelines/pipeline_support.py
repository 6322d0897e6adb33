"""A whole pipeline under test as a user has it: started, asked and ended by scripts/pipeline, in a
directory of its own and on free ports."""

import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(os.path.dirname(HERE), "bridge"), os.path.dirname(HERE)]
from kafka_broker import ROOT, consume, end_offsets, produce_lines, wait_until  # noqa: E402, F401

PATIENCE = 180  # seconds, of an engine's or a job's start on a busy machine


class Pipeline:
    """`scripts/pipeline NAME`; `arguments` are those of `up`, as "--cluster" or "rate:=100"."""

    def __init__(self, name, *arguments):
        self.name = name
        self.arguments = arguments
        self.directory = tempfile.mkdtemp(prefix="kafka_bridge_%s." % name)
        self.addresses = {}

    def up(self):
        """Starts it; every part of it answers then. Sets `addresses` and this process's ROS
        master."""
        self.run("up", "--free-ports", *self.arguments, timeout=900)
        with open(os.path.join(self.directory, "addresses.env"), encoding="utf-8") as file:
            words = shlex.split(file.read(), comments=True)  # as a shell that sources it
        self.addresses = dict(word.split("=", 1) for word in words)
        os.environ["ROS_MASTER_URI"] = self.addresses["ROS_MASTER_URI"]
        return self

    def down(self):
        """Ends it and removes all that is left of it."""
        try:
            self.run("down", "--clean", timeout=300)
            if os.path.exists(self.directory):
                raise AssertionError("down --clean has left %s" % os.listdir(self.directory))
        finally:
            shutil.rmtree(self.directory, ignore_errors=True)

    def restart(self, part, kill=False):
        """Ends one part and starts it again; with `kill` it is ended as by a crash."""
        self.run("restart", part, *(["--kill"] if kill else []), timeout=PATIENCE)

    def status(self):
        """What `status` prints, and whether all is well."""
        done = self.run("status", check=False, timeout=PATIENCE)
        return done.stdout, done.returncode == 0

    def logs(self, part):
        return self.run("logs", part).stdout

    def run(self, command, *arguments, timeout=180, check=True):
        program = os.path.join(ROOT, "scripts", "pipeline")
        done = subprocess.run(
            [program, self.name, command, "--dir", self.directory, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=timeout,
            check=False,
        )
        if check and done.returncode != 0:
            raise AssertionError(
                "scripts/pipeline %s %s failed:\n%s" % (self.name, command, done.stdout)
            )
        return done

    def query(self, engine, *arguments):
        """What `scripts/engine ENGINE client` prints."""
        return subprocess.run(
            [
                os.path.join(ROOT, "scripts", "engine"),
                engine,
                "client",
                "--dir",
                os.path.join(self.directory, engine),
                *arguments,
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
            timeout=180,
            check=True,
        ).stdout

    def sql(self, statement):
        """Rows of MariaDB as lists of texts."""
        text = self.query("mariadb", "--batch", "--skip-column-names", "-e", statement)
        return [line.split("\t") for line in text.splitlines()]

    def cql(self, statement):
        """Rows of Cassandra as dictionaries of texts; numbers with all their digits."""
        text = self.query("cassandra", "-e", "PAGING OFF; EXPAND OFF; " + statement)
        lines = [line for line in text.splitlines() if " | " in line or line.startswith(" ")]
        if not lines:
            return []
        names = [name.strip() for name in lines[0].split("|")]
        cells = [[cell.strip() for cell in line.split("|")] for line in lines[1:]]
        return [dict(zip(names, row)) for row in cells if len(row) == len(names)]


class PipelineTest(unittest.TestCase):
    """With one pipeline for all tests of the class."""

    maxDiff = None
    pipeline = None  # name
    arguments = ()

    @classmethod
    def setUpClass(cls):
        cls.it = Pipeline(cls.pipeline, *cls.arguments)
        try:
            cls.it.up()
        except BaseException:
            cls.it.down()
            raise

    @classmethod
    def tearDownClass(cls):
        cls.it.down()

    def totals(self, node="ros_to_kafka"):
        """The totals that a bridge node says now, as {"received": 3, "delivered": 2, ...}."""
        import rospy
        from std_srvs.srv import Trigger

        rospy.wait_for_service("/%s/totals" % node, PATIENCE)
        text = rospy.ServiceProxy("/%s/totals" % node, Trigger)().message
        found = re.findall(r"([A-Za-z_-]+(?: [a-zA-Z_-]+)*) (\d+)", text)
        return {name: int(number) for name, number in found}

    def until(self, condition, what, timeout=PATIENCE):
        """Waits for condition(); where it does not come true, the state of all parts is told."""
        try:
            return wait_until(condition, timeout, what)
        except TimeoutError as late:
            raise AssertionError("%s\n%s" % (late, self.it.status()[0])) from late
