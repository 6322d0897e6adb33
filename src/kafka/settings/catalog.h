/* The list of properties that the librdkafka in use has, read once from its own documentation
 * (rd_kafka_conf_properties_show), so that it is right for whatever version is installed.
 * Any thread. */
#ifndef KAFKA_BRIDGE_KAFKA_SETTINGS_CATALOG_H
#define KAFKA_BRIDGE_KAFKA_SETTINGS_CATALOG_H

/* Which clients a property is for. */
enum kafka_scope {
    KAFKA_SCOPE_UNKNOWN, /* not in the list */
    KAFKA_SCOPE_BOTH,
    KAFKA_SCOPE_PRODUCER,
    KAFKA_SCOPE_CONSUMER,
};

enum kafka_scope kafka_catalog_scope(const char *name);

/* The listed name nearest to `name` by edit distance, or NULL where none is near enough to be what
 * was meant (a third of the name's length). Lives for ever. */
const char *kafka_catalog_nearest(const char *name);

#endif
