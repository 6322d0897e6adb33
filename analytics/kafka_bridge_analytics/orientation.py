"""A phone's orientation in MySQL: quaternions, and roll, pitch and yaw of them."""

from __future__ import annotations

import math
from typing import NamedTuple, Sequence

from pymysql.cursors import Cursor

from .sinks import mysql


class Record(NamedTuple):
    """A record of Kafka topic `phone-orientation`: time in seconds since 1970, a quaternion."""

    id: int
    time: float
    qz: float
    qy: float
    qx: float
    qw: float


class Angles(NamedTuple):
    """In radians."""

    roll: float
    pitch: float
    yaw: float


def angles(x: float, y: float, z: float, w: float) -> Angles | None:
    """Rotations about the fixed axes X, Y and Z, in this order (REP 103), in radians: roll and yaw
    -pi … pi, pitch -pi/2 … pi/2. The quaternion need not have length 1; None where it has none. At
    a pitch of ±pi/2 only roll and yaw together are defined: roll is 0 there."""
    norm = math.sqrt(x * x + y * y + z * z + w * w)
    if norm == 0 or not math.isfinite(norm):
        return None
    x, y, z, w = x / norm, y / norm, z / norm, w / norm
    sine = 2 * (w * y - z * x)
    if abs(sine) > 1 - 1e-12:
        yaw = -2 * math.copysign(1, sine) * math.atan2(x, w)
        return Angles(0.0, math.copysign(math.pi / 2, sine), math.remainder(yaw, 2 * math.pi))
    roll = math.atan2(2 * (w * x + y * z), 1 - 2 * (x * x + y * y))
    yaw = math.atan2(2 * (w * z + x * y), 1 - 2 * (y * y + z * z))
    return Angles(roll, math.asin(sine), yaw)


_NAMES = (
    *("id", "stamp", "time", "seconds_elapsed"),
    *("qz", "qy", "qx", "qw", "roll", "pitch", "yaw"),
)


def take(database: mysql.Database, records: Sequence[Record]) -> int:
    """Writes `records` (one or more) in one transaction; a row whose id is there is replaced by the
    same. seconds_elapsed counts from the row with the lowest id. Returns how many have no
    orientation: their angles are NULL."""
    records = sorted({record.id: record for record in records}.values())
    with database.transaction() as cursor:
        first = _first_stamp(cursor, records[0])
        rows = [_row(record, first) for record in records]
        mysql.upsert(cursor, "INGESTED_TABLE_1", _NAMES, rows)
    return sum(row[-1] is None for row in rows)


def _first_stamp(cursor: Cursor, record: Record) -> float:
    cursor.execute(
        "SELECT stamp FROM INGESTED_TABLE_1 WHERE stamp IS NOT NULL AND id < %s "
        "ORDER BY id LIMIT 1",
        (record.id,),
    )
    row = cursor.fetchone()
    return row[0] if row else record.time


def _row(record: Record, first: float) -> tuple:
    its = angles(record.qx, record.qy, record.qz, record.qw) or (None, None, None)
    elapsed = record.time - first
    return (record.id, record.time, record.time, elapsed, *record[2:], *its)
