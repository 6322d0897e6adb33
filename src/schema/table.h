/* A flat table of records: its columns and its primary key. Used by the writers of CQL and SQL. */
#ifndef KAFKA_BRIDGE_SCHEMA_TABLE_H
#define KAFKA_BRIDGE_SCHEMA_TABLE_H

#include "schema/writer.h"

/* Bytes that a record's header `id` may have: <robot>/<kafka_topic>/<sequence>, 249 + 249 + 20 and
 * what is between them. */
#define TABLE_ID_LENGTH 520

struct table {
    const struct schema_node *columns;
    size_t count;
    const struct schema_node *key; /* one of the columns, or `added` */
    struct schema_node added;      /* the column of the header `id`, before the others; its name is
                                      NULL where there is none */
};

/* Finds the key. ERROR_MISSING: nothing says what it is; ERROR_UNKNOWN: there is no such column;
 * ERROR_TYPE: it cannot be a key. */
enum error_code table_init(struct table *table, const struct schema *schema,
                           const struct schema_target *target, struct error *error) MUST_CHECK;

/* The table's `index`-th column, the added one first; NULL past the last. */
const struct schema_node *table_column(const struct table *table, size_t index);

#endif
