/* Where the ticks of a chart's axis are, and how their numbers are written. */
#ifndef KAFKA_BRIDGE_VIEWERS_AXIS_H
#define KAFKA_BRIDGE_VIEWERS_AXIS_H

#include <stddef.h>

#define AXIS_LABEL_SIZE 32

/* Ticks at first, first + step, …, `count` of them, none outside of the axis. */
struct axis {
    double low, high; /* what it shows */
    double first, step;
    size_t count;
};

/* An axis from `low` to `high` (above it; both finite) with at most `most` (2 or more) ticks, whose
 * step is 1, 2 or 5 times a power of ten. */
struct axis axis_between(double low, double high, size_t most);

/* An axis of counts, from 0 to at least `highest`, ending at a tick; whole numbers only. With
 * highest 0 it goes to 1. */
struct axis axis_of_counts(double highest, size_t most);

/* Where `value` is on an axis drawn from `begin` to `end` (pixels; either may be the larger). */
double axis_place(const struct axis *axis, double value, double begin, double end);

/* Writes a tick's number, short: 0, 250, 1.5k, 12k, 9.6M. */
void axis_label(double value, char label[AXIS_LABEL_SIZE]);

#endif
