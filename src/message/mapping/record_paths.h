/* The places in a JSON record that a mapping reads, as a tree of paths, and one pass over a
 * record's text that checks all of it and finds where each of them begins.
 *
 * The tree is immutable once the last path is added; any number of threads may scan with it.
 */
#ifndef KAFKA_BRIDGE_MESSAGE_MAPPING_RECORD_PATHS_H
#define KAFKA_BRIDGE_MESSAGE_MAPPING_RECORD_PATHS_H

#include "message/json/json_path.h"
#include "message/json/json_reader.h"
#include "message/values/arena.h"

struct record_place;

struct record_paths {
    struct arena *arena;       /* borrowed: what the tree is made of */
    struct record_place *root; /* `$`; NULL before the first path */
    size_t count;              /* places in the tree */
};

#define RECORD_ABSENT UINT32_MAX

/* Adds `path`, whose steps must stay, and gives its number: an index into what a scan finds. The
 * same path added again has the same number. False: no memory. */
bool record_paths_add(struct record_paths *sources, const struct json_path *path, size_t *number);

/* Scans the whole text of `reader`. `starts` has room for `sources->count`; afterwards it holds
 * where each place's value begins, or RECORD_ABSENT. A place inside null is absent; inside another
 * value that has no members it is ERROR_TYPE; a place that is there twice is ERROR_DUPLICATE.
 * Errors else are the scanner's, with their path. */
enum error_code record_paths_scan(const struct record_paths *sources, struct json_reader *reader,
                                  uint32_t *starts) MUST_CHECK;

#endif
