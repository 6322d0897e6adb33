#include "tools/spool/show.h"

#include "message/values/utf8.h"
#include "tools/command/named_spool.h"
#include "tools/command/print_error.h"
#include "tools/command/settings.h"
#include "tools/spool/time_span.h"

#include <stdlib.h>

#define KEY_SHOWN   40  /* bytes */
#define VALUE_SHOWN 100 /* bytes */

struct show {
    FILE *out;
    uint64_t left;
};

/* As much of the bytes as is shown: characters as they are, anything else as \xNN. */
static void show_bytes(const void *bytes, size_t size, size_t most, FILE *out)
{
    const uint8_t *at = bytes;
    const uint8_t *end = at + size;
    const uint8_t *stop = size > most ? at + most : end;
    while (at < stop) {
        size_t length = utf8_length(at, (size_t)(end - at));
        if (length > 0 && (*at >= ' ' && *at != 0x7f && !(*at == 0xc2 && at[1] < 0xa0))) {
            (void)fwrite(at, 1, length, out);
            at += length;
        } else {
            (void)fprintf(out, "\\x%02x", *at++);
        }
    }
    if (at < end)
        (void)fputs("...", out);
}

void show_record(const struct spooled *spooled, FILE *out)
{
    char time[SPAN_TIME_SIZE];
    const struct kafka_record *record = &spooled->kafka;
    (void)fprintf(out, "%s  %s  %s  %s (%s)  %zu bytes  key ", spooled->id,
                  time_span_time(record->timestamp, time), record->topic,
                  spooled->origin->ros_topic, spooled->origin->ros_type, record->value_size);
    if (record->key)
        show_bytes(record->key, record->key_size, KEY_SHOWN, out);
    else
        (void)fputs("none", out);
    (void)fputs("\n    ", out);
    show_bytes(record->value, record->value_size, VALUE_SHOWN, out);
    (void)fputc('\n', out);
}

static bool show_one(const struct spooled *spooled, void *user)
{
    struct show *show = user;
    show_record(spooled, show->out);
    return --show->left > 0;
}

int show_run(const struct options *options, FILE *out)
{
    struct show show = {.out = out, .left = options->limit};
    struct records_result result = {0};
    struct spool *spool = NULL;
    struct error error;
    struct config *config = settings_read(options, false);
    if (!config)
        return EXIT_FAILURE;
    enum error_code code = named_spool_open(options, config, &spool, &error);
    if (code == ERROR_NONE)
        code = records_visit(spool, options->topic, show_one, &show, &result, &error);
    if (code != ERROR_NONE)
        print_error_of(&error);
    spool_close(spool);
    config_destroy(config);
    return code == ERROR_NONE && result.lost == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
