/* What the bridge writes of messages, for tests of its schemas: the values of records, a line each.
 *
 * usage: record_tool CONFIG.yaml --as spark [--route R ...], the options of `schema`
 *
 * Standard input holds messages of the type that a record is made of: uint32 little endian, bytes.
 * They are numbered from 0; all have the same time of receipt.
 */
#include "message/json/to_json.h"
#include "message/mapping/to_record.h"
#include "tools/schema/schema_options.h"
#include "tools/schema/schema_route.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define BLOB_LIMIT (256U << 20)
#define RECEIPT    1795252710123456789 /* nanoseconds since the Unix epoch */
#define BILLION    1000000000

static bool read_message(struct buffer *blob)
{
    uint8_t size[4];
    if (fread(size, sizeof size, 1, stdin) != 1)
        return false;
    size_t length =
        (size_t)size[0] | (size_t)size[1] << 8 | (size_t)size[2] << 16 | (size_t)size[3] << 24;
    buffer_clear(blob);
    if (buffer_reserve(blob, length + 1) != ERROR_NONE ||
        (length > 0 && fread(blob->data, length, 1, stdin) != 1))
        return false;
    blob->length = length;
    return true;
}

static enum error_code write_record(const struct schema_route *found,
                                    const struct to_record *mapping, uint64_t sequence,
                                    const struct buffer *message, struct buffer *out,
                                    struct error *error)
{
    const uint8_t *bytes = (const uint8_t *)message->data;
    struct plan_header header = {0};
    if (!mapping)
        return to_json(found->plan, bytes, message->length, &found->route->json, out, NULL, error);
    (void)plan_read_header(found->plan, bytes, message->length, &header);
    const struct record_context context = {
        .sequence = sequence,
        .stamp = (int64_t)header.secs * BILLION + header.nsecs,
        .receipt = RECEIPT,
        .topic = found->ros_topic,
        .robot = found->config->robot,
    };
    return to_record(mapping, bytes, message->length, &context, out, NULL, error);
}

static enum error_code write_all(const struct schema_route *found, struct error *error)
{
    struct to_record *mapping = NULL;
    struct buffer message, out;
    enum error_code code = ERROR_NONE;
    if (found->route->format == FORMAT_FIELDS)
        code = to_record_create(found->plan, found->route->fields, found->route->field_count,
                                &found->route->json, &mapping, error);
    else if (found->route->format != FORMAT_JSON)
        code = error_set(error, ERROR_TYPE, found->route->path, 0, "json or fields is expected");
    buffer_init(&message, BLOB_LIMIT);
    buffer_init(&out, BLOB_LIMIT);
    for (uint64_t sequence = 0; code == ERROR_NONE && read_message(&message); sequence++) {
        buffer_clear(&out);
        code = write_record(found, mapping, sequence, &message, &out, error);
        if (code == ERROR_NONE &&
            (fwrite(out.data, 1, out.length, stdout) != out.length || fputc('\n', stdout) == EOF))
            code = error_set(error, ERROR_IO, "", 0, "the output takes no more");
    }
    buffer_fini(&out);
    buffer_fini(&message);
    to_record_destroy(mapping);
    return code;
}

int main(int argc, char **argv)
{
    struct schema_options options;
    struct schema_route found = {0};
    struct problems problems;
    struct error error = {0};
    problems_init(&problems);
    enum error_code code = schema_options_read(argc, argv, &options, &error);
    if (code == ERROR_NONE)
        code = schema_route_init(&found, &options, &problems, &error);
    if (code == ERROR_NONE)
        code = write_all(&found, &error);
    if (code != ERROR_NONE)
        (void)fprintf(stderr, "record_tool: %s: %s\n", error.path, error.text);
    schema_route_fini(&found);
    problems_fini(&problems);
    return code == ERROR_NONE ? EXIT_SUCCESS : EXIT_FAILURE;
}
