/* The words that cannot be names without quotes. `word` is in small letters. Any thread.
 * Sources: Cassandra 5's reserved_keywords.txt; ksqlDB's SqlBase.g4, of which all words that
 * statements are made of count as reserved: quotes do no harm.
 */
#ifndef KAFKA_BRIDGE_SCHEMA_RESERVED_H
#define KAFKA_BRIDGE_SCHEMA_RESERVED_H

#include <stdbool.h>

bool reserved_in_cql(const char *word);
bool reserved_in_ksql(const char *word);

/* The lists themselves, in the order of their letters, NULL behind the last. */
const char *const *reserved_cql_words(void);
const char *const *reserved_ksql_words(void);

#endif
