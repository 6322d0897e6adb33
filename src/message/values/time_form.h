/* The forms in which a mapped time or duration is written and read. */
#ifndef KAFKA_BRIDGE_MESSAGE_VALUES_TIME_FORM_H
#define KAFKA_BRIDGE_MESSAGE_VALUES_TIME_FORM_H

enum time_form {
    TIME_OBJECT,       /* {"secs":1,"nsecs":2} */
    TIME_SECONDS,      /* 1.000000002, all digits exact */
    TIME_MILLISECONDS, /* integer, rounded towards minus infinity */
    TIME_NANOSECONDS,  /* integer */
    TIME_ISO8601,      /* "1970-01-01T00:00:01.000000002Z" (time only) */
};

#endif
