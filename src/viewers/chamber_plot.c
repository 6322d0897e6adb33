/* chamber_plot: draws the histograms of each kafka_bridge/ChamberResults on /chamber_results into a
 * sensor_msgs/Image on /chamber_plot (rgb8, latched), and into a PNG file. Its parameters are those
 * of chamber_plot_options.h.
 */
#include "base/help.h"
#include "simulators/node.h"
#include "simulators/serial_writer.h"
#include "simulators/type_table.h"
#include "viewers/chamber_picture.h"
#include "viewers/chamber_plot_options.h"

#include <rosc/rosc.h>
#include <stdlib.h>

#define RESULTS_TYPE  "kafka_bridge/ChamberResults"
#define IMAGE_TYPE    "sensor_msgs/Image"
#define HEADER_ROOM   1024 /* bytes of an Image before its pixels, at most */
#define WAIT          0.1  /* s, so that a request to stop is soon seen */
#define TELL_INTERVAL 10.0 /* s between two lines on the same trouble */

struct viewer {
    struct chamber_plot_options options;
    struct chamber_picture *picture;
    struct rosc_publisher *publisher;
    char results_md5sum[33];
    uint32_t seq;
    struct chamber_results results;
    struct buffer image; /* the last one, serialized */
};

static enum error_code write_image(struct viewer *viewer, struct error *error)
{
    uint32_t width = (uint32_t)viewer->options.width;
    uint32_t height = (uint32_t)viewer->options.height;
    size_t size = (size_t)width * height * 3;
    struct serial_writer writer;
    buffer_clear(&viewer->image);
    serial_writer_init(&writer, &viewer->image);
    put_u32(&writer, viewer->seq++);
    put_u32(&writer, viewer->results.secs);
    put_u32(&writer, viewer->results.nsecs);
    put_string(&writer, "chamber_plot");
    put_u32(&writer, height);
    put_u32(&writer, width);
    put_string(&writer, "rgb8");
    put_u8(&writer, 0); /* is_bigendian */
    put_u32(&writer, width * 3);
    put_count(&writer, size);
    if (writer.code == ERROR_NONE)
        writer.code = buffer_reserve(&viewer->image, size);
    if (writer.code != ERROR_NONE)
        return error_set(error, writer.code, NULL, 0, "out of memory for the picture");
    chamber_picture_copy_rgb(viewer->picture, (uint8_t *)viewer->image.data + viewer->image.length);
    viewer->image.length += size;
    return ERROR_NONE;
}

static enum error_code show(struct viewer *viewer, const struct rosc_message *message,
                            struct error *error)
{
    struct rosc_error why;
    enum error_code code =
        chamber_results_read(message->data, message->size, &viewer->results, error);
    if (code == ERROR_NONE)
        code = chamber_picture_draw(viewer->picture, &viewer->results, error);
    if (code == ERROR_NONE)
        code = write_image(viewer, error);
    if (code != ERROR_NONE)
        return code;
    if (rosc_publisher_publish(viewer->publisher, viewer->image.data, viewer->image.length, &why) !=
        ROSC_OK)
        return error_set(error, ERROR_IO, rosc_publisher_topic(viewer->publisher), 0, "%s",
                         why.text);
    if (!viewer->options.file[0])
        return ERROR_NONE;
    return chamber_picture_save(viewer->picture, viewer->options.file, error);
}

static void take_message(const struct rosc_message *message, void *user)
{
    struct viewer *viewer = user;
    struct error error;
    const struct rosc_connection *from = message->connection;
    if (strcmp(from->type, RESULTS_TYPE) != 0 ||
        strcmp(from->md5sum, viewer->results_md5sum) != 0) {
        ROSC_LOG_THROTTLE(TELL_INTERVAL, ROSC_ERROR_LEVEL,
                          "%s: %s publishes %s with md5sum %s; %s with md5sum %s is needed",
                          message->topic, from->caller_id, from->type, from->md5sum, RESULTS_TYPE,
                          viewer->results_md5sum);
        return;
    }
    if (show(viewer, message, &error) != ERROR_NONE)
        ROSC_LOG_THROTTLE(TELL_INTERVAL, ROSC_ERROR_LEVEL, "%s: no picture of this message: %s: %s",
                          message->topic, error.path, error.text);
}

static bool read_options(const cJSON *parameters, void *target, struct buffer *problems)
{
    return chamber_plot_options_read(parameters, target, problems);
}

static enum error_code advertise(struct viewer *viewer, struct type_table *types,
                                 struct error *error)
{
    const struct plan *image, *results;
    struct rosc_error why;
    enum error_code code = type_table_find(types, RESULTS_TYPE, &results, error);
    if (code == ERROR_NONE)
        code = type_table_find(types, IMAGE_TYPE, &image, error);
    if (code != ERROR_NONE)
        return code;
    (void)strncpy(viewer->results_md5sum, plan_md5sum(results), sizeof viewer->results_md5sum - 1);
    struct rosc_publisher_options options = {
        .type = plan_type(image),
        .md5sum = plan_md5sum(image),
        .definition = plan_text(image),
        .queue_size = 1,
        .latched = true,
    };
    if (rosc_publisher_create("/chamber_plot", &options, &viewer->publisher, &why) != ROSC_OK)
        return error_set(error, ERROR_IO, "/chamber_plot", 0, "cannot be advertised: %s", why.text);
    return ERROR_NONE;
}

static enum error_code viewer_init(struct viewer *viewer, struct error *error)
{
    struct type_table *types = NULL;
    int width = viewer->options.width, height = viewer->options.height;
    buffer_init(&viewer->image, (size_t)width * (size_t)height * 3 + HEADER_ROOM);
    enum error_code code = chamber_picture_create(width, height, &viewer->picture, error);
    if (code == ERROR_NONE)
        code = type_table_create(&types, error);
    if (code == ERROR_NONE)
        code = advertise(viewer, types, error);
    type_table_destroy(types);
    return code;
}

static void viewer_fini(struct viewer *viewer)
{
    rosc_publisher_destroy(viewer->publisher);
    chamber_picture_destroy(viewer->picture);
    buffer_fini(&viewer->image);
}

/* Draws until shutdown; false where it cannot subscribe. */
static bool run(struct viewer *viewer)
{
    struct rosc_subscription *subscription;
    struct rosc_error why;
    /* One that waits is enough: a picture of the newest is what is asked for. */
    const struct rosc_subscription_options newest = {.queue_size = 1};
    if (rosc_subscription_create(NULL, "/chamber_results", &newest, take_message, viewer,
                                 &subscription, &why) != ROSC_OK) {
        ROSC_LOG_FATAL("cannot subscribe to /chamber_results: %s", why.text);
        return false;
    }
    ROSC_LOG_INFO("drawing %s on %s, %d x %d%s%s", rosc_subscription_topic(subscription),
                  rosc_publisher_topic(viewer->publisher), viewer->options.width,
                  viewer->options.height, viewer->options.file[0] ? ", and into " : "",
                  viewer->options.file);
    while (rosc_ok())
        rosc_queue_call(NULL, WAIT);
    rosc_subscription_destroy(subscription);
    return true;
}

static const char help[] =
    "usage: chamber_plot [_NAME:=VALUE...]\n"
    "\n"
    "Draws each /chamber_results (kafka_bridge/ChamberResults) as a picture of its histograms on\n"
    "/chamber_plot (sensor_msgs/Image).\n"
    "\n"
    "parameters:\n"
    "  _width:=PIXELS               (1280)\n"
    "  _height:=PIXELS              (720)\n"
    "  _file:=FILE                  a PNG that always holds the newest picture "
    "(none)\n" HELP_OF_NODES;

int main(int argc, char **argv)
{
    int result;
    if (!node_begin(argc, argv, "chamber_plot", help, &result))
        return result;
    result = EXIT_FAILURE;
    static struct viewer viewer;
    cJSON *tree = NULL;
    struct error error;
    if (!node_read_parameters(&tree, read_options, &viewer.options))
        goto cleanup;
    if (viewer_init(&viewer, &error) != ERROR_NONE) {
        ROSC_LOG_FATAL("%s: %s", error.path, error.text);
        goto cleanup;
    }
    result = run(&viewer) ? EXIT_SUCCESS : EXIT_FAILURE;
cleanup:
    viewer_fini(&viewer);
    cJSON_Delete(tree);
    rosc_shutdown();
    return result;
}
