/* Keeps what this process knows out of core dumps. */
#ifndef KAFKA_BRIDGE_BRIDGE_CONFIG_CORE_DUMP_H
#define KAFKA_BRIDGE_BRIDGE_CONFIG_CORE_DUMP_H

/* From now on this process leaves no core dump, neither a file nor for a handler such as
 * systemd-coredump, and no other process of its user's reads its memory or environment (see
 * PR_SET_DUMPABLE in prctl(2)). Says so once, with the property `name` as the reason. Any thread.
 *
 * A limit of memory to what is ours would not do: librdkafka and OpenSSL keep copies of their own.
 */
void core_dump_forbid(const char *name);

#endif
