#include "viewers/axis.h"

#include <math.h>
#include <stdio.h>

#define NEARLY 1e-9 /* of a step: what rounding may have taken */

/* The smallest of 1, 2, 5 times a power of ten that is no less than `least`. */
static double nice_step(double least)
{
    double power = pow(10, floor(log10(least)));
    static const double steps[] = {1, 2, 5, 10};
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
        if (steps[i] * power >= least * (1 - NEARLY))
            return steps[i] * power;
    return 10 * power;
}

struct axis axis_between(double low, double high, size_t most)
{
    struct axis axis = {.low = low, .high = high};
    axis.step = nice_step((high - low) / (double)(most - 1));
    axis.first = ceil(low / axis.step - NEARLY) * axis.step;
    axis.count = (size_t)floor((high - axis.first) / axis.step + NEARLY) + 1;
    return axis;
}

struct axis axis_of_counts(double highest, size_t most)
{
    double high = fmax(highest, 1);
    struct axis axis = {.low = 0, .first = 0};
    axis.step = fmax(nice_step(high / (double)(most - 1)), 1);
    axis.high = ceil(high / axis.step - NEARLY) * axis.step;
    axis.count = (size_t)lround(axis.high / axis.step) + 1;
    return axis;
}

double axis_place(const struct axis *axis, double value, double begin, double end)
{
    return begin + (value - axis->low) / (axis->high - axis->low) * (end - begin);
}

void axis_label(double value, char label[AXIS_LABEL_SIZE])
{
    static const struct {
        double size;
        const char *letter;
    } units[] = {{1e12, "T"}, {1e9, "G"}, {1e6, "M"}, {1e3, "k"}};
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (fabs(value) >= units[i].size * (1 - NEARLY)) {
            (void)snprintf(label, AXIS_LABEL_SIZE, "%.4g%s", value / units[i].size,
                           units[i].letter);
            return;
        }
    (void)snprintf(label, AXIS_LABEL_SIZE, "%.4g", value);
}
