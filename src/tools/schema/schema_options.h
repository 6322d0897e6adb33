/* The command line of `schema`. The texts are the command line's own. One thread. */
#ifndef KAFKA_BRIDGE_TOOLS_SCHEMA_SCHEMA_OPTIONS_H
#define KAFKA_BRIDGE_TOOLS_SCHEMA_SCHEMA_OPTIONS_H

#include "schema/writer.h"

#define SCHEMA_COLUMNS_LIMIT 64

enum schema_dialect {
    DIALECT_SPARK,
    DIALECT_CASSANDRA,
    DIALECT_MYSQL,
    DIALECT_JSON_SCHEMA,
    DIALECT_KSQLDB,
};

struct schema_options {
    bool help;
    const char *config; /* a file */
    enum schema_dialect dialect;
    const char *route;     /* an index or a Kafka topic; NULL: the only one */
    const char *ros_topic; /* of a route with a pattern; NULL */
    const char *ros_type;  /* where the configuration does not say it; NULL */
    const char *table;     /* NULL: of the Kafka topic */
    const char *keyspace;
    const char *database;                      /* NULL: none */
    const char *key;                           /* NULL: the default */
    const char *columns[SCHEMA_COLUMNS_LIMIT]; /* FIELD=TYPE, over the configuration's `column` */
    int column_count;
    bool auto_increment;
    int fraction;
};

/* Reads and checks the command line (argv is put in another order). ERROR_ARGUMENT, ERROR_UNKNOWN,
 * ERROR_MISSING, ERROR_RANGE: the text says what was found and what would be right. */
enum error_code schema_options_read(int argc, char **argv, struct schema_options *options,
                                    struct error *error) MUST_CHECK;

/* What --help prints. */
const char *schema_usage(void);

#endif
