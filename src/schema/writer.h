/* A schema in the words of one reader: Spark, Cassandra, MySQL, JSON Schema, ksqlDB.
 *
 * All writers append to `out`, which may hold a part where they fail. Any thread.
 */
#ifndef KAFKA_BRIDGE_SCHEMA_WRITER_H
#define KAFKA_BRIDGE_SCHEMA_WRITER_H

#include "base/buffer.h"
#include "schema/schema.h"

/* `key`: a column of the record's header `id` is added. */
#define SCHEMA_KEY_HEADER "@id"

#define SCHEMA_FRACTION_MAX 6 /* decimals of MySQL's datetime */

/* What a schema's statements are about, and what they call it. Texts are borrowed. */
struct schema_target {
    const char *kafka_topic;
    const char *source; /* what the records are, for a comment: "nav_msgs/Odometry of warty/odom" */
    const char *table;  /* of the table or stream */
    const char *keyspace; /* Cassandra's */
    const char *database; /* MySQL's; NULL: the one in use */
    const char *key;      /* the column that is the primary key, or SCHEMA_KEY_HEADER; NULL: the
                             field of @sequence, or where the record is all of a message
                             SCHEMA_KEY_HEADER */
    bool has_headers;     /* the records have their header `id` */
    bool auto_increment;  /* MySQL's key */
    int fraction;         /* decimals of seconds of MySQL's datetime, 0…SCHEMA_FRACTION_MAX */
};

typedef enum error_code schema_writer(const struct schema *schema,
                                      const struct schema_target *target, struct buffer *out,
                                      struct error *error);

/* A StructType as pyspark's StructType.fromJson reads it. Columns are nullable throughout, as
 * from_json makes them. Source: pyspark.sql.types. */
schema_writer schema_write_spark MUST_CHECK;

/* JSON Schema, draft 2020-12, of the record's value. */
schema_writer schema_write_json_schema MUST_CHECK;

/* CREATE KEYSPACE and CREATE TABLE in CQL 3. What is nested or repeated is a text with its JSON. */
schema_writer schema_write_cassandra MUST_CHECK;

/* CREATE TABLE of MySQL and MariaDB. What is nested or repeated is a `json`. */
schema_writer schema_write_mysql MUST_CHECK;

/* CREATE STREAM of ksqlDB. */
schema_writer schema_write_ksqldb MUST_CHECK;

#endif
