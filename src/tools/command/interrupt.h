/* Ctrl-C and SIGTERM: the first asks for a stop between two records, the second ends at once. */
#ifndef KAFKA_BRIDGE_TOOLS_COMMAND_INTERRUPT_H
#define KAFKA_BRIDGE_TOOLS_COMMAND_INTERRUPT_H

#include <stdbool.h>

/* From main, before anything long begins. */
void interrupt_listen(void);

/* Whether a stop was asked for. Any thread. */
bool interrupt_asked(void);

#endif
