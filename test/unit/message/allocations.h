/* Allocations that fail when a test says so. Links with the wrapped malloc, calloc and realloc of
 * the target test_allocations. */
#ifndef KAFKA_BRIDGE_TEST_ALLOCATIONS_H
#define KAFKA_BRIDGE_TEST_ALLOCATIONS_H

/* The next `count` allocations succeed, those after them give NULL. */
void allocations_limit(int count);

/* All succeed again, as at the start. */
void allocations_allow(void);

#endif
