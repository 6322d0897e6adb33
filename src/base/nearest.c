#include "base/nearest.h"

#include <string.h>

void nearest_begin(struct nearest *nearest, const char *name, size_t most)
{
    *nearest = (struct nearest){.name = name, .length = strlen(name), .edits = most + 1};
}

static size_t least(size_t one, size_t other)
{
    return one < other ? one : other;
}

/* Row by row through the table of distances between the beginnings of both names. `right` has at
 * most NEAREST_NAME_LIMIT bytes. */
static size_t distance(const char *left, size_t left_length, const char *right, size_t right_length)
{
    size_t row[NEAREST_NAME_LIMIT + 1];
    for (size_t j = 0; j <= right_length; j++)
        row[j] = j;
    for (size_t i = 0; i < left_length; i++) {
        size_t diagonal = row[0];
        row[0] = i + 1;
        for (size_t j = 0; j < right_length; j++) {
            size_t replaced = diagonal + (left[i] != right[j]);
            diagonal = row[j + 1];
            row[j + 1] = least(replaced, least(row[j], diagonal) + 1);
        }
    }
    return row[right_length];
}

void nearest_offer(struct nearest *nearest, const char *candidate)
{
    size_t length = strlen(candidate);
    size_t apart = length > nearest->length ? length - nearest->length : nearest->length - length;
    if (length > NEAREST_NAME_LIMIT || apart >= nearest->edits)
        return;
    size_t edits = distance(nearest->name, nearest->length, candidate, length);
    if (edits >= nearest->edits)
        return;
    nearest->edits = edits;
    nearest->found = candidate;
}
