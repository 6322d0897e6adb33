#include "tools/resend/letter.h"

#include "bridge/flow/names.h"
#include "message/values/base64.h"

#include <string.h>

#define LETTER_LIMIT ((size_t)64 << 20) /* bytes; more than Kafka takes by far */

void letter_init(struct letter *letter)
{
    *letter = (struct letter){0};
    buffer_init(&letter->json, LETTER_LIMIT);
}

static void forget(struct letter *letter)
{
    struct buffer json = letter->json;
    cJSON_Delete(letter->tree);
    *letter = (struct letter){.json = json};
}

void letter_fini(struct letter *letter)
{
    forget(letter);
    buffer_fini(&letter->json);
}

enum error_code letter_topic(const char *name, char *topic, size_t size, struct error *error)
{
    size_t length = strlen(name);
    size_t suffix = strlen(LETTER_SUFFIX);
    if (length <= suffix || strcmp(name + length - suffix, LETTER_SUFFIX) != 0)
        return error_set(error, ERROR_RANGE, name, 0,
                         "%s is no dead-letter topic; did you mean %s" LETTER_SUFFIX "?", name,
                         name);
    if (length - suffix >= size)
        return error_set(error, ERROR_RANGE, name, 0, "no topic has a name as long as %s", name);
    memcpy(topic, name, length - suffix);
    topic[length - suffix] = '\0';
    return ERROR_NONE;
}

static const char *text_of(const cJSON *tree, const char *name)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(tree, name);
    return cJSON_IsString(item) ? item->valuestring : "";
}

/* Whole numbers up to 2^53, which offsets and times in milliseconds are. */
static int64_t number_of(const cJSON *tree, const char *name, int64_t fallback)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(tree, name);
    const double most = 9007199254740992.0;
    bool sound = cJSON_IsNumber(item) && item->valuedouble >= -most && item->valuedouble <= most;
    return sound ? (int64_t)item->valuedouble : fallback;
}

/* Decodes where the text lies. `*bytes` NULL: the letter says that there is none. */
static enum error_code take_bytes(cJSON *item, const char *name, const void **bytes, size_t *size,
                                  struct error *error)
{
    *bytes = NULL;
    *size = 0;
    if (cJSON_IsNull(item))
        return ERROR_NONE;
    if (!cJSON_IsString(item) ||
        !base64_decode(item->valuestring, strlen(item->valuestring), item->valuestring, size))
        return error_set(error, ERROR_SYNTAX, name, 0, "its %s is no base64", name);
    *bytes = item->valuestring;
    return ERROR_NONE;
}

static enum error_code take_header(struct kafka_record *original, cJSON *item, struct error *error)
{
    const cJSON *name = cJSON_GetObjectItemCaseSensitive(item, "name");
    cJSON *value = cJSON_GetObjectItemCaseSensitive(item, "value");
    if (!cJSON_IsString(name) || !value || original->header_count == KAFKA_RECORD_HEADERS_LIMIT)
        return error_set(error, ERROR_SYNTAX, "headers", 0,
                         "its headers are not up to %d of {\"name\":…,\"value\":…}",
                         KAFKA_RECORD_HEADERS_LIMIT);
    struct kafka_header *header = &original->headers[original->header_count++];
    header->name = name->valuestring;
    return take_bytes(value, "header", &header->value, &header->size, error);
}

/* The bytes in base64 of key, headers and value. */
static enum error_code take_original(struct letter *letter, struct error *error)
{
    struct kafka_record *original = &letter->original;
    cJSON *key = cJSON_GetObjectItemCaseSensitive(letter->tree, "key");
    cJSON *bytes = cJSON_GetObjectItemCaseSensitive(letter->tree, "bytes");
    cJSON *headers = cJSON_GetObjectItemCaseSensitive(letter->tree, "headers");
    enum error_code code = ERROR_NONE;
    if (key)
        code = take_bytes(key, "key", &original->key, &original->key_size, error);
    if (bytes && code == ERROR_NONE)
        code = take_bytes(bytes, "bytes", &original->value, &original->value_size, error);
    letter->has_bytes = bytes != NULL;
    cJSON *item;
    cJSON_ArrayForEach(item, headers)
    {
        if (code == ERROR_NONE)
            code = take_header(original, item, error);
    }
    return code;
}

static void take_texts(struct letter *letter)
{
    const cJSON *left_out = cJSON_GetObjectItemCaseSensitive(letter->tree, "left_out");
    const cJSON *first = cJSON_GetArrayItem(left_out, 0);
    letter->reason = text_of(letter->tree, "reason");
    letter->text = text_of(letter->tree, "text");
    letter->path = text_of(letter->tree, "path");
    letter->direction = text_of(letter->tree, "direction");
    letter->ros_topic = text_of(letter->tree, "ros_topic");
    letter->ros_type = text_of(letter->tree, "ros_type");
    letter->ros_md5sum = text_of(letter->tree, "ros_md5sum");
    letter->left_out = cJSON_IsString(first) ? first->valuestring : "";
}

/* A letter without the topic that it is about is about the one that its own topic is for. */
static enum error_code take_topic(struct letter *letter, const char *letter_name,
                                  struct error *error)
{
    struct kafka_record *original = &letter->original;
    char topic[NAMES_KAFKA_TOPIC_SIZE];
    original->topic = text_of(letter->tree, "kafka_topic");
    if (*original->topic)
        return ERROR_NONE;
    enum error_code code = letter_topic(letter_name, topic, sizeof topic, error);
    if (code != ERROR_NONE)
        return code;
    cJSON_DeleteItemFromObjectCaseSensitive(letter->tree, "kafka_topic");
    const cJSON *added = cJSON_AddStringToObject(letter->tree, "kafka_topic", topic);
    original->topic = added ? added->valuestring : "";
    return added ? ERROR_NONE : error_set(error, ERROR_MEMORY, letter_name, 0, "out of memory");
}

static enum error_code take_all(struct letter *letter, const struct kafka_record *record,
                                struct error *error)
{
    const char *content = text_of(letter->tree, "content");
    letter->is_message = strcmp(content, "message") == 0;
    if (!cJSON_IsObject(letter->tree) || !*text_of(letter->tree, "reason") ||
        (!letter->is_message && strcmp(content, "record") != 0))
        return error_set(error, ERROR_SYNTAX, record->topic, 0,
                         "no dead letter: an object with reason and content is expected");
    take_texts(letter);
    letter->original = (struct kafka_record){
        .partition = (int32_t)number_of(letter->tree, "partition", -1),
        .offset = number_of(letter->tree, "offset", -1),
        .timestamp = number_of(letter->tree, "timestamp", record->timestamp),
    };
    enum error_code code = take_topic(letter, record->topic, error);
    return code == ERROR_NONE ? take_original(letter, error) : code;
}

/* cJSON before 1.7.13 wants a NUL behind the text. */
static enum error_code parse(struct letter *letter, const struct kafka_record *record,
                             struct error *error)
{
    buffer_clear(&letter->json);
    enum error_code code = buffer_append(&letter->json, record->value, record->value_size);
    if (code == ERROR_NONE)
        code = buffer_append(&letter->json, "", 1);
    if (code != ERROR_NONE)
        return error_set(error, ERROR_SYNTAX, record->topic, 0, "no dead letter: %zu bytes",
                         record->value_size);
    letter->tree = cJSON_Parse(letter->json.data);
    if (letter->tree)
        return ERROR_NONE;
    return error_set(error, ERROR_SYNTAX, record->topic, 0, "no dead letter: no JSON");
}

enum error_code letter_read(struct letter *letter, const struct kafka_record *record,
                            struct error *error)
{
    forget(letter);
    enum error_code code = parse(letter, record, error);
    if (code == ERROR_NONE)
        code = take_all(letter, record, error);
    if (code != ERROR_NONE)
        forget(letter);
    return code;
}
