/* A row of a CSV file as text: as a JSON object, in an array of one, or as plain words. Knows
 * neither ROS nor Kafka. Any thread. */
#ifndef KAFKA_BRIDGE_SIMULATORS_ROW_TEXT_H
#define KAFKA_BRIDGE_SIMULATORS_ROW_TEXT_H

#include "simulators/csv_reader.h"

enum row_form {
    ROW_OBJECT, /* {"name":cell,…} */
    ROW_ARRAY,  /* [{"name":cell,…}], as pandas' to_json(orient='records') */
    ROW_TEXT,   /* the cells that are not empty, joined */
    ROW_LINE,   /* the line as it stands in the file: rows of a plain reader */
};

/* Appends `row`, whose columns are `names`. In JSON a cell that is a number as JSON writes them
 * (RFC 8259) stays as it is, digit by digit; an empty one is null, one with nothing in its quotes
 * "", any other a string. Cells are UTF-8. ERROR_LIMIT, ERROR_MEMORY. */
enum error_code row_text_append(enum row_form form, const struct csv_row *names,
                                const struct csv_row *row, const char *separator,
                                struct buffer *out) MUST_CHECK;

#endif
