#include "bridge/send/item_sender.h"

#include "bridge/flow/dead_letter.h"
#include "bridge/send/spool_record.h"
#include "kafka/producer/transactions.h"

#include <cjson/cJSON.h>
#include <rosc/time.h>
#include <stdlib.h>
#include <string.h>

#define ROOM_WAIT_MS 20
/* Why a record is not tried alone. */
#define INVALID_TOO "Kafka refused it in company as invalid, and many before it each alone"

/* A letter goes to the dead-letter topic under the ROS topic as its key. */
static void address_letter(const struct item *item, const void *text, size_t size,
                           struct kafka_record *record)
{
    const struct origin *origin = item->origin;
    record->topic = origin->dead_letter_topic;
    record->key = origin->facts->ros_topic;
    record->key_size = strlen(origin->facts->ros_topic);
    record->value = text;
    record->value_size = size;
}

/* A letter about a record that Kafka refused. */
static enum error_code write_letter(struct accounting *accounting, const struct item *item,
                                    unsigned state, const struct kafka_record *record,
                                    struct buffer *text)
{
    const struct spool_origin *facts = item->origin->facts;
    struct error why = {.code = ERROR_IO};
    char reason[128];
    accounting_reason(accounting, item, reason, sizeof reason);
    (void)error_set(&why, ERROR_IO, facts->kafka_topic, 0, "%s", reason);
    const struct dead_letter letter = {.reason = state & ITEM_TOO_LARGE ? "too_large" : "refused",
                                       .error = &why,
                                       .direction = "ros_to_kafka",
                                       .ros_topic = facts->ros_topic,
                                       .ros_type = facts->ros_type,
                                       .ros_md5sum = facts->ros_md5sum,
                                       .record = record,
                                       .content = "record",
                                       .bytes = state & ITEM_SHORT ? NULL : record->value,
                                       .size = record->value_size};
    return dead_letter_write(&letter, text);
}

/* Takes the original out of the letter, and says so as dead_letter.h has it. */
static bool leave_bytes_out(cJSON *letter)
{
    cJSON *left_out = cJSON_GetObjectItemCaseSensitive(letter, "left_out");
    cJSON *name = cJSON_CreateString("bytes");
    cJSON_DeleteItemFromObjectCaseSensitive(letter, "bytes");
    if (!left_out)
        left_out = cJSON_AddArrayToObject(letter, "left_out");
    if (!left_out || !name) {
        cJSON_Delete(name);
        return false;
    }
    cJSON_AddItemToArray(left_out, name);
    return true;
}

/* The text of a letter that the spool keeps, without the original's bytes. */
static enum error_code shorten_letter(const struct spool_record *kept, struct buffer *text)
{
    enum error_code code = buffer_append(text, kept->value, kept->value_size);
    if (code == ERROR_NONE)
        code = buffer_append(text, "", 1);
    if (code != ERROR_NONE)
        return code;
    cJSON *letter = cJSON_Parse(text->data);
    buffer_clear(text);
    if (!letter)
        return ERROR_SYNTAX;
    char *printed = leave_bytes_out(letter) ? cJSON_PrintUnformatted(letter) : NULL;
    code = printed ? buffer_append_text(text, printed) : ERROR_MEMORY;
    cJSON_free(printed);
    cJSON_Delete(letter);
    return code;
}

/* Where what is known of the topic's times is kept; NULL: no memory. */
static struct time_limits *times_of(struct item_sender *item_sender, struct origin *origin,
                                    bool letter)
{
    struct time_limits **limits = letter ? &origin->letter_times : &origin->times;
    if (!*limits)
        *limits = record_times_topic(
            item_sender->accounting->times,
            letter ? origin->dead_letter_topic : origin->facts->kafka_topic, origin->facts);
    return *limits;
}

/* Hands the record over, waiting for room. */
static enum error_code hand_over_as_it_is(struct item_sender *item_sender,
                                          const struct kafka_record *record, uint64_t tag,
                                          struct batch *batch, struct error *error)
{
    struct accounting *accounting = item_sender->accounting;
    struct item *item = &batch->items[(uint32_t)tag];
    enum error_code code;
    (void)atomic_fetch_or(&item->state, ITEM_SENT); /* before its report can come */
    for (;;) {
        code = accounting_send_record(accounting, record, tag, batch, error);
        if (code != ERROR_FULL && code != ERROR_MEMORY)
            break;
        code = ERROR_FULL;
        if (rosc_time_steady() >= *item_sender->deadline || atomic_load(&accounting->replay))
            break;
        kafka_producer_wait_for_room(item_sender->producer, ROOM_WAIT_MS);
    }
    if (code != ERROR_NONE)
        (void)atomic_fetch_and(&item->state, (unsigned char)~ITEM_SENT);
    if (code == ERROR_MISSING) {
        const char *topic;
        struct gate *gate = accounting_gate(accounting, item, &topic);
        (void)gate_close(&accounting->gates, gate, batch->block.id, topic, error->text);
    }
    return code;
}

/* Waits until all that was sent is reported. */
static enum error_code await_reports(struct item_sender *item_sender, struct error *error)
{
    while (kafka_producer_flush(item_sender->producer, ROOM_WAIT_MS) > 0) {
        if (kafka_transaction_has_failed(item_sender->producer))
            return error_set(error, ERROR_IO, "", 0,
                             "Kafka did not take all records of the transaction");
        if (rosc_time_steady() >= *item_sender->deadline ||
            atomic_load(&item_sender->accounting->replay))
            return error_set(error, ERROR_FULL, "", 0, "not all that was sent is reported");
    }
    return ERROR_NONE;
}

/* The same, a suspect alone: nothing else is under way before it is reported. */
static enum error_code hand_over_in_turn(struct item_sender *item_sender,
                                         const struct kafka_record *record, uint64_t tag,
                                         struct batch *batch, struct error *error)
{
    bool alone = atomic_load(&batch->items[(uint32_t)tag].state) & ITEM_SUSPECT;
    enum error_code code = ERROR_NONE;
    if (alone || item_sender->alone)
        code = await_reports(item_sender, error);
    if (code != ERROR_NONE)
        return code;
    item_sender->alone = alone;
    return hand_over_as_it_is(item_sender, record, tag, batch, error);
}

/* The same, with a time that Kafka takes. */
static enum error_code hand_over(struct item_sender *item_sender, struct kafka_record *record,
                                 uint64_t tag, struct batch *batch, struct error *error)
{
    char text[RECORD_TIMES_TEXT_SIZE];
    int64_t own = record->timestamp;
    struct item *item = &batch->items[(uint32_t)tag];
    struct time_limits *limits =
        times_of(item_sender, item->origin, tag & TAG_LETTER || item->kind == KIND_LETTER);
    if (!limits)
        return error_set(error, ERROR_FULL, record->topic, 0, "out of memory");
    if (!record_times_fit(item_sender->accounting->times, limits, item_sender->producer,
                          *item_sender->deadline, batch->since, record, text)) {
        (void)atomic_fetch_and(&item->state, (unsigned char)~ITEM_RESTAMPED);
        return hand_over_in_turn(item_sender, record, tag, batch, error);
    }
    (void)atomic_fetch_or(&item->state, ITEM_RESTAMPED);
    enum error_code code = hand_over_in_turn(item_sender, record, tag, batch, error);
    record_times_undo(record, own);
    return code;
}

/* Sends a letter whose text is allocated for it: its report frees it. */
static enum error_code send_text(struct item_sender *item_sender, struct batch *batch,
                                 uint32_t index, struct kafka_record *record, struct buffer *text,
                                 struct error *error)
{
    address_letter(&batch->items[index], text->data, text->length, record);
    enum error_code code = hand_over(item_sender, record, TAG_LETTER | index, batch, error);
    if (code == ERROR_NONE)
        buffer_init(text, DEAD_LETTER_TEXT_LIMIT);
    return code;
}

static enum error_code send_letter(struct item_sender *item_sender, struct batch *batch,
                                   uint32_t index, const struct spool_record *kept,
                                   struct kafka_record *record, struct error *error)
{
    struct item *item = &batch->items[index];
    struct accounting *accounting = item_sender->accounting;
    enum error_code code = ERROR_LIMIT;
    while (*item->origin->dead_letter_topic && code == ERROR_LIMIT) {
        unsigned state = atomic_load(&item->state);
        struct buffer text;
        buffer_init(&text, DEAD_LETTER_TEXT_LIMIT);
        code = item->kind == KIND_LETTER ? shorten_letter(kept, &text)
                                         : write_letter(accounting, item, state, record, &text);
        if (code == ERROR_NONE) {
            struct kafka_record letter = *record;
            code = send_text(item_sender, batch, index, &letter, &text, error);
        }
        buffer_fini(&text);
        if (state & ITEM_SHORT)
            break;
        if (code == ERROR_LIMIT)
            (void)atomic_fetch_or(&item->state, ITEM_SHORT);
    }
    return code;
}

/* A letter that the spool keeps goes as it is at first. */
static enum error_code send_kept_letter(struct item_sender *item_sender, struct batch *batch,
                                        uint32_t index, const struct spool_record *kept,
                                        struct kafka_record *record, struct error *error)
{
    struct kafka_record letter = *record;
    address_letter(&batch->items[index], kept->value, kept->value_size, &letter);
    if (!*letter.topic)
        return ERROR_UNKNOWN;
    enum error_code code = hand_over(item_sender, &letter, index, batch, error);
    if (code != ERROR_LIMIT)
        return code;
    (void)atomic_fetch_or(&batch->items[index].state, ITEM_SHORT);
    return send_letter(item_sender, batch, index, kept, record, error);
}

static enum error_code send_record(struct item_sender *item_sender, struct batch *batch,
                                   uint32_t index, struct kafka_record *record, struct error *error)
{
    const struct item *item = &batch->items[index];
    enum error_code code = ERROR_NONE;
    if (atomic_load(&item->state) & ITEM_SUSPECT &&
        accounting_takes_for_invalid(item_sender->accounting, item))
        code = error_set(error, ERROR_UNKNOWN, record->topic, 0, INVALID_TOO);
    if (code == ERROR_NONE)
        code = hand_over(item_sender, record, index, batch, error);
    if (code == ERROR_LIMIT || code == ERROR_UNKNOWN)
        accounting_mark(item_sender->accounting, batch, index,
                        code == ERROR_LIMIT ? ITEM_TOO_LARGE : ITEM_REFUSED, error->text);
    return code;
}

/* Sends what the item is now; a record that is marked as refused by this is left as it was. */
static enum error_code send_as_it_is(struct item_sender *item_sender, struct batch *batch,
                                     uint32_t index, struct error *error)
{
    const struct item *item = &batch->items[index];
    unsigned state = atomic_load(&item->state);
    struct spool_record kept;
    struct kafka_record record;
    char id[SPOOL_RECORD_ID_SIZE];
    enum error_code code;
    batch_record(batch, index, &kept);
    spool_record_to_kafka(item->origin->facts, &kept, id, &record);
    if (state & (ITEM_BAD | ITEM_SHORT))
        code = send_letter(item_sender, batch, index, &kept, &record, error);
    else if (item->kind == KIND_LETTER)
        code = send_kept_letter(item_sender, batch, index, &kept, &record, error);
    else
        return send_record(item_sender, batch, index, &record, error);
    if (code == ERROR_NONE || code == ERROR_FULL || code == ERROR_IO || code == ERROR_MISSING)
        return code;
    accounting_say_dropped(batch, index, error->text);
    accounting_settle(item_sender->accounting, batch, index, FATE_DROPPED);
    return ERROR_NONE;
}

enum error_code item_sender_try(struct item_sender *item_sender, struct batch *batch,
                                uint32_t index, struct gate *gate, struct error *error)
{
    const struct item *item = &batch->items[index];
    gate_try(gate);
    enum error_code code = send_as_it_is(item_sender, batch, index, error);
    if (!(atomic_load(&item->state) & ITEM_SENT) && code != ERROR_MISSING)
        gate_try_again(gate); /* dropped, a letter now, or there was no room */
    return code == ERROR_FULL || code == ERROR_IO ? code : ERROR_NONE;
}

enum error_code item_sender_send(struct item_sender *item_sender, struct batch *batch,
                                 uint32_t index, struct error *error)
{
    const struct item *item = &batch->items[index];
    enum error_code code;
    do {
        const char *topic;
        struct gate *gate = accounting_gate(item_sender->accounting, item, &topic);
        if (!gate_is_open(gate)) {
            gate_keep(gate, batch->block.id);
            return ERROR_NONE;
        }
        code = send_as_it_is(item_sender, batch, index, error);
    } while (code == ERROR_LIMIT || code == ERROR_UNKNOWN); /* a letter goes in its place */
    return code == ERROR_MISSING ? ERROR_NONE : code;
}
