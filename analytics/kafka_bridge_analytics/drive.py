"""A truck's drive in MySQL: its points, and how distance and engine speed go with time.

Each point is three rows of one id. What the running correlation needs of all points before is one
row of TRUCK_CORRELATION_STATE, read and written in the same transaction as the points' rows. So a
crash leaves both or neither, and a point whose rows are there is already in the sums: it is read
back, not taken in again. A batch that comes again changes nothing and gives the same points.

A drive begins with the first point, and anew where the distance covered falls from one point to the
next. Points are taken in by id; one that comes late, behind a higher id (a topic of several
partitions), is in its own correlation and in those that are computed after it.
"""

from __future__ import annotations

import dataclasses
import datetime
from typing import NamedTuple, Sequence

from pymysql.cursors import Cursor

from .correlation import Running
from .sinks import mysql

_STATE = [field.name for field in dataclasses.fields(Running)]


class Record(NamedTuple):
    """A record of Kafka topic `truck`: timestamp in seconds since 1970, the others as sent."""

    id: int
    timestamp: float
    distance_covered: float
    engine_speed: float
    fuel_consumed: float


class Point(NamedTuple):
    """A record and what is computed of it: seconds since the drive's start; distance a second since
    the point before (None for the first); the correlations over all points so far."""

    id: int
    timestamp: float
    time_elapsed: float
    distance_covered: float
    speed: float | None
    engine_speed: float
    fuel_consumed: float
    distance_correlation: float | None
    engine_speed_correlation: float | None


class Correlated(NamedTuple):
    """Of one point, as MySQL has it."""

    time_elapsed: float
    distance_correlation: float | None
    engine_speed_correlation: float | None


class Taken(NamedTuple):
    """The points of a batch by id, how many of them were new, and the drive after them."""

    points: list[Point]
    new: int
    drive: Running


def take(database: mysql.Database, records: Sequence[Record]) -> Taken:
    """Writes `records` (one or more) and what follows from them, in one transaction."""
    # An id that stands twice in a batch was sent twice.
    records = sorted({record.id: record for record in records}.values())
    with database.transaction() as cursor:
        drive = _load(cursor)
        known = _known(cursor, drive, records)
        _write_records(cursor, records)
        new = [record for record in records if record.id not in known]
        drive, correlated = correlate(drive, new)
        _write_correlations(cursor, new, correlated)
        if new:
            _save(cursor, drive)
        known.update(correlated)
        before = _before(cursor, records[0].id)
    return Taken(_points(records, known, before), len(new), drive)


def correlate(
    drive: Running | None, records: Sequence[Record]
) -> tuple[Running | None, dict[int, Correlated]]:
    """Takes `records`, by id, into `drive` (None: there is none yet); the drive after them, which
    may be another one, and what each record became."""
    correlated = {}
    for record in records:
        if drive is None or _begins_anew(drive, record):
            drive = Running(drive_start=record.timestamp)
        elapsed = drive.add(
            record.id, record.timestamp, record.distance_covered, record.engine_speed
        )
        correlated[record.id] = Correlated(
            elapsed, drive.distance_correlation, drive.engine_speed_correlation
        )
    return drive, correlated


def _begins_anew(drive: Running, record: Record) -> bool:
    return record.id > drive.last_id and record.distance_covered < drive.last_distance


def _load(cursor: Cursor) -> Running | None:
    columns = ", ".join("`%s`" % name for name in _STATE)
    cursor.execute("SELECT %s FROM TRUCK_CORRELATION_STATE WHERE id = 1 FOR UPDATE" % columns)
    row = cursor.fetchone()
    return Running(*row) if row else None


def _save(cursor: Cursor, drive: Running) -> None:
    row = (1, *dataclasses.astuple(drive))
    mysql.upsert(cursor, "TRUCK_CORRELATION_STATE", ["id", *_STATE], [row])


def _known(
    cursor: Cursor, drive: Running | None, records: Sequence[Record]
) -> dict[int, Correlated]:
    """What is there already of `records`. The common case, all new, costs one look."""
    if drive is None:
        return {}
    ids = [record.id for record in records]
    distances = mysql.select_by_id(
        cursor, "TRUCK_DISTANCE_CORRELATION", ("time_elapsed", "correlation"), ids
    )
    if not distances:
        return {}
    speeds = mysql.select_by_id(cursor, "TRUCK_ENGINE_SPEED_CORRELATION", ("correlation",), ids)
    return {
        ident: Correlated(elapsed, correlation, *speeds[ident])
        for ident, (elapsed, correlation) in distances.items()
    }


def _write_records(cursor: Cursor, records: Sequence[Record]) -> None:
    rows = [(record.id, utc(record.timestamp), *record[2:]) for record in records]
    names = ("id", "timestamp", "distance_covered", "engine_speed", "fuel_consumed")
    mysql.upsert(cursor, "TRUCK_PARAMETER_MAP", names, rows)


def _write_correlations(
    cursor: Cursor, records: Sequence[Record], correlated: dict[int, Correlated]
) -> None:
    pairs = [(record, correlated[record.id]) for record in records]
    mysql.upsert(
        cursor,
        "TRUCK_DISTANCE_CORRELATION",
        ("id", "distance_covered", "time_elapsed", "correlation"),
        [
            (one.id, one.distance_covered, its.time_elapsed, its.distance_correlation)
            for one, its in pairs
        ],
    )
    mysql.upsert(
        cursor,
        "TRUCK_ENGINE_SPEED_CORRELATION",
        ("id", "engine_speed", "time_elapsed", "correlation"),
        [
            (one.id, one.engine_speed, its.time_elapsed, its.engine_speed_correlation)
            for one, its in pairs
        ],
    )


def _before(cursor: Cursor, ident: int) -> tuple[float, float] | None:
    """Elapsed time and distance of the point before `ident`."""
    cursor.execute(
        "SELECT time_elapsed, distance_covered FROM TRUCK_DISTANCE_CORRELATION "
        "WHERE id < %s ORDER BY id DESC LIMIT 1",
        (ident,),
    )
    return cursor.fetchone()


def _points(
    records: Sequence[Record],
    correlated: dict[int, Correlated],
    before: tuple[float, float] | None,
) -> list[Point]:
    points = []
    for record in records:
        its = correlated[record.id]
        here = (its.time_elapsed, record.distance_covered)
        points.append(
            Point(
                id=record.id,
                timestamp=record.timestamp,
                time_elapsed=its.time_elapsed,
                distance_covered=record.distance_covered,
                speed=_speed(before, here),
                engine_speed=record.engine_speed,
                fuel_consumed=record.fuel_consumed,
                distance_correlation=its.distance_correlation,
                engine_speed_correlation=its.engine_speed_correlation,
            )
        )
        before = here
    return points


def _speed(before: tuple[float, float] | None, here: tuple[float, float]) -> float | None:
    if before is None or here[0] <= before[0] or here[1] < before[1]:
        return None  # the first of its drive
    return (here[1] - before[1]) / (here[0] - before[0])


def utc(timestamp: float) -> datetime.datetime:
    """Seconds since 1970 as MySQL's DATETIME takes them, to the microsecond. OverflowError or
    ValueError outside of the years 1 to 9999."""
    return datetime.datetime(1970, 1, 1) + datetime.timedelta(microseconds=round(timestamp * 1e6))
