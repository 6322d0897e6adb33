#include "kafka/connection/producer_id.h"

#include "kafka/settings/conf.h"

#include <stdio.h>
#include <string.h>

#define ASKS_AGAIN_VERSION 0x01040000

static bool asks_once(void)
{
    return rd_kafka_version() < ASKS_AGAIN_VERSION;
}

enum error_code kafka_producer_id_listen(rd_kafka_conf_t *conf, struct error *error)
{
    char debug[256] = "", more[sizeof debug + sizeof ",eos"];
    size_t size = sizeof debug;
    if (!asks_once())
        return ERROR_NONE;
    if (rd_kafka_conf_get(conf, "debug", debug, &size) != RD_KAFKA_CONF_OK)
        debug[0] = '\0';
    (void)snprintf(more, sizeof more, "%s%seos", debug, *debug ? "," : "");
    return kafka_conf_set(conf, "debug", more, error);
}

bool kafka_producer_id_is_lost(const char *facility, const char *text)
{
    return asks_once() && strcmp(facility, "GETPID") == 0 && strstr(text, "Failed to acquire PID");
}
