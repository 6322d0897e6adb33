#include "bridge/dead_letter.h"

#include <cjson/cJSON.h>
#include <openssl/evp.h>
#include <stdlib.h>

/* False only where memory ran out, as of all functions here. */
static bool add_text(cJSON *letter, const char *name, const char *text)
{
    return !text || cJSON_AddStringToObject(letter, name, text);
}

static bool add_number(cJSON *letter, const char *name, double number)
{
    return cJSON_AddNumberToObject(letter, name, number);
}

static bool add_base64(cJSON *letter, const char *name, const void *bytes, size_t size)
{
    if (!bytes || size > DEAD_LETTER_BYTES_LIMIT)
        return true;
    char *text = malloc((size + 2) / 3 * 4 + 1);
    if (!text)
        return false;
    (void)EVP_EncodeBlock((unsigned char *)text, bytes, (int)size);
    bool added = cJSON_AddStringToObject(letter, name, text);
    free(text);
    return added;
}

static bool add_record(cJSON *letter, const struct kafka_record *record)
{
    return !record || (add_text(letter, "kafka_topic", record->topic) &&
                       add_number(letter, "partition", record->partition) &&
                       add_number(letter, "offset", (double)record->offset) &&
                       add_number(letter, "timestamp", (double)record->timestamp) &&
                       add_base64(letter, "key", record->key, record->key_size));
}

static bool add_all(cJSON *json, const struct dead_letter *letter)
{
    return add_text(json, "reason", letter->reason) &&
           add_text(json, "text", letter->error->text) &&
           add_text(json, "path", letter->error->path) &&
           add_number(json, "position", (double)letter->error->position) &&
           add_text(json, "direction", letter->direction) &&
           add_text(json, "ros_topic", letter->ros_topic) &&
           add_text(json, "ros_type", letter->ros_type) &&
           add_text(json, "ros_md5sum", letter->ros_md5sum) && add_record(json, letter->record) &&
           add_text(json, "content", letter->content) &&
           add_number(json, "size", (double)letter->size) &&
           add_base64(json, "bytes", letter->bytes, letter->size);
}

enum error_code dead_letter_write(const struct dead_letter *letter, struct buffer *out)
{
    enum error_code code = ERROR_MEMORY;
    char *text = NULL;
    cJSON *json = cJSON_CreateObject();
    if (!json || !add_all(json, letter) || !(text = cJSON_PrintUnformatted(json)))
        goto cleanup;
    code = buffer_append_text(out, text);
cleanup:
    cJSON_free(text);
    cJSON_Delete(json);
    return code;
}
