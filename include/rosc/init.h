/* rosc: start, stop, and names. */
#ifndef ROSC_INIT_H
#define ROSC_INIT_H

#include <rosc/error.h>

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

enum rosc_init_options {
    ROSC_INIT_DEFAULT = 0,
    ROSC_INIT_ANONYMOUS = 1, /* append a number to the name, so that it is unique */
    /* SIGINT and SIGTERM stay the caller's, who calls rosc_request_shutdown */
    ROSC_INIT_NO_SIGINT_HANDLER = 2,
    ROSC_INIT_NO_ROSOUT = 4, /* do not publish the log on /rosout */
};

/* Starts the node `name` (a base name, no slash). Takes remappings (`a:=b`, `__name:=`, `__ns:=`,
 * `_param:=`) out of `argv`, as roscpp does. Does not wait for the master: rosc_start does.
 * From now on SIGINT (roslaunch, Ctrl-C) and SIGTERM (docker stop) do what rosc_request_shutdown
 * does, and SIGPIPE is ignored. Once per process, from main, before any other rosc function; after
 * a failure it may be called again. `options` is an OR of the above.
 * Returns ROSC_OK, ROSC_ERROR_NAME, ROSC_ERROR_ARGUMENT, ROSC_ERROR_STATE (called twice),
 * ROSC_ERROR_MASTER (ROS_MASTER_URI is missing or is no URI), ROSC_ERROR_ROS. */
ROSC_EXPORT enum rosc_status rosc_init(int *argc, char **argv, const char *name, unsigned options,
                                       struct rosc_error *error) ROSC_MUST_CHECK;

/* Whether the master answers now; false before rosc_init and after rosc_shutdown. Waits at most
 * about a second for the connection. Any thread. */
ROSC_EXPORT bool rosc_master_check(void);

/* The master's URI as the environment or `__master:=` gave it; "" before rosc_init. Lives as long
 * as the process. */
ROSC_EXPORT const char *rosc_master_uri(void);

/* Waits for the master as rosc_start does, and registers nothing: a node of the same name goes on.
 * What the functions of param.h read has the private parameters of the command line in it. For what
 * is to be found right before rosc_start. May be left out. Returns as rosc_start. */
ROSC_EXPORT enum rosc_status rosc_connect(double timeout, struct rosc_error *error) ROSC_MUST_CHECK;

/* Connects to the master and starts roscpp's threads; waits for the master up to `timeout` seconds
 * (negative: for ever), logging once that it waits and at which URI. Returns early when rosc_ok()
 * turns false. Private parameters of the command line (`_param:=value`) are set when it returns.
 * From now on a thread looks at the master once a second: one that was started anew is told all
 * topics and services again, and the parameters that this process has set where it has none.
 * From main, after rosc_init; after ROSC_ERROR_TIMEOUT it may be called again. Returns ROSC_OK,
 * ROSC_ERROR_TIMEOUT, ROSC_ERROR_ARGUMENT, ROSC_ERROR_STATE, ROSC_ERROR_NAME (of such a parameter),
 * ROSC_ERROR_ROS. */
ROSC_EXPORT enum rosc_status rosc_start(double timeout, struct rosc_error *error) ROSC_MUST_CHECK;

/* False once shutdown was asked for: SIGINT, SIGTERM, rosc_request_shutdown, rosc_shutdown, or the
 * master's shutdown call (`rosnode kill`, or a new node of the same name); and before rosc_init.
 * Until rosc_shutdown everything still works, so that a node can flush. Any thread. */
ROSC_EXPORT bool rosc_ok(void);

/* Asks for shutdown without doing it. Any thread, and from a signal handler. */
ROSC_EXPORT void rosc_request_shutdown(void);

/* Stops: unregisters from the master, joins roscpp's threads; later rosc calls return
 * ROSC_ERROR_STATE. Subscriptions, publishers, timers and services are to be destroyed before.
 * From main, once; a second call does nothing. */
ROSC_EXPORT void rosc_shutdown(void);

/* This node's full name ("/robot/bridge") and namespace ("/robot"), from rosc_init on. Live as long
 * as the process. */
ROSC_EXPORT const char *rosc_node_name(void);
ROSC_EXPORT const char *rosc_namespace(void);

/* Resolves `name` as a topic name of this node: relative names get the namespace, `~name` the
 * node's name, and remappings apply. Writes at most `size` bytes with NUL. Any thread. Returns
 * ROSC_OK, ROSC_ERROR_NAME (says which character), ROSC_ERROR_ARGUMENT (too small),
 * ROSC_ERROR_STATE. */
ROSC_EXPORT enum rosc_status rosc_name_resolve(const char *name, char *resolved, size_t size,
                                               struct rosc_error *error) ROSC_MUST_CHECK;

#ifdef __cplusplus
}
#endif

#endif
