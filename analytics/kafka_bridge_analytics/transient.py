"""Which failures pass: an engine that is away, a topic that is not there yet."""

from __future__ import annotations

import re

import pymysql

# As they stand in the text of Spark's exceptions, which holds the causes' stack traces.
_CAUSES = re.compile(
    r"org\.apache\.kafka\.common\.errors\.(?:Timeout|UnknownTopicOrPartition|Disconnect|Network"
    r"|NotLeaderOrFollower|LeaderNotAvailable|BrokerNotAvailable|CoordinatorNotAvailable"
    r"|CoordinatorLoadInProgress|NotEnoughReplicas|NotEnoughReplicasAfterAppend)Exception"
    r"|java\.net\.ConnectException|java\.util\.concurrent\.TimeoutException"
    r"|Failed to open native connection to Cassandra|Failed to write statements to"
    r"|AllNodesFailedException|NoNodeAvailableException|DriverTimeoutException"
)

# MySQL's: too many connections, shutdown, lock wait, deadlock, cannot connect (2), gone, lost.
_MYSQL = {1040, 1053, 1205, 1213, 2002, 2003, 2006, 2013}


def is_transient(error: BaseException) -> bool:
    """The same may succeed later."""
    if isinstance(error, (pymysql.err.OperationalError, pymysql.err.InternalError)):
        return bool(error.args) and error.args[0] in _MYSQL
    if isinstance(error, pymysql.err.InterfaceError):
        return True  # the connection was closed under us
    return _CAUSES.search(_text(error)) is not None


def summary(error: BaseException) -> str:
    """One line: the cause where the text has one, which Spark's exceptions bury."""
    text = _text(error)
    causes = re.findall(r"^\s*Caused by: (.*)$", text, re.MULTILINE)
    known = [line for line in text.splitlines() if _CAUSES.search(line)]
    lines = known[:1] or causes[-1:] or text.splitlines()[:1] or [type(error).__name__]
    return lines[0].strip().lstrip(": ").replace("Caused by: ", "", 1)[:400]


def _text(error: BaseException) -> str:
    """The message and, of Java's exceptions, the stack trace, where the causes are."""
    return (str(error).strip() + "\n" + (getattr(error, "stackTrace", None) or "")).strip()
