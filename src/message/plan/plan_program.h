/* The compiled parts of a plan, for the code in this room that runs them. */
#ifndef KAFKA_BRIDGE_MESSAGE_PLAN_PLAN_PROGRAM_H
#define KAFKA_BRIDGE_MESSAGE_PLAN_PLAN_PROGRAM_H

#include "message/plan/json_program.h"
#include "message/plan/plan.h"

/* The program that writes the whole message; lives as long as the plan. */
const struct json_program *plan_json_program(const struct plan *plan);

#endif
