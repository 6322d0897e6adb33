/* rosc: the std_srvs services, offered and called. */
#ifndef ROSC_SERVICE_H
#define ROSC_SERVICE_H

#include <rosc/error.h>
#include <rosc/queue.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct rosc_service;

/* std_srvs/Empty. The callback runs on a thread that serves `queue`, one request at a time.
 * Creating returns, for all three, ROSC_OK, ROSC_ERROR_NAME, ROSC_ERROR_TYPE (this node offers a
 * service of that name already), ROSC_ERROR_MASTER, ROSC_ERROR_ARGUMENT, ROSC_ERROR_STATE,
 * ROSC_ERROR_ROS. Any thread. */
typedef void (*rosc_empty_callback)(void *user);
ROSC_EXPORT enum rosc_status rosc_service_create_empty(struct rosc_queue *queue, const char *name,
                                                       rosc_empty_callback callback, void *user,
                                                       struct rosc_service **service,
                                                       struct rosc_error *error) ROSC_MUST_CHECK;

/* std_srvs/Trigger and std_srvs/SetBool: the callback returns `success` and writes at most `size`
 * bytes with NUL to `message`. */
typedef bool (*rosc_trigger_callback)(char *message, size_t size, void *user);
ROSC_EXPORT enum rosc_status rosc_service_create_trigger(struct rosc_queue *queue, const char *name,
                                                         rosc_trigger_callback callback, void *user,
                                                         struct rosc_service **service,
                                                         struct rosc_error *error) ROSC_MUST_CHECK;
typedef bool (*rosc_set_bool_callback)(bool data, char *message, size_t size, void *user);
ROSC_EXPORT enum rosc_status rosc_service_create_set_bool(struct rosc_queue *queue,
                                                          const char *name,
                                                          rosc_set_bool_callback callback,
                                                          void *user, struct rosc_service **service,
                                                          struct rosc_error *error) ROSC_MUST_CHECK;

/* When it returns the callback does not run any more. Not from that callback. */
ROSC_EXPORT void rosc_service_destroy(struct rosc_service *service);

/* Calls `name` and waits for it up to `timeout` seconds to be advertised (0: it must be there).
 * The answer takes as long as the server does; a service of this very node must be served by
 * another thread. `success` and `message` may be NULL; the message is cut off at `size` - 1 bytes.
 * Any thread. Returns ROSC_OK, ROSC_ERROR_NAME, ROSC_ERROR_NOT_FOUND, ROSC_ERROR_TYPE (the text
 * says which type it has), ROSC_ERROR_CALL, ROSC_ERROR_STATE, ROSC_ERROR_ROS. */
ROSC_EXPORT enum rosc_status rosc_call_empty(const char *name, double timeout,
                                             struct rosc_error *error) ROSC_MUST_CHECK;
ROSC_EXPORT enum rosc_status rosc_call_trigger(const char *name, double timeout, bool *success,
                                               char *message, size_t size,
                                               struct rosc_error *error) ROSC_MUST_CHECK;
ROSC_EXPORT enum rosc_status rosc_call_set_bool(const char *name, double timeout, bool data,
                                                bool *success, char *message, size_t size,
                                                struct rosc_error *error) ROSC_MUST_CHECK;

#ifdef __cplusplus
}
#endif

#endif
