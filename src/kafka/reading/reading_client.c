#include "kafka/reading/reading_client.h"

static enum error_code set_all(rd_kafka_conf_t *conf, const char *const (*properties)[2],
                               size_t count, struct error *error)
{
    enum error_code code = ERROR_NONE;
    for (size_t i = 0; i < count && code == ERROR_NONE; i++)
        code = kafka_conf_set(conf, properties[i][0], properties[i][1], error);
    return code;
}

enum error_code kafka_reading_client_create(const struct kafka_properties *properties,
                                            const char *group, const char *const (*ours)[2],
                                            size_t count, struct kafka_events *events,
                                            rd_kafka_t **client, struct error *error)
{
    static const char *const all[][2] = {{"enable.auto.commit", "false"},
                                         {"enable.partition.eof", "true"}};
    rd_kafka_conf_t *conf;
    enum error_code code = kafka_conf_create(KAFKA_ROLE_CONSUMER, properties, &conf, error);
    if (code != ERROR_NONE)
        return code;
    code = set_all(conf, all, sizeof all / sizeof all[0], error);
    if (code == ERROR_NONE)
        code = set_all(conf, ours, count, error);
    if (code == ERROR_NONE && !kafka_properties_get(properties, "group.id"))
        code = kafka_conf_set(conf, "group.id", group, error);
    if (code != ERROR_NONE) {
        rd_kafka_conf_destroy(conf);
        return code;
    }
    kafka_events_listen(events, conf);
    code = kafka_client_create(KAFKA_ROLE_CONSUMER, conf, properties, NULL, client, error);
    if (code == ERROR_NONE)
        (void)rd_kafka_poll_set_consumer(*client);
    return code;
}
