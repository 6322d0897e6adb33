#include "simulators/type_table.h"

#include "base/buffer.h"
#include "message/definitions/packages.h"

#include <stdlib.h>

#define BLOCK_SEPARATOR                                                                            \
    "================================================================================"

struct type_table {
    struct packages *packages;
    struct plan **plans;
    size_t count;
};

enum error_code type_table_create(struct type_table **table, struct error *error)
{
    struct type_table *made = calloc(1, sizeof *made);
    if (!made)
        return error_set(error, ERROR_MEMORY, NULL, 0, "out of memory");
    enum error_code code = packages_create(NULL, &made->packages, error);
    if (code != ERROR_NONE) {
        free(made);
        return code;
    }
    *table = made;
    return ERROR_NONE;
}

void type_table_destroy(struct type_table *table)
{
    if (!table)
        return;
    for (size_t i = 0; i < table->count; i++)
        plan_destroy(table->plans[i]);
    free(table->plans);
    packages_destroy(table->packages);
    free(table);
}

static enum error_code append_tf_definition(struct type_table *table, struct buffer *text,
                                            struct error *error)
{
    enum error_code code = buffer_append_text(text, "geometry_msgs/TransformStamped[] transforms\n"
                                                    "\n" BLOCK_SEPARATOR "\n"
                                                    "MSG: geometry_msgs/TransformStamped\n");
    if (code != ERROR_NONE)
        return error_set(error, code, "tf2_msgs/TFMessage", 0, "out of memory");
    return packages_definition(table->packages, "geometry_msgs/TransformStamped", text, error);
}

static enum error_code append_definition(struct type_table *table, const char *type,
                                         struct buffer *text, struct error *error)
{
    enum error_code code = packages_definition(table->packages, type, text, error);
    if (code != ERROR_UNKNOWN || strcmp(type, "tf2_msgs/TFMessage") != 0)
        return code;
    buffer_clear(text);
    return append_tf_definition(table, text, error);
}

static enum error_code add_type(struct type_table *table, const char *type, struct error *error)
{
    struct buffer text;
    buffer_init(&text, DEFINITION_TEXT_LIMIT);
    struct plan **plans = realloc(table->plans, (table->count + 1) * sizeof(struct plan *));
    if (!plans)
        return error_set(error, ERROR_MEMORY, type, 0, "out of memory");
    table->plans = plans;
    enum error_code code = append_definition(table, type, &text, error);
    if (code == ERROR_NONE)
        code = plan_create(type, text.data, text.length, NULL, &plans[table->count], error);
    if (code == ERROR_NONE)
        table->count++;
    buffer_fini(&text);
    return code;
}

enum error_code type_table_find(struct type_table *table, const char *type,
                                const struct plan **plan, struct error *error)
{
    size_t i = 0;
    while (i < table->count && strcmp(plan_type(table->plans[i]), type) != 0)
        i++;
    if (i == table->count) {
        enum error_code code = add_type(table, type, error);
        if (code != ERROR_NONE)
            return code;
    }
    *plan = table->plans[i];
    return ERROR_NONE;
}
