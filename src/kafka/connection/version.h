/* Which librdkafka this is. */
#ifndef KAFKA_BRIDGE_KAFKA_CONNECTION_VERSION_H
#define KAFKA_BRIDGE_KAFKA_CONNECTION_VERSION_H

/* "2.0.2": the one that is loaded, not the one that was compiled against. Any thread. */
const char *kafka_version(void);

#endif
