#include "message/plan/plan.h"

#include "message/plan/fault.h"
#include "message/plan/layout.h"
#include "message/plan/plan_program.h"
#include "message/values/bytes.h"

#include <stdlib.h>
#include <string.h>

struct plan {
    struct definition *definition;
    struct layout *layout;
    struct json_program json;
    bool has_header;
};

static enum error_code check_md5sum(const struct plan *plan, const char *md5sum,
                                    struct error *error)
{
    if (!md5sum || strcmp(md5sum, "*") == 0 || strcmp(md5sum, plan_md5sum(plan)) == 0)
        return ERROR_NONE;
    return error_set(error, ERROR_TYPE, plan_type(plan), 0,
                     "the md5sum of the definition is %s, it should be %.40s", plan_md5sum(plan),
                     md5sum);
}

/* Whether the type begins as std_msgs/Header does: uint32 seq, time stamp. */
static bool begins_with_header(const struct message_type *type)
{
    if (type->field_count == 0 || type->fields[0].kind != KIND_MESSAGE ||
        type->fields[0].array != ARRAY_NONE)
        return false;
    const struct message_type *header = type->fields[0].message;
    return strcmp(header->name, "std_msgs/Header") == 0 && header->field_count >= 2 &&
           header->fields[0].kind == KIND_UINT32 && header->fields[0].array == ARRAY_NONE &&
           header->fields[1].kind == KIND_TIME && header->fields[1].array == ARRAY_NONE;
}

static enum error_code compile(struct plan *plan, struct error *error)
{
    enum error_code code = layout_create(plan_message(plan), NULL, 0, &plan->layout);
    if (code == ERROR_NONE)
        code = json_program_init(&plan->json, plan_message(plan));
    if (code == ERROR_LIMIT)
        return error_set(error, code, plan_type(plan), 0,
                         "the names of the fields are longer than %u bytes with the nested types'",
                         JSON_PROGRAM_TEXT);
    return code == ERROR_NONE ? code : error_set(error, code, plan_type(plan), 0, "out of memory");
}

enum error_code plan_create(const char *type, const char *text, size_t length, const char *md5sum,
                            struct plan **plan, struct error *error)
{
    struct plan *made = calloc(1, sizeof *made);
    if (!made)
        return error_set(error, ERROR_MEMORY, type, 0, "out of memory");
    enum error_code code = definition_parse(type, text, length, &made->definition, error);
    if (code != ERROR_NONE)
        goto cleanup;
    code = check_md5sum(made, md5sum, error);
    if (code != ERROR_NONE)
        goto cleanup;
    code = compile(made, error);
    if (code != ERROR_NONE)
        goto cleanup;
    made->has_header = begins_with_header(definition_type(made->definition));
    *plan = made;
    return ERROR_NONE;
cleanup:
    plan_destroy(made);
    return code;
}

enum error_code plan_create_nested(const struct plan *plan, const struct message_type *type,
                                   struct plan **nested, struct error *error)
{
    struct buffer text;
    buffer_init(&text, DEFINITION_TEXT_LIMIT);
    enum error_code code = definition_extract(plan->definition, type, &text);
    if (code == ERROR_NONE)
        code = plan_create(type->name, text.data ? text.data : "", text.length,
                           definition_part(plan->definition, type).md5sum, nested, error);
    else
        (void)error_set(error, code, type->name, 0, "its definition cannot be made: %s",
                        error_code_name(code));
    buffer_fini(&text);
    return code;
}

void plan_destroy(struct plan *plan)
{
    if (!plan)
        return;
    json_program_fini(&plan->json);
    layout_destroy(plan->layout);
    definition_destroy(plan->definition);
    free(plan);
}

const char *plan_type(const struct plan *plan)
{
    return plan_message(plan)->name;
}

const char *plan_md5sum(const struct plan *plan)
{
    return definition_md5sum(plan->definition);
}

const char *plan_text(const struct plan *plan)
{
    return definition_text(plan->definition);
}

const struct message_type *plan_message(const struct plan *plan)
{
    return definition_type(plan->definition);
}

bool plan_has_header(const struct plan *plan)
{
    return plan->has_header;
}

bool plan_read_header(const struct plan *plan, const uint8_t *bytes, size_t length,
                      struct plan_header *header)
{
    if (!plan->has_header || length < 3 * sizeof(uint32_t))
        return false;
    header->seq = bytes_u32(bytes);
    header->secs = bytes_u32(bytes + 4);
    header->nsecs = bytes_u32(bytes + 8);
    return true;
}

enum error_code plan_validate(const struct plan *plan, const uint8_t *bytes, size_t length,
                              struct error *error)
{
    if (layout_walk(plan->layout, bytes, length, NULL) == ERROR_NONE)
        return ERROR_NONE;
    return fault_describe(plan_message(plan), bytes, length, error);
}

const struct json_program *plan_json_program(const struct plan *plan)
{
    return &plan->json;
}
