/* Messages with a picture in them: cameras and maps. */
#include "simulators/kind.h"

#include "simulators/png.h"

#include <math.h>

#define PICTURE_WIDTH  160
#define PICTURE_HEIGHT 120
#define GRID_SIDE      64   /* cells */
#define GRID_CELL      0.5f /* m */

/* Brightness of one pixel: stripes that pass as the robot drives and tilt as it rolls. */
static uint8_t pixel(const struct drive_state *state, int column, int row)
{
    double across = column - 0.5 * PICTURE_WIDTH + 20 * state->roll * row;
    double stripes = sin(0.15 * across - 4.0 * state->yaw) + sin(0.1 * row + 2.0 * state->distance);
    return (uint8_t)(128.0 + 60.0 * stripes);
}

static void fill_picture(const struct drive_state *state, uint8_t *pixels)
{
    for (int row = 0; row < PICTURE_HEIGHT; row++)
        for (int column = 0; column < PICTURE_WIDTH; column++)
            pixels[row * PICTURE_WIDTH + column] = pixel(state, column, row);
}

void write_image(struct serial_writer *writer, struct moment *moment)
{
    uint8_t pixels[PICTURE_WIDTH * PICTURE_HEIGHT];
    fill_picture(moment->state, pixels);
    put_header(writer, moment, "camera_optical");
    put_u32(writer, PICTURE_HEIGHT);
    put_u32(writer, PICTURE_WIDTH);
    put_string(writer, "mono8");
    put_u8(writer, 0);
    put_u32(writer, PICTURE_WIDTH);
    put_count(writer, sizeof pixels);
    put_bytes(writer, pixels, sizeof pixels);
}

void write_compressed_image(struct serial_writer *writer, struct moment *moment)
{
    uint8_t pixels[PICTURE_WIDTH * PICTURE_HEIGHT];
    fill_picture(moment->state, pixels);
    put_header(writer, moment, "camera_optical");
    put_string(writer, "png");
    put_count(writer, png_size(PICTURE_WIDTH, PICTURE_HEIGHT));
    if (writer->code == ERROR_NONE)
        writer->code = png_append(pixels, PICTURE_WIDTH, PICTURE_HEIGHT, writer->out);
}

void write_camera_info(struct serial_writer *writer, struct moment *moment)
{
    const double focal = 138.6, middle = PICTURE_WIDTH / 2.0, centre = PICTURE_HEIGHT / 2.0;
    put_header(writer, moment, "camera_optical");
    put_u32(writer, PICTURE_HEIGHT);
    put_u32(writer, PICTURE_WIDTH);
    put_string(writer, "plumb_bob");
    put_count(writer, 5);
    put_doubles(writer, (double[]){-0.2413, 0.0712, 0.0003, -0.0008, 0.0}, 5);
    put_doubles(writer, (double[]){focal, 0, middle, 0, focal, centre, 0, 0, 1}, 9);
    put_diagonal(writer, (double[]){1, 1, 1}, 3);
    put_doubles(writer, (double[]){focal, 0, middle, 0, 0, focal, centre, 0, 0, 0, 1, 0}, 12);
    put_u32(writer, 0); /* no binning */
    put_u32(writer, 0);
    for (int i = 0; i < 4; i++)
        put_u32(writer, 0); /* the whole picture */
    put_bool(writer, false);
}

void write_occupancy_grid(struct serial_writer *writer, struct moment *moment)
{
    const double corner = -0.5 * GRID_SIDE * (double)GRID_CELL;
    put_header(writer, moment, "map");
    put_time(writer, moment->stamp);
    put_float(writer, GRID_CELL);
    put_u32(writer, GRID_SIDE);
    put_u32(writer, GRID_SIDE);
    put_doubles(writer, (double[]){corner, corner, 0, 0, 0, 0, 1}, 7);
    put_count(writer, (size_t)GRID_SIDE * GRID_SIDE);
    for (int row = 0; row < GRID_SIDE; row++)
        for (int column = 0; column < GRID_SIDE; column++) {
            bool wall = row == 0 || column == 0 || row == GRID_SIDE - 1 || column == GRID_SIDE - 1;
            bool seen = hypot(row - GRID_SIDE / 2.0, column - GRID_SIDE / 2.0) < GRID_SIDE / 2.0;
            put_u8(writer, wall ? 100 : seen ? 0 : (uint8_t)-1);
        }
}
