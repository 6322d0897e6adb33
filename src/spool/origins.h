/* The origins, in memory. Threads: the owner's lock; an origin itself never changes. */
#ifndef KAFKA_BRIDGE_SPOOL_ORIGINS_H
#define KAFKA_BRIDGE_SPOOL_ORIGINS_H

#include "base/hash.h"
#include "spool/spool.h"

struct spool_origin_entry {
    struct spool_origin origin; /* first: the entry's pointer is the origin's */
    UT_hash_handle hh;          /* by its facts */
    char facts[];               /* its flags, then its texts */
};

struct spool_origins {
    struct spool_origin **entries; /* that of id i at i - 1; NULL where damage took it */
    struct spool_origin_entry *by_facts;
    uint32_t count;
    uint32_t capacity;
    uint32_t committed; /* so many, from the first on, are in the file */
};

void spool_origins_fini(struct spool_origins *origins);

/* NULL where there is none. */
const struct spool_origin *spool_origins_get(const struct spool_origins *origins, uint32_t id);

/* The id of the one that is equal save for the id; a copy is added where there is none.
 * ERROR_MEMORY, ERROR_LIMIT. */
enum error_code spool_origins_add(struct spool_origins *origins, const struct spool_origin *origin,
                                  uint32_t *id) MUST_CHECK;

/* Bytes of its texts. 0 for NULL. */
size_t spool_origin_size(const struct spool_origin *origin);

/* Its publisher; "" where there is none. */
const char *spool_origin_publisher(const struct spool_origin *origin);

/* The file keeps the publisher behind the ROS topic, "/tf_static /node", as names in ROS have no
 * spaces: cuts that in two. `*publisher` is "" where there is none. */
void spool_origin_split(char *topic, const char **publisher);

/* Ids up to `count` are not given again, though damage took them. */
enum error_code spool_origins_skip(struct spool_origins *origins, uint64_t count) MUST_CHECK;

/* Puts a copy at its id, which is above all others' or a gap. ERROR_MEMORY, ERROR_LIMIT. */
enum error_code spool_origins_put(struct spool_origins *origins,
                                  const struct spool_origin *origin) MUST_CHECK;

#endif
