/* Message types by name, compiled once each. One thread. */
#ifndef KAFKA_BRIDGE_SIMULATORS_TYPE_TABLE_H
#define KAFKA_BRIDGE_SIMULATORS_TYPE_TABLE_H

#include "message/plan/plan.h"

struct type_table;

enum error_code type_table_create(struct type_table **table, struct error *error) MUST_CHECK;
void type_table_destroy(struct type_table *table);

/* The plan of `type` ("package/Type"), which lives as long as the table. The definition comes from
 * the installed packages; tf2_msgs/TFMessage is known by heart, so that a machine without tf2_msgs
 * simulates /tf as well. Errors: packages_definition's and plan_create's. */
enum error_code type_table_find(struct type_table *table, const char *type,
                                const struct plan **plan, struct error *error) MUST_CHECK;

#endif
