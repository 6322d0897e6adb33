/* What became of the records of a spool that were sent. The caller owns the struct; one thread. */
#ifndef KAFKA_BRIDGE_TOOLS_SPOOL_SEND_ACCOUNT_H
#define KAFKA_BRIDGE_TOOLS_SPOOL_SEND_ACCOUNT_H

#include <stddef.h>
#include <stdint.h>

struct send_account {
    uint64_t records; /* that were to be sent */
    uint64_t delivered;
    uint64_t dead_lettered; /* Kafka refused them, and has a letter instead */
    uint64_t failed;        /* refused, without a letter */
    uint64_t lost;          /* in blocks that are damaged */
};

/* "20,500 records, 20,499 delivered, 1 dead-lettered, 0 failed, 0 left"; always NUL-terminated. */
void send_account_format(const struct send_account *account, char *text, size_t size);

#endif
