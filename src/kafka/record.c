#include "kafka/record.h"

#include <string.h>

const struct kafka_header *kafka_record_header(const struct kafka_record *record, const char *name)
{
    for (size_t i = record->header_count; i > 0; i--) {
        if (strcmp(record->headers[i - 1].name, name) == 0)
            return &record->headers[i - 1];
    }
    return NULL;
}
