#include "metrics/server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define BACKLOG           16
#define MARGIN            8 /* connections that are closed, which libmicrohttpd has still to see */
#define CONNECTION_MEMORY ((size_t)16 << 10) /* bytes of a request, headers and all */
#define HELP_SIZE         256
#define PLAIN             "text/plain; charset=utf-8"

#if MHD_VERSION < 0x00097002 /* Ubuntu 20.04 */
#define ANSWER int
#else
#define ANSWER enum MHD_Result
#endif

union address {
    struct sockaddr any;
    struct sockaddr_in four;
    struct sockaddr_in6 six;
};

/* A connection, as long as libmicrohttpd has it. */
struct client {
    struct client *next; /* who has done nothing for longer comes first */
    int handle;
    bool closed; /* by us: it made room */
};

struct metrics_server {
    struct metrics_server_options options;
    struct client *clients; /* the server's thread's */
    struct MHD_Daemon *daemon;
    struct metrics_text text; /* the server's thread's */
    uint16_t port;
};

/* The length of what was written into `address`; 0: the text is none. */
static socklen_t parse(const char *text, uint16_t port, union address *address)
{
    *address = (union address){.any = {0}};
    if (inet_pton(AF_INET, text, &address->four.sin_addr) == 1) {
        address->four.sin_family = AF_INET;
        address->four.sin_port = htons(port);
        return sizeof address->four;
    }
    address->six = (struct sockaddr_in6){.sin6_family = AF_INET6, .sin6_port = htons(port)};
    return inet_pton(AF_INET6, text, &address->six.sin6_addr) == 1 ? sizeof address->six : 0;
}

bool metrics_server_is_address(const char *text)
{
    union address address;
    return parse(text, 0, &address) > 0;
}

/* A socket of ours, since libmicrohttpd would only say that it could not. -1 with errno. */
static int listen_at(union address *address, socklen_t length)
{
    const int yes = 1;
    int handle = socket(address->any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (handle < 0)
        return -1;
    /* A node that starts again need not wait until the last connections are forgotten. */
    (void)setsockopt(handle, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(handle, &address->any, length) != 0 || listen(handle, BACKLOG) != 0 ||
        getsockname(handle, &address->any, &length) != 0) {
        int number = errno;
        (void)close(handle);
        errno = number;
        return -1;
    }
    return handle;
}

static void append(struct metrics_server *server, struct client *client)
{
    struct client **last = &server->clients;
    while (*last)
        last = &(*last)->next;
    client->next = NULL;
    *last = client;
}

static void detach(struct metrics_server *server, struct client *client)
{
    struct client **at = &server->clients;
    while (*at && *at != client)
        at = &(*at)->next;
    if (*at)
        *at = client->next;
}

/* Closes the connections that have done nothing for the longest, down to the bound. */
static void make_room(struct metrics_server *server)
{
    size_t open = 0;
    for (const struct client *client = server->clients; client; client = client->next)
        open += !client->closed;
    for (struct client *client = server->clients; client && open > METRICS_CONNECTIONS;
         client = client->next) {
        if (client->closed)
            continue;
        client->closed = true;
        (void)shutdown(client->handle, SHUT_RDWR);
        open--;
    }
}

static void on_connection(void *user, struct MHD_Connection *connection, void **context,
                          enum MHD_ConnectionNotificationCode code)
{
    struct metrics_server *server = user;
    struct client *client = *context;
    if (code == MHD_CONNECTION_NOTIFY_CLOSED) {
        if (client)
            detach(server, client);
        free(client);
        *context = NULL;
        return;
    }
    const union MHD_ConnectionInfo *found =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    *context = client = found ? calloc(1, sizeof *client) : NULL;
    if (!client)
        return; /* it is served, only not counted */
    client->handle = found->connect_fd;
    append(server, client);
    make_room(server);
}

/* A request was answered whole: the connection did something. */
static void on_completed(void *user, struct MHD_Connection *connection, void **request,
                         enum MHD_RequestTerminationCode code)
{
    struct metrics_server *server = user;
    (void)request;
    const union MHD_ConnectionInfo *found =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    struct client *client = found ? found->socket_context : NULL;
    if (!client || code != MHD_REQUEST_TERMINATED_COMPLETED_OK)
        return;
    detach(server, client);
    append(server, client);
}

static ANSWER respond(struct MHD_Connection *connection, unsigned status, const char *type,
                      const void *body, size_t size)
{
    struct MHD_Response *response =
        MHD_create_response_from_buffer(size, (void *)body, MHD_RESPMEM_MUST_COPY);
    if (!response)
        return MHD_NO;
    (void)MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
    if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
        (void)MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
    ANSWER result = MHD_queue_response(connection, status, response);
    MHD_destroy_response(response);
    return result;
}

static ANSWER respond_line(struct MHD_Connection *connection, unsigned status, const char *line)
{
    return respond(connection, status, PLAIN, line, strlen(line));
}

static ANSWER respond_metrics(struct metrics_server *server, struct MHD_Connection *connection)
{
    struct error error;
    char line[ERROR_TEXT_SIZE + ERROR_PATH_SIZE];
    metrics_text_begin(&server->text);
    server->options.write(&server->text, server->options.user);
    if (metrics_text_finish(&server->text, &error) == ERROR_NONE)
        return respond(connection, MHD_HTTP_OK, METRICS_TEXT_TYPE, server->text.bytes.data,
                       server->text.bytes.length);
    (void)snprintf(line, sizeof line, "%s: %s\n", error.path, error.text);
    return respond_line(connection, MHD_HTTP_INTERNAL_SERVER_ERROR, line);
}

static ANSWER on_request(void *user, struct MHD_Connection *connection, const char *path,
                         const char *method, const char *version, const char *upload,
                         size_t *upload_size, void **request)
{
    struct metrics_server *server = user;
    char line[HELP_SIZE];
    (void)version;
    (void)upload;
    if (strcmp(method, MHD_HTTP_METHOD_GET) != 0 && strcmp(method, MHD_HTTP_METHOD_HEAD) != 0) {
        *upload_size = 0;
        return respond_line(connection, MHD_HTTP_METHOD_NOT_ALLOWED, "GET and HEAD only\n");
    }
    /* An answer to the first call would end the connection, which Prometheus keeps for its next. */
    if (!*request) {
        *request = server;
        return MHD_YES;
    }
    if (strcmp(path, "/metrics") == 0)
        return respond_metrics(server, connection);
    if (strcmp(path, "/healthz") == 0)
        return respond_line(connection, MHD_HTTP_OK, "ok\n");
    (void)snprintf(line, sizeof line,
                   "nothing is here: the figures of %s are at /metrics, and /healthz says ok\n",
                   server->options.name);
    return respond_line(connection, MHD_HTTP_NOT_FOUND, line);
}

/* Takes `handle`, also on failure. */
static bool serve(struct metrics_server *server, int handle)
{
    server->daemon = MHD_start_daemon(
        /* Not select(), which cannot have handles above 1023. */
        MHD_USE_POLL_INTERNAL_THREAD, 0, NULL, NULL, on_request, server, MHD_OPTION_LISTEN_SOCKET,
        handle, MHD_OPTION_CONNECTION_LIMIT, (unsigned)METRICS_CONNECTIONS + MARGIN,
        MHD_OPTION_NOTIFY_CONNECTION, on_connection, server, MHD_OPTION_NOTIFY_COMPLETED,
        on_completed, server, MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)METRICS_TIMEOUT_SECONDS,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, CONNECTION_MEMORY, MHD_OPTION_END);
    if (!server->daemon)
        (void)close(handle);
    return server->daemon != NULL;
}

enum error_code metrics_server_create(const struct metrics_server_options *options,
                                      struct metrics_server **server, struct error *error)
{
    union address address;
    socklen_t length = parse(options->address, options->port, &address);
    if (length == 0)
        return error_set(error, ERROR_ARGUMENT, options->address, 0,
                         "is no address of digits, such as 127.0.0.1 or ::1");
    int handle = listen_at(&address, length);
    if (handle < 0)
        return error_set(error, ERROR_IO, "", 0, "cannot listen at %s, port %u: %s",
                         options->address, (unsigned)options->port, strerror(errno));
    struct metrics_server *made = calloc(1, sizeof *made);
    if (!made) {
        (void)close(handle);
        return error_set(error, ERROR_MEMORY, "", 0, "out of memory");
    }
    made->options = *options;
    made->port =
        ntohs(address.any.sa_family == AF_INET ? address.four.sin_port : address.six.sin6_port);
    metrics_text_init(&made->text, METRICS_LIMIT);
    if (!serve(made, handle)) {
        metrics_server_destroy(made);
        return error_set(error, ERROR_IO, "", 0, "the HTTP server's thread cannot be started");
    }
    *server = made;
    return ERROR_NONE;
}

void metrics_server_destroy(struct metrics_server *server)
{
    if (!server)
        return;
    if (server->daemon)
        MHD_stop_daemon(server->daemon);
    metrics_text_fini(&server->text);
    free(server);
}

uint16_t metrics_server_port(const struct metrics_server *server)
{
    return server->port;
}
