/* rosc: callback queues and the threads that serve them. */
#ifndef ROSC_QUEUE_H
#define ROSC_QUEUE_H

#include <rosc/error.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A queue of callbacks. NULL means roscpp's global queue wherever a queue is asked for. */
struct rosc_queue;

ROSC_EXPORT enum rosc_status rosc_queue_create(struct rosc_queue **queue,
                                               struct rosc_error *error) ROSC_MUST_CHECK;

/* Whatever uses the queue is to be destroyed before. */
ROSC_EXPORT void rosc_queue_destroy(struct rosc_queue *queue);

/* Runs the callbacks that are ready, waiting for one up to `timeout` seconds, on the calling
 * thread.
 The queue is served after rosc_request_shutdown too, until rosc_shutdown. */
ROSC_EXPORT void rosc_queue_call(struct rosc_queue *queue, double timeout);

/* Serves the queue on the calling thread until rosc_ok() is false. */
ROSC_EXPORT void rosc_queue_spin(struct rosc_queue *queue);

/* Threads (1 to 256) that serve a queue in the background until they are ended, with all signals
 * blocked. Callbacks of one subscription never overlap and keep their order, however many threads
 * there are. */
struct rosc_spinner;

ROSC_EXPORT enum rosc_status rosc_spinner_create(struct rosc_queue *queue, unsigned threads,
                                                 struct rosc_spinner **spinner,
                                                 struct rosc_error *error) ROSC_MUST_CHECK;

/* Ends and joins the threads: when it returns no callback runs. Not from a callback. */
ROSC_EXPORT void rosc_spinner_destroy(struct rosc_spinner *spinner);

#ifdef __cplusplus
}
#endif

#endif
