#include "kafka/connection/halt.h"

#include "kafka/record/delivery.h"

#include <string.h>

/* What librdkafka puts before the words of rd_kafka_test_fatal_error. It is the one call that stops
 * a producer at once and for good, from within. */
#define MARK "test_fatal_error: "

/* That another record of the batch was invalid: librdkafka 2.0 has no name for it yet. */
#define OTHER_IS_INVALID (-138)

/* Whether a broker has answered to the record. What librdkafka fails by itself, because of what it
 * knows of the topic say, it may fail with locks held, and stopping it from there would wait for
 * them for ever. Before 1.5 it does not tell whether it is that, only that a record has no
 * partition yet, so that no broker can have had it; what is behind one that may be it may overtake
 * it. */
static bool is_answer(const rd_kafka_message_t *message)
{
#if RD_KAFKA_VERSION >= 0x010500ff
    return (message->err >= RD_KAFKA_RESP_ERR_UNKNOWN || (int)message->err == OTHER_IS_INVALID) &&
           rd_kafka_message_broker_id(message) >= 0;
#else
    return message->err >= RD_KAFKA_RESP_ERR_UNKNOWN &&
           message->partition != RD_KAFKA_PARTITION_UA &&
           kafka_delivery_of(message->err) != KAFKA_UNAVAILABLE;
#endif
}

static rd_kafka_resp_err_t on_acknowledgement(rd_kafka_t *client, rd_kafka_message_t *message,
                                              void *opaque)
{
    const struct kafka_halt *halt = opaque;
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR)
        return RD_KAFKA_RESP_ERR_NO_ERROR;
    struct kafka_report report;
    kafka_report_read(message, &report);
    if (halt->halts(&report, halt->user) && is_answer(message))
        (void)rd_kafka_test_fatal_error(client, RD_KAFKA_RESP_ERR__GAPLESS_GUARANTEE,
                                        report.reason);
    return RD_KAFKA_RESP_ERR_NO_ERROR;
}

static rd_kafka_resp_err_t on_new(rd_kafka_t *client, const rd_kafka_conf_t *conf, void *opaque,
                                  char *words, size_t size)
{
    (void)conf, (void)words, (void)size;
    return rd_kafka_interceptor_add_on_acknowledgement(client, "kafka_bridge", on_acknowledgement,
                                                       opaque);
}

enum error_code kafka_halt_listen(struct kafka_halt *halt, rd_kafka_conf_t *conf,
                                  struct error *error)
{
    if (!halt->halts)
        return ERROR_NONE;
    rd_kafka_resp_err_t failure =
        rd_kafka_conf_interceptor_add_on_new(conf, "kafka_bridge", on_new, halt);
    if (failure == RD_KAFKA_RESP_ERR_NO_ERROR)
        return ERROR_NONE;
    return error_set(error, ERROR_IO, NULL, 0, "librdkafka takes no interceptor: %s",
                     rd_kafka_err2str(failure));
}

bool kafka_halt_explains(rd_kafka_resp_err_t fatal, const char *text, const char **words)
{
    const char *mark = strstr(text, MARK);
    if (fatal != RD_KAFKA_RESP_ERR__GAPLESS_GUARANTEE || !mark)
        return false;
    *words = mark + strlen(MARK);
    return true;
}
