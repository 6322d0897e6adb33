#include "viewers/chamber_results.h"

#include "message/values/bytes.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#define HEADER_SIZE 16 /* bytes: seq, stamp, and the length of frame_id */
#define PATH_SIZE   64

/* What has not been read yet. */
struct reader {
    const uint8_t *data;
    size_t size;     /* bytes left */
    size_t position; /* bytes read */
    struct error *error;
};

/* The next `size` bytes; NULL where there are not so many. */
static const uint8_t *take(struct reader *reader, size_t size, const char *path)
{
    if (reader->size < size) {
        (void)error_set(reader->error, ERROR_TRUNCATED, path, reader->position,
                        "%zu bytes are left, %zu are needed", reader->size, size);
        return NULL;
    }
    const uint8_t *taken = reader->data;
    reader->data += size;
    reader->size -= size;
    reader->position += size;
    return taken;
}

static enum error_code read_header(struct reader *reader, struct chamber_results *results)
{
    const uint8_t *bytes = take(reader, HEADER_SIZE, "$.header");
    if (!bytes)
        return ERROR_TRUNCATED;
    results->secs = bytes_u32(bytes + 4);
    results->nsecs = bytes_u32(bytes + 8);
    return take(reader, bytes_u32(bytes + 12), "$.header.frame_id") ? ERROR_NONE : ERROR_TRUNCATED;
}

static enum error_code read_count(struct reader *reader, const char *path, int64_t *count)
{
    const uint8_t *bytes = take(reader, 8, path);
    if (!bytes)
        return ERROR_TRUNCATED;
    *count = (int64_t)bytes_u64(bytes);
    if (*count < 0)
        return error_set(reader->error, ERROR_RANGE, path, reader->position - 8,
                         "found %" PRId64 ", a count is not negative", *count);
    return ERROR_NONE;
}

/* The number of an array's elements, at most `limit`. */
static enum error_code read_length(struct reader *reader, const char *path, size_t limit,
                                   size_t *length)
{
    const uint8_t *bytes = take(reader, 4, path);
    if (!bytes)
        return ERROR_TRUNCATED;
    *length = bytes_u32(bytes);
    if (*length > limit)
        return error_set(reader->error, ERROR_LIMIT, path, reader->position - 4,
                         "found %zu elements, at most %zu can be shown", *length, limit);
    return ERROR_NONE;
}

static enum error_code read_edges(struct reader *reader, const char *path,
                                  struct histogram *histogram, size_t *length)
{
    enum error_code code = read_length(reader, path, HISTOGRAM_BINS_LIMIT + 1, length);
    const uint8_t *bytes = code == ERROR_NONE ? take(reader, *length * 8, path) : NULL;
    if (!bytes)
        return code == ERROR_NONE ? ERROR_TRUNCATED : code;
    for (size_t i = 0; i < *length; i++) {
        double edge = bytes_double(bytes + i * 8);
        if (!isfinite(edge) || (i > 0 && edge <= histogram->edges[i - 1]))
            return error_set(reader->error, ERROR_RANGE, path, reader->position,
                             "edge %zu is %g: edges are finite and ascend", i, edge);
        histogram->edges[i] = edge;
    }
    return ERROR_NONE;
}

static enum error_code read_counts(struct reader *reader, const char *path,
                                   struct histogram *histogram)
{
    enum error_code code = read_length(reader, path, HISTOGRAM_BINS_LIMIT, &histogram->bins);
    for (size_t i = 0; code == ERROR_NONE && i < histogram->bins; i++)
        code = read_count(reader, path, &histogram->counts[i]);
    return code;
}

static enum error_code read_histogram(struct reader *reader, size_t chamber, const char *name,
                                      struct histogram *histogram)
{
    char path[PATH_SIZE];
    size_t edges = 0;
    (void)snprintf(path, sizeof path, "$.chambers[%zu].%s.bins", chamber, name);
    enum error_code code = read_edges(reader, path, histogram, &edges);
    if (code != ERROR_NONE)
        return code;
    (void)snprintf(path, sizeof path, "$.chambers[%zu].%s.counts", chamber, name);
    code = read_counts(reader, path, histogram);
    if (code != ERROR_NONE)
        return code;
    if (edges != histogram->bins + (edges > 0 || histogram->bins > 0))
        return error_set(reader->error, ERROR_LENGTH, path, reader->position,
                         "found %zu counts and %zu edges, one edge more than counts is needed",
                         histogram->bins, edges);
    return ERROR_NONE;
}

static enum error_code read_chamber(struct reader *reader, size_t index, struct chamber *chamber)
{
    char path[PATH_SIZE];
    (void)snprintf(path, sizeof path, "$.chambers[%zu].count", index);
    enum error_code code = read_count(reader, path, &chamber->count);
    if (code == ERROR_NONE)
        code = read_histogram(reader, index, "tdc_channel", &chamber->tdc_channel);
    if (code == ERROR_NONE)
        code = read_histogram(reader, index, "orbit_cnt", &chamber->orbit_cnt);
    return code;
}

enum error_code chamber_results_read(const uint8_t *data, size_t size,
                                     struct chamber_results *results, struct error *error)
{
    struct reader reader = {.data = bytes_begin(data), .size = size, .error = error};
    enum error_code code = read_header(&reader, results);
    if (code == ERROR_NONE)
        code = read_count(&reader, "$.total_count", &results->total_count);
    for (size_t i = 0; code == ERROR_NONE && i < CHAMBER_COUNT; i++)
        code = read_chamber(&reader, i, &results->chambers[i]);
    if (code == ERROR_NONE && reader.size > 0)
        return error_set(error, ERROR_TRAILING, NULL, reader.position,
                         "%zu bytes are left behind the message", reader.size);
    return code;
}
