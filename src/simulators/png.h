/* The smallest writer of real PNG pictures: 8-bit grey, stored and not deflated, so that the size
 * is known before. (W3C, Portable Network Graphics; RFC 1950 and RFC 1951.) */
#ifndef KAFKA_BRIDGE_SIMULATORS_PNG_H
#define KAFKA_BRIDGE_SIMULATORS_PNG_H

#include "base/buffer.h"

#include <stdint.h>

#define PNG_PIXELS_LIMIT 65000 /* bytes of picture, with one more per row: one stored block */

/* Bytes of the file for a picture with width × height within the limit. */
size_t png_size(uint32_t width, uint32_t height);

/* Appends it. `pixels` row by row. ERROR_LIMIT, ERROR_MEMORY. */
enum error_code png_append(const uint8_t *pixels, uint32_t width, uint32_t height,
                           struct buffer *out) MUST_CHECK;

#endif
