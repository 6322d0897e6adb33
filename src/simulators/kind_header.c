/* The header that the messages of the kinds begin with. */
#include "simulators/kind.h"

#include <string.h>

void put_frame(struct serial_writer *writer, const struct moment *moment, const char *frame)
{
    size_t robot = strlen(moment->robot), rest = strlen(frame);
    put_count(writer, robot + 1 + rest);
    put_bytes(writer, moment->robot, robot);
    put_bytes(writer, "/", 1);
    put_bytes(writer, frame, rest);
}

void put_header(struct serial_writer *writer, const struct moment *moment, const char *frame)
{
    put_u32(writer, moment->seq);
    put_time(writer, moment->stamp);
    put_frame(writer, moment, frame);
}
