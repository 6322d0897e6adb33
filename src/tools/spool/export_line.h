/* A record as a line of JSON, whole, so that it can be sent again by hand.
 *
 * Texts that are UTF-8 are JSON strings; bytes that are not stand in base64 under the member's name
 * with `_base64` behind it. Threads: one per buffer.
 */
#ifndef KAFKA_BRIDGE_TOOLS_SPOOL_EXPORT_LINE_H
#define KAFKA_BRIDGE_TOOLS_SPOOL_EXPORT_LINE_H

#include "base/buffer.h"
#include "tools/resend/letter.h"
#include "tools/spool/records.h"

/* Appends the record of a spool, with its line end. ERROR_LIMIT, ERROR_MEMORY. */
enum error_code export_line_spooled(const struct spooled *spooled, struct buffer *out) MUST_CHECK;

/* Appends the original of a letter, with the member `letter` that says what was wrong, where
 * `record` is what lay in the dead-letter topic. */
enum error_code export_line_letter(const struct letter *letter, const struct kafka_record *record,
                                   struct buffer *out) MUST_CHECK;

/* Appends a record of a dead-letter topic that is no letter, as it is. */
enum error_code export_line_stray(const struct kafka_record *record, struct buffer *out) MUST_CHECK;

#endif
