/* uthash, so that running out of memory is an error and not the end of the process.
 *
 * After HASH_ADD… an element without `hh.tbl` was not added, for want of memory: hash_has(element)
 * says so.
 */
#ifndef KAFKA_BRIDGE_BASE_HASH_H
#define KAFKA_BRIDGE_BASE_HASH_H

#define HASH_NONFATAL_OOM 1
#include <uthash.h>

#define hash_has(element) ((element)->hh.tbl != NULL)

#endif
