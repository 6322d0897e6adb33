#include "kafka/connection/fatal.h"

#include "kafka/connection/halt.h"

bool kafka_fatal_describe(rd_kafka_t *client, struct error *error)
{
    char words[ERROR_TEXT_SIZE - 96];
    const char *halted;
    rd_kafka_resp_err_t fatal = rd_kafka_fatal_error(client, words, sizeof words);
    if (fatal == RD_KAFKA_RESP_ERR_NO_ERROR)
        return false;
    if (kafka_halt_explains(fatal, words, &halted))
        (void)error_set(error, ERROR_IO, NULL, 0, "%s", halted);
    else
        (void)error_set(error, ERROR_IO, NULL, 0, "fatal error %s: %s", rd_kafka_err2name(fatal),
                        words);
    return true;
}

bool kafka_fatal_is_wanted(rd_kafka_t *client)
{
    char words[ERROR_TEXT_SIZE];
    const char *halted;
    rd_kafka_resp_err_t fatal = rd_kafka_fatal_error(client, words, sizeof words);
    return fatal != RD_KAFKA_RESP_ERR_NO_ERROR && kafka_halt_explains(fatal, words, &halted);
}
