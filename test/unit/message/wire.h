/* Serialized bytes written as hexadecimal text, for tests. */
#ifndef KAFKA_BRIDGE_TEST_WIRE_H
#define KAFKA_BRIDGE_TEST_WIRE_H

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define WIRE_SIZE 1024

struct wire {
    uint8_t bytes[WIRE_SIZE];
    size_t length;
};

/* Pairs of hexadecimal digits, spaces anywhere between; "'text'" gives its characters. */
static inline struct wire wire_from(const char *text)
{
    struct wire wire = {.length = 0};
    while (*text && wire.length < WIRE_SIZE) {
        unsigned value = 0;
        if (*text == ' ') {
            text++;
        } else if (*text == '\'') {
            for (text++; *text != '\''; text++)
                wire.bytes[wire.length++] = (uint8_t)*text;
            text++;
        } else if (sscanf(text, "%2x", &value) == 1) {
            wire.bytes[wire.length++] = (uint8_t)value;
            text += 2;
        }
    }
    return wire;
}

#endif
