/* How schema trees are built: used by this room only. One thread. */
#ifndef KAFKA_BRIDGE_SCHEMA_TREE_H
#define KAFKA_BRIDGE_SCHEMA_TREE_H

#include "message/values/arena.h"
#include "schema/schema.h"

/* What a tree is built in: its memory, how values are written, and how large it has become. */
struct schema_tree {
    struct arena arena;
    struct to_json_options json;
    size_t nodes;
};

/* `count` nodes for `node`'s list. ERROR_LIMIT, ERROR_MEMORY; `where` is the error's path. */
enum error_code tree_list(struct schema_tree *tree, struct schema_node *node, size_t count,
                          const char *where, struct error *error) MUST_CHECK;

/* A copy that lives as long as the tree; NULL where memory is out or `text` is NULL. */
const char *tree_text(struct schema_tree *tree, const char *text);

/* Fills `node`, whose name is set, as an integer within these bounds. */
void tree_integer(struct schema_node *node, int64_t minimum, uint64_t maximum);

/* Fills `node` as a time that is written in `form`; `is_duration`: it may be negative and has no
 * date. `seconds`: the bounds of the object form's member secs, `nanoseconds`: those of nsecs. */
struct tree_bounds {
    int64_t minimum;
    uint64_t maximum;
};
enum error_code tree_time(struct schema_tree *tree, struct schema_node *node, enum time_form form,
                          struct tree_bounds seconds, struct tree_bounds nanoseconds,
                          const char *where, struct error *error) MUST_CHECK;

/* Fills `node` as the JSON of one message of `type`, with all that is nested. */
enum error_code tree_message(struct schema_tree *tree, struct schema_node *node,
                             const struct message_type *type, const char *where,
                             struct error *error) MUST_CHECK;

/* Fills `node` as the JSON of `field`; `is_single`: of one element of it, where it is an array. */
enum error_code tree_field(struct schema_tree *tree, struct schema_node *node,
                           const struct field *field, bool is_single, const char *where,
                           struct error *error) MUST_CHECK;

/* Fills `node` as a value that is always the JSON `text`. */
enum error_code tree_constant(struct schema_tree *tree, struct schema_node *node, const char *text,
                              const char *where, struct error *error) MUST_CHECK;

/* Fills `node` as one entry of `fields`. `base` is the type that paths begin at. */
enum error_code tree_mapped(struct schema_tree *tree, struct schema_node *node,
                            const struct message_type *base, const struct to_record_field *field,
                            const char *where, struct error *error) MUST_CHECK;

/* Gives `node` the column type that the configuration says, or ERROR_TYPE: it cannot hold the
 * value. */
enum error_code tree_column(struct schema_node *node, enum column_type column, const char *where,
                            struct error *error) MUST_CHECK;

#endif
