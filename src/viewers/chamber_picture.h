/* The eight histograms of a ChamberResults as one picture: a column for each chamber, the channels
 * above, the orbits below. Charts beside each other share their scale, so that chambers can be
 * compared. One thread. */
#ifndef KAFKA_BRIDGE_VIEWERS_CHAMBER_PICTURE_H
#define KAFKA_BRIDGE_VIEWERS_CHAMBER_PICTURE_H

#include "viewers/chart.h"

#define PICTURE_WIDTH_LOW   480 /* pixels */
#define PICTURE_HEIGHT_LOW  320
#define PICTURE_LENGTH_HIGH 4096 /* of either side */

enum picture_row { ROW_TDC_CHANNEL, ROW_ORBIT_CNT };

struct chamber_picture;

/* `width`, `height`: pixels, within the bounds above. Errors: ERROR_ARGUMENT, ERROR_MEMORY. */
enum error_code chamber_picture_create(int width, int height, struct chamber_picture **picture,
                                       struct error *error) MUST_CHECK;
void chamber_picture_destroy(struct chamber_picture *picture);

/* Draws `results` over what was there. Errors: ERROR_MEMORY (cairo ran out of it). */
enum error_code chamber_picture_draw(struct chamber_picture *picture,
                                     const struct chamber_results *results,
                                     struct error *error) MUST_CHECK;

/* Where the bar of bin `index` of a histogram of the last drawn `results` is. */
struct rectangle chamber_picture_bar(const struct chamber_picture *picture,
                                     const struct chamber_results *results, size_t chamber,
                                     enum picture_row row, size_t index);
struct colour chamber_picture_colour(enum picture_row row);

/* Writes width * height * 3 bytes, red, green, blue, row by row from above. */
void chamber_picture_copy_rgb(struct chamber_picture *picture, uint8_t *rgb);

/* Writes a PNG to `path`, which has the old picture or the new one at any moment. Errors: ERROR_IO,
 * ERROR_LIMIT (the path is too long). */
enum error_code chamber_picture_save(struct chamber_picture *picture, const char *path,
                                     struct error *error) MUST_CHECK;

#endif
