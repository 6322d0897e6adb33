"""Roll, pitch and yaw of quaternions."""

from __future__ import annotations

import math

import numpy
import pytest
from kafka_bridge_analytics.orientation import angles


def quaternion(roll: float, pitch: float, yaw: float) -> tuple[float, float, float, float]:
    """x, y, z, w of rotations about the fixed axes X, Y, Z in turn, by products of quaternions."""

    def times(a: tuple, b: tuple) -> tuple:
        (ax, ay, az, aw), (bx, by, bz, bw) = a, b
        return (
            aw * bx + ax * bw + ay * bz - az * by,
            aw * by - ax * bz + ay * bw + az * bx,
            aw * bz + ax * by - ay * bx + az * bw,
            aw * bw - ax * bx - ay * by - az * bz,
        )

    x = (math.sin(roll / 2), 0, 0, math.cos(roll / 2))
    y = (0, math.sin(pitch / 2), 0, math.cos(pitch / 2))
    z = (0, 0, math.sin(yaw / 2), math.cos(yaw / 2))
    return times(z, times(y, x))


def test_angles_come_back() -> None:
    noise = numpy.random.default_rng(3)
    for _ in range(200):
        roll, yaw = noise.uniform(-3.1, 3.1, 2)
        pitch = noise.uniform(-1.5, 1.5)
        scale = noise.uniform(0.5, 2)
        found = angles(*(scale * part for part in quaternion(roll, pitch, yaw)))
        assert found == pytest.approx((roll, pitch, yaw), abs=1e-9)


@pytest.mark.parametrize("sign", [-1, 1])
def test_at_the_poles_yaw_takes_all(sign: int) -> None:
    found = angles(*quaternion(0.0, sign * math.pi / 2, 0.7))
    assert found == pytest.approx((0.0, sign * math.pi / 2, 0.7), abs=1e-6)


def test_no_quaternion_has_no_angles() -> None:
    assert angles(0.0, 0.0, 0.0, 0.0) is None
    assert angles(1e300, 1e300, 0.0, 0.0) is None
