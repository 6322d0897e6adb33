"""MySQL (or MariaDB) as a sink: upserts by a key that the record brings, in transactions."""

from __future__ import annotations

import contextlib
from typing import Iterable, Iterator, NamedTuple, Sequence

import pymysql
from pymysql.cursors import Cursor

# Ids in one IN (...): far below max_allowed_packet.
CHUNK = 5000

_SESSION = (
    # An id of 0 is a record's first, not "the next number".
    "SET SESSION sql_mode = CONCAT_WS(',', @@sql_mode, "
    "'NO_AUTO_VALUE_ON_ZERO', 'STRICT_ALL_TABLES')",
    "SET SESSION time_zone = '+00:00'",
)


class Address(NamedTuple):
    """Where, and as whom. What is None or empty is taken from `defaults_file`, an option file of
    MySQL's with a section `client`, else it is MySQL's own default."""

    host: str | None
    port: int
    user: str | None
    password: str
    database: str
    defaults_file: str | None = None


class Database:
    """One connection, made when it is needed and again when it was lost. For one thread."""

    def __init__(self, address: Address) -> None:
        self._address = address
        self._connection: pymysql.connections.Connection | None = None

    @contextlib.contextmanager
    def transaction(self) -> Iterator[Cursor]:
        """All or nothing of what is done with the cursor. pymysql.err.Error where it cannot be; the
        connection is a new one the next time."""
        connection = self._connect()
        try:
            connection.begin()
            with connection.cursor() as cursor:
                yield cursor
            connection.commit()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Rolls back what is open."""
        if self._connection is not None:
            with contextlib.suppress(pymysql.err.Error):
                self._connection.close()
            self._connection = None

    def _connect(self) -> pymysql.connections.Connection:
        if self._connection is None:
            connection = pymysql.connect(
                host=self._address.host,
                port=self._address.port,
                user=self._address.user,
                password=self._address.password,
                database=self._address.database,
                read_default_file=self._address.defaults_file,
                charset="utf8mb4",
                connect_timeout=10,
                read_timeout=60,
                write_timeout=60,
            )
            with connection.cursor() as cursor:
                for statement in _SESSION:
                    cursor.execute(statement)
            self._connection = connection
        return self._connection


def upsert(
    cursor: Cursor, table: str, names: Sequence[str], rows: Iterable[Sequence[object]]
) -> None:
    """Writes `rows` of columns `names`, the key's among them; a row whose key is there replaces it.
    `table` and `names` are the program's own, never data."""
    columns = ", ".join("`%s`" % name for name in names)
    values = ", ".join(["%s"] * len(names))
    updates = ", ".join(f"`{name}` = VALUES(`{name}`)" for name in names)
    cursor.executemany(
        "INSERT INTO `%s` (%s) VALUES (%s) ON DUPLICATE KEY UPDATE %s"
        % (table, columns, values, updates),
        list(rows),
    )


def select_by_id(
    cursor: Cursor, table: str, names: Sequence[str], ids: Sequence[int]
) -> dict[int, tuple]:
    """The columns `names` of the rows with these ids, as far as they are there."""
    found: dict[int, tuple] = {}
    columns = ", ".join("`%s`" % name for name in ("id", *names))
    for begin in range(0, len(ids), CHUNK):
        chunk = ids[begin : begin + CHUNK]
        marks = ", ".join(["%s"] * len(chunk))
        cursor.execute("SELECT %s FROM `%s` WHERE id IN (%s)" % (columns, table, marks), chunk)
        found.update((row[0], row[1:]) for row in cursor.fetchall())
    return found
