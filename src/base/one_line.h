/* Text from elsewhere (names, types, brokers' words) as a part of a line that people read. */
#ifndef KAFKA_BRIDGE_BASE_ONE_LINE_H
#define KAFKA_BRIDGE_BASE_ONE_LINE_H

#ifdef __cplusplus
extern "C" {
#endif

/* Puts '?' in the place of each control character (C0, DEL, and C1 as UTF-8 has it): what is left
 * stays one line, and commands no terminal. */
void one_line(char *text);

#ifdef __cplusplus
}
#endif

#endif
