/* The elements of an array within a message, one by one: what `each` of a route makes records of.
 *
 * An element that is a message is one of its own type. One that is a number, a text or a time is a
 * message of std_msgs with the single field `data` (an element of float32[] a std_msgs/Float32,
 * whose bytes are the same), so that everything that works on messages works on elements.
 * Immutable once made; any number of threads may use it; borrows the message's plan.
 */
#ifndef KAFKA_BRIDGE_MESSAGE_PLAN_ELEMENTS_H
#define KAFKA_BRIDGE_MESSAGE_PLAN_ELEMENTS_H

#include "message/plan/plan.h"

struct elements;

/* `path` names an array in the messages of `plan`, variable or fixed: `hits`, `a.b.hits`,
 * `status[0].values`. Errors: field_path_parse's; ERROR_TYPE where it is no array (names the arrays
 * that are there), or where elements have no bytes, so that nothing bounds their number;
 * ERROR_MEMORY. */
enum error_code elements_create(const struct plan *plan, const char *path,
                                struct elements **elements, struct error *error) MUST_CHECK;
void elements_destroy(struct elements *elements);

/* The plan of one element: its type, md5sum and definition. Lives as long as `elements`. */
const struct plan *elements_plan(const struct elements *elements);

/* Where one is in an array; borrows the message's bytes. */
struct elements_place {
    const uint8_t *bytes; /* the next element */
    uint32_t count;       /* elements of the message */
    uint32_t index;       /* of the next element, up to `count` */
};

/* Checks the whole message and goes to its first element. An array in an element that is not there
 * (`status[5].values`) has none. Errors as plan_validate's. */
enum error_code elements_begin(const struct elements *elements, const uint8_t *bytes, size_t length,
                               struct elements_place *place, struct error *error) MUST_CHECK;

/* The next element, and on to the one behind it. `place->index` must be below `place->count`. */
const uint8_t *elements_next(const struct elements *elements, struct elements_place *place,
                             size_t *size);

#endif
