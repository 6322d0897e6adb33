/* The plan of what a publisher sends, from its own definition, or from the package that is
 * installed here: several client libraries send no definition, or that of the type alone without
 * the types in it. From one thread. */
#ifndef KAFKA_BRIDGE_BRIDGE_TO_KAFKA_PUBLISHER_PLAN_H
#define KAFKA_BRIDGE_BRIDGE_TO_KAFKA_PUBLISHER_PLAN_H

#include "message/definitions/packages.h"
#include "message/plan/plan.h"

#include <rosc/topic.h>

/* The package's definition is taken only where the publisher's is not whole and the md5sums agree.
 * ERROR_MISSING: neither will do, and nothing else is wrong; else errors as plan_create's. */
enum error_code publisher_plan(struct packages *packages, const struct rosc_connection *connection,
                               struct plan **plan, struct error *error) MUST_CHECK;

#endif
