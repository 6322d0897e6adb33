/* The types that columns of tables have, for schemas of what a route writes. */
#ifndef KAFKA_BRIDGE_MESSAGE_VALUES_COLUMN_H
#define KAFKA_BRIDGE_MESSAGE_VALUES_COLUMN_H

enum column_type {
    COLUMN_DEFAULT, /* what follows from the ROS type and from how it is written */
    COLUMN_INT,     /* 32 bits */
    COLUMN_BIGINT,  /* 64 bits */
    COLUMN_FLOAT,   /* IEEE 754 binary32 */
    COLUMN_DOUBLE,  /* IEEE 754 binary64 */
    COLUMN_BOOLEAN,
    COLUMN_TEXT,
    COLUMN_TIMESTAMP,
};

#endif
