#include "kafka/fatal.h"

bool kafka_fatal_describe(rd_kafka_t *client, struct error *error)
{
    char words[ERROR_TEXT_SIZE - 96];
    rd_kafka_resp_err_t fatal = rd_kafka_fatal_error(client, words, sizeof words);
    if (fatal == RD_KAFKA_RESP_ERR_NO_ERROR)
        return false;
    (void)error_set(error, ERROR_IO, NULL, 0, "fatal error %s: %s", rd_kafka_err2name(fatal),
                    words);
    return true;
}
