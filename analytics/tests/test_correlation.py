"""The running correlation against numpy's, which has all points at once."""

from __future__ import annotations

import numpy
import pytest
from kafka_bridge_analytics import drive
from kafka_bridge_analytics.correlation import Running
from kafka_bridge_analytics.truck import correlation_record

START = 1795252710.123


def records(count: int, first: int = 0, distance: float = 0.0) -> list[drive.Record]:
    noise = numpy.random.default_rng(7)
    speeds = 80 + noise.normal(0, 10, count)
    steps = noise.uniform(0, 0.1, count)
    return [
        drive.Record(first + i, START + (first + i) * 0.004, distance + steps[: i + 1].sum(), s, 0)
        for i, s in enumerate(speeds)
    ]


def test_it_is_numpys_after_every_point() -> None:
    points = records(2000)
    _, correlated = drive.correlate(None, points)
    times = numpy.array([point.timestamp for point in points]) - START
    distances = numpy.array([point.distance_covered for point in points])
    speeds = numpy.array([point.engine_speed for point in points])
    for i in (1, 2, 10, 500, 1999):
        its, to = correlated[i], i + 1
        wanted = numpy.corrcoef([times[:to], distances[:to], speeds[:to]])[0]
        assert its.distance_correlation == pytest.approx(wanted[1], abs=1e-9)
        assert its.engine_speed_correlation == pytest.approx(wanted[2], abs=1e-9)


def test_it_goes_on_from_a_state_exactly() -> None:
    points = records(100)
    whole, all_at_once = drive.correlate(None, points)
    half, first = drive.correlate(None, points[:37])
    parts, second = drive.correlate(half, points[37:])
    assert {**first, **second} == all_at_once
    assert parts == whole and whole.count == 100


def test_it_is_none_where_it_is_not_defined() -> None:
    still = [drive.Record(i, START + i, 5.0, 80.0 + i, 0) for i in range(3)]
    running, correlated = drive.correlate(None, still)
    assert correlated[0] == (0.0, None, None)
    assert correlated[2].distance_correlation is None
    assert correlated[2].engine_speed_correlation == pytest.approx(1.0)
    assert '"distance_correlation":null' in correlation_record(running)


def test_a_drive_begins_anew_where_the_distance_falls() -> None:
    running, correlated = drive.correlate(None, records(50) + records(20, first=50))
    assert running.count == 20
    assert running.drive_start == pytest.approx(START + 50 * 0.004)
    assert correlated[50] == (0.0, None, None)


def test_a_late_point_does_not_begin_a_drive() -> None:
    points = records(10)
    running, _ = drive.correlate(None, points[:4] + points[5:] + points[4:5])
    assert running.count == 10
    assert running.last_id == 9


def test_times_far_from_zero_keep_their_digits() -> None:
    running = Running(drive_start=0.0)
    for i in range(1000):
        running.add(i, 1.7e9 + i * 0.004, i * 0.1, 80.0 - i)
    assert running.distance_correlation == pytest.approx(1.0, abs=1e-9)
    assert running.engine_speed_correlation == pytest.approx(-1.0, abs=1e-9)
