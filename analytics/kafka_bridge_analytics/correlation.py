"""Pearson's correlation of two quantities with time, point by point, without keeping the points.

Means and central moments are updated as by Welford (1962) and Chan, Golub and LeVeque (1983):
stable where the textbook's sums of squares lose all digits, as times do.
"""

from __future__ import annotations

import dataclasses
import math


@dataclasses.dataclass
class Running:
    """The drive so far. t: seconds since `drive_start` (Unix time, seconds), d: the distance
    covered, s: the engine's speed. m2_x: sum of squared deviations from the mean; c_x: sum of
    products of the deviations of t and x. `last_…`: the newest point, by id."""

    drive_start: float
    last_id: int = -1
    last_elapsed: float = 0.0
    last_distance: float = 0.0
    last_engine_speed: float = 0.0
    count: int = 0
    mean_t: float = 0.0
    m2_t: float = 0.0
    mean_d: float = 0.0
    m2_d: float = 0.0
    c_d: float = 0.0
    mean_s: float = 0.0
    m2_s: float = 0.0
    c_s: float = 0.0

    def add(self, ident: int, timestamp: float, distance: float, engine_speed: float) -> float:
        """Takes a point in and returns its elapsed time in seconds."""
        t = timestamp - self.drive_start
        self.count += 1
        dt, dd, ds = t - self.mean_t, distance - self.mean_d, engine_speed - self.mean_s
        self.mean_t += dt / self.count
        self.mean_d += dd / self.count
        self.mean_s += ds / self.count
        self.m2_t += dt * (t - self.mean_t)
        self.m2_d += dd * (distance - self.mean_d)
        self.m2_s += ds * (engine_speed - self.mean_s)
        self.c_d += dt * (distance - self.mean_d)
        self.c_s += dt * (engine_speed - self.mean_s)
        if ident >= self.last_id:
            self.last_id, self.last_elapsed = ident, t
            self.last_distance, self.last_engine_speed = distance, engine_speed
        return t

    @property
    def distance_correlation(self) -> float | None:
        """-1 … 1; None of fewer than two points, or where one quantity never changed."""
        return _pearson(self.c_d, self.m2_t, self.m2_d)

    @property
    def engine_speed_correlation(self) -> float | None:
        """Likewise."""
        return _pearson(self.c_s, self.m2_t, self.m2_s)


def _pearson(products: float, squares_t: float, squares_x: float) -> float | None:
    if squares_t <= 0 or squares_x <= 0:
        return None
    return max(-1.0, min(1.0, products / math.sqrt(squares_t) / math.sqrt(squares_x)))
