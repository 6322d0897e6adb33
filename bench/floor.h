/* The floor: what JSON costs at least. Each number of a JSON text written by std::to_chars, and one
 * copy of the whole text; no decisions, no escapes, no bounds. */
#ifndef KAFKA_BRIDGE_BENCH_FLOOR_H
#define KAFKA_BRIDGE_BENCH_FLOOR_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

struct floor_text;

/* Takes the numbers out of `json` beforehand. With `singles` those that are no integers are
 * float32. */
struct floor_text *floor_text_create(const char *json, size_t length, bool singles);
void floor_text_destroy(struct floor_text *text);

/* Does the work; the length of the JSON text. */
size_t floor_text_write(struct floor_text *text);

#ifdef __cplusplus
}
#endif

#endif
