#include "bridge/report/status_message.h"

#include "base/buffer.h"
#include "message/json/from_json.h"
#include "message/values/utf8.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NANOSECONDS   INT64_C(1000000000)
#define MESSAGE_LIMIT (16U << 20) /* bytes */
#define TEXT_SIZE     1024

/* Made by CMake of msg/. */
extern const unsigned char status_definition[];
extern const size_t status_definition_length;

struct status_message {
    struct plan *plan;
    cJSON *document; /* NULL where memory ran out: what is added to it is nothing */
    cJSON *routes;
    struct buffer bytes;
};

enum error_code status_message_create(struct status_message **message, struct error *error)
{
    struct status_message *made = calloc(1, sizeof *made);
    if (!made)
        return error_set(error, ERROR_MEMORY, STATUS_TYPE, 0, "out of memory");
    buffer_init(&made->bytes, MESSAGE_LIMIT);
    enum error_code code = plan_create(STATUS_TYPE, (const char *)status_definition,
                                       status_definition_length, NULL, &made->plan, error);
    if (code != ERROR_NONE) {
        status_message_destroy(made);
        return code;
    }
    *message = made;
    return ERROR_NONE;
}

void status_message_destroy(struct status_message *message)
{
    if (!message)
        return;
    cJSON_Delete(message->document);
    buffer_fini(&message->bytes);
    plan_destroy(message->plan);
    free(message);
}

const struct plan *status_message_plan(const struct status_message *message)
{
    return message->plan;
}

/* Whatever cannot be added for want of memory is missing in the end, which is an error there. */
static void add_text(cJSON *object, const char *name, const char *text)
{
    char clean[TEXT_SIZE];
    size_t length = strnlen(text, sizeof clean - 1);
    memcpy(clean, text, length);
    clean[length] = '\0';
    for (size_t at = 0; at < length;) {
        size_t size = utf8_length((const uint8_t *)clean + at, length - at);
        if (size == 0)
            clean[at] = '?';
        at += size > 0 ? size : 1;
    }
    (void)cJSON_AddStringToObject(object, name, clean);
}

/* As digits: cJSON's numbers end at 2^53. */
static cJSON *count_text(uint64_t count)
{
    char digits[24];
    (void)snprintf(digits, sizeof digits, "%" PRIu64, count);
    return cJSON_CreateString(digits);
}

static void add_count(cJSON *object, const char *name, uint64_t count)
{
    cJSON_AddItemToObject(object, name, count_text(count));
}

static void add_header(cJSON *document, const struct status_head *head)
{
    cJSON *header = cJSON_AddObjectToObject(document, "header");
    add_count(header, "seq", head->seq);
    cJSON *stamp = cJSON_AddObjectToObject(header, "stamp");
    add_count(stamp, "secs", (uint64_t)(head->stamp / NANOSECONDS));
    add_count(stamp, "nsecs", (uint64_t)(head->stamp % NANOSECONDS));
    add_text(header, "frame_id", "");
}

void status_message_begin(struct status_message *message, const struct status_head *head)
{
    const struct flow_state *state = head->state;
    cJSON_Delete(message->document);
    cJSON *document = cJSON_CreateObject();
    message->document = document;
    add_header(document, head);
    add_text(document, "robot", head->robot);
    add_text(document, "direction", head->direction);
    (void)cJSON_AddBoolToObject(document, "connected", state->connected);
    add_text(document, "trouble", state->trouble);
    add_count(document, "queue_bytes", state->queue_bytes);
    add_count(document, "in_flight_bytes", state->in_flight_bytes);
    add_count(document, "spool_records", state->spool_records);
    add_count(document, "spool_bytes", state->spool_bytes);
    add_count(document, "spool_max_bytes", state->spool_max_bytes);
    message->routes = cJSON_AddArrayToObject(document, "routes");
}

static void add_reasons(cJSON *route, const struct totals *totals)
{
    cJSON *reasons = cJSON_AddArrayToObject(route, "drop_reasons");
    cJSON *counts = cJSON_AddArrayToObject(route, "drop_counts");
    for (size_t i = 0; i < DROP_COUNT; i++) {
        if (totals->dropped[i] == 0)
            continue;
        cJSON_AddItemToArray(reasons, cJSON_CreateString(drop_reason_name((enum drop_reason)i)));
        cJSON_AddItemToArray(counts, count_text(totals->dropped[i]));
    }
}

void status_message_add(struct status_message *message, const struct account *account,
                        const struct status_rates *rates)
{
    const struct totals *totals = &account->totals;
    cJSON *route = cJSON_CreateObject();
    add_text(route, "route", account->route);
    add_text(route, "ros_topic", account->ros_topic);
    add_text(route, "kafka_topic", account->kafka_topic);
    add_count(route, "received", totals->received);
    add_count(route, "restored", totals->restored);
    add_count(route, "delivered", totals->delivered);
    add_count(route, "dead_lettered", totals->dead_lettered);
    add_count(route, "dropped", totals_dropped(totals));
    add_count(route, "spooled", totals->spooled);
    add_count(route, "pending", totals_pending(totals));
    add_reasons(route, totals);
    (void)cJSON_AddNumberToObject(route, "received_rate", rates->received);
    (void)cJSON_AddNumberToObject(route, "delivered_rate", rates->delivered);
    add_count(route, "missed", totals->missed);
    add_count(route, "invalid_utf8", totals->invalid_utf8);
    add_count(route, "non_finite", totals->non_finite);
    add_count(route, "restamped", totals->restamped);
    add_count(route, "unheard", totals->unheard);
    add_count(route, "publishers", account->publishers);
    add_count(route, "waiting_publishers", account->waiting_publishers);
    (void)cJSON_AddNumberToObject(route, "waiting_seconds", account->waiting_seconds);
    cJSON_AddItemToArray(message->routes, route);
}

enum error_code status_message_end(struct status_message *message, const void **bytes, size_t *size,
                                   struct error *error)
{
    const struct from_json_options whole = {.strict = true};
    char *text = cJSON_PrintUnformatted(message->document);
    if (!text)
        return error_set(error, ERROR_MEMORY, STATUS_TYPE, 0, "out of memory");
    buffer_clear(&message->bytes);
    enum error_code code =
        from_json(message->plan, text, strlen(text), &whole, &message->bytes, error);
    cJSON_free(text);
    *bytes = message->bytes.data;
    *size = message->bytes.length;
    return code;
}
