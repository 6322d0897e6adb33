/* Latches again what an earlier run latched: for each partition that has come the group says which
 * records these are, so that late subscribers get them, whether this run published them or one
 * before. A partition's own records wait until that is done, those of others do not. One thread. */
#ifndef KAFKA_BRIDGE_BRIDGE_TO_ROS_RESTORER_H
#define KAFKA_BRIDGE_BRIDGE_TO_ROS_RESTORER_H

#include "bridge/to_ros/carrier.h"
#include "bridge/to_ros/lanes.h"
#include "kafka/reading/lookup.h"

struct restorer {
    const struct kafka_properties *properties; /* borrowed, as these two */
    struct carrier *carrier;
    struct lanes *lanes;
    struct kafka_lookup *lookup; /* NULL: nothing is read */
    const struct lane *reading;  /* whose record it looks for; NULL: nobody's */
    size_t count;                /* lanes that are under way */
};

void restorer_fini(struct restorer *restorer);

/* The partition has come. */
void restorer_begin(struct restorer *restorer, const struct kafka_begin *begin);

/* Goes on with what the lane is to latch. False: not done yet, the lane is due again. */
bool restorer_serve(struct restorer *restorer, struct lane *lane);

/* The lane is about to be forgotten. */
void restorer_forget(struct restorer *restorer, struct lane *lane);

#endif
