/* Names of tables and columns in the databases' languages: which are possible, and which need
 * quotes. Any thread.
 */
#ifndef KAFKA_BRIDGE_SCHEMA_IDENTIFIER_H
#define KAFKA_BRIDGE_SCHEMA_IDENTIFIER_H

#include "base/buffer.h"

#include <stddef.h>

#define IDENTIFIER_CQL_TABLE                                                                       \
    48                        /* characters of a keyspace or table (Cassandra's SchemaConstants) */
#define IDENTIFIER_SQL    64  /* characters (MySQL manual, Identifier Length Limits) */
#define IDENTIFIER_STREAM 240 /* bytes of a ksqlDB source, which Kafka topics are named after */

/* Each appends `name` as the language has it, in quotes where it is a reserved word, has capitals
 * or other characters than a-z, 0-9 and '_'; MySQL's always. ERROR_RANGE: the name is impossible,
 * and `error` says why; `what` is "column", "table", … for it. ERROR_LIMIT, ERROR_MEMORY. */
enum error_code identifier_cql(const char *name, const char *what, struct buffer *out,
                               struct error *error) MUST_CHECK;
enum error_code identifier_mysql(const char *name, const char *what, struct buffer *out,
                                 struct error *error) MUST_CHECK;
enum error_code identifier_ksql(const char *name, const char *what, struct buffer *out,
                                struct error *error) MUST_CHECK;

/* As identifier_cql, of a keyspace or a table, which have letters, digits and '_' only. */
enum error_code identifier_cql_table(const char *name, const char *what, struct buffer *out,
                                     struct error *error) MUST_CHECK;

/* Makes a name for a table of `topic`, a Kafka topic: '.' and '-' become '_'. `name` holds as many
 * bytes as the topic with its NUL. */
void identifier_of_topic(const char *topic, char *name);

#endif
