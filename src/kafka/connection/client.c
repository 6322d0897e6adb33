#include "kafka/connection/client.h"

#include "kafka/settings/catalog.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define COMMAND_SIZE 4096

/* The first property that librdkafka's words name between backquotes, into `name`; else "". */
static void find_named(const char *words, char *name, size_t size)
{
    name[0] = '\0';
    const char *open = strchr(words, '`');
    const char *close = open ? strchr(open + 1, '`') : NULL;
    if (!close || (size_t)(close - open) > size)
        return;
    size_t length = (size_t)(close - open - 1);
    memcpy(name, open + 1, length);
    name[length] = '\0';
    if (kafka_catalog_scope(name) == KAFKA_SCOPE_UNKNOWN)
        name[0] = '\0';
}

/* What librdkafka found wrong, which the last call of rd_kafka_new left. */
static enum error_code refuse(const char *words, const struct kafka_properties *properties,
                              struct error *error)
{
    if (rd_kafka_last_error() != RD_KAFKA_RESP_ERR__INVALID_ARG)
        return error_set(error, ERROR_IO, NULL, 0, "librdkafka cannot start: %s", words);
    char name[64];
    find_named(words, name, sizeof name);
    bool ours =
        strstr(words, "idempotence") && !kafka_properties_get(properties, "enable.idempotence");
    return error_set(error, ERROR_RANGE, name, 0, "%s%s", words,
                     ours ? " (this package's default): set enable.idempotence: false as well"
                          : "");
}

static rd_kafka_t *make(enum kafka_role role, rd_kafka_conf_t *conf, char *words, size_t size)
{
    rd_kafka_type_t type = role == KAFKA_ROLE_PRODUCER ? RD_KAFKA_PRODUCER : RD_KAFKA_CONSUMER;
    return rd_kafka_new(type, conf, words, size);
}

static void say_nothing(const rd_kafka_t *client, int level, const char *facility, const char *text)
{
    (void)client, (void)level, (void)facility, (void)text;
}

/* With GSSAPI a client begins with a command that logs in: looked at, but not run. */
static void disarm_login(rd_kafka_conf_t *conf)
{
    static const char name[] = "sasl.kerberos.kinit.cmd";
    static const char nothing[] = "exit 0; ";
    char command[COMMAND_SIZE];
    size_t size = sizeof command - sizeof nothing;
    char *theirs = command + sizeof nothing - 1;
    memcpy(command, nothing, sizeof nothing);
    if (rd_kafka_conf_get(conf, name, theirs, &size) == RD_KAFKA_CONF_OK &&
        size < sizeof command - sizeof nothing && *theirs)
        (void)rd_kafka_conf_set(conf, name, command, NULL, 0);
    else
        (void)rd_kafka_conf_set(conf, "sasl.kerberos.min.time.before.relogin", "0", NULL, 0);
}

#if RD_KAFKA_VERSION >= 0x010900ff /* librdkafka that fetches tokens by itself */
static bool has(const rd_kafka_conf_t *conf, const char *name, const char *value)
{
    char found[16] = "";
    size_t size = sizeof found;
    return rd_kafka_conf_get(conf, name, found, &size) == RD_KAFKA_CONF_OK &&
           strcasecmp(found, value) == 0;
}

static void fetch_no_token(rd_kafka_t *client, const char *config, void *opaque)
{
    (void)client, (void)config, (void)opaque;
}

static void disarm_tokens(rd_kafka_conf_t *conf)
{
    /* With both, librdkafka would find fault with the callback, not with the two. */
    if (has(conf, "sasl.oauthbearer.method", "oidc") &&
        has(conf, "enable.sasl.oauthbearer.unsecure.jwt", "false"))
        rd_kafka_conf_set_oauthbearer_token_refresh_cb(conf, fetch_no_token);
}
#else
static void disarm_tokens(rd_kafka_conf_t *conf)
{
    (void)conf;
}
#endif

/* librdkafka frees the interceptors of a configuration that it refuses, and would free them again
 * with the configuration: that is left as it is then. */
static void drop(rd_kafka_conf_t *refused, bool intercepts)
{
    if (!intercepts)
        rd_kafka_conf_destroy(refused);
}

/* A library of the user's may have set interceptors of its own. */
static bool has_plugins(const struct kafka_properties *properties)
{
    return kafka_properties_get(properties, "plugin.library.paths") != NULL;
}

enum error_code kafka_client_check(enum kafka_role role, const rd_kafka_conf_t *conf,
                                   const struct kafka_properties *properties, struct error *error)
{
    char words[ERROR_TEXT_SIZE - 96] = "";
    rd_kafka_conf_t *copy = rd_kafka_conf_dup(conf);
    (void)rd_kafka_conf_set(copy, "bootstrap.servers", NULL, NULL, 0);
    rd_kafka_conf_set_log_cb(copy, say_nothing);
    disarm_login(copy);
    disarm_tokens(copy);
    rd_kafka_t *client = make(role, copy, words, sizeof words);
    if (client) {
        rd_kafka_destroy_flags(client, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
        return ERROR_NONE;
    }
    enum error_code code = refuse(words, properties, error);
    drop(copy, has_plugins(properties));
    return code;
}

/* What librdkafka refuses it is asked before there are interceptors, so that nothing is left
 * behind, however often it refuses. */
static enum error_code add_halt(enum kafka_role role, rd_kafka_conf_t *conf,
                                const struct kafka_properties *properties, struct kafka_halt *halt,
                                struct error *error)
{
    enum error_code code = kafka_client_check(role, conf, properties, error);
    return code == ERROR_NONE ? kafka_halt_listen(halt, conf, error) : code;
}

enum error_code kafka_client_create(enum kafka_role role, rd_kafka_conf_t *conf,
                                    const struct kafka_properties *properties,
                                    struct kafka_halt *halt, rd_kafka_t **client,
                                    struct error *error)
{
    char words[ERROR_TEXT_SIZE - 96] = "";
    bool halts = halt && halt->halts;
    enum error_code code = halts ? add_halt(role, conf, properties, halt, error) : ERROR_NONE;
    if (code != ERROR_NONE) {
        rd_kafka_conf_destroy(conf);
        return code;
    }
    *client = make(role, conf, words, sizeof words);
    if (*client)
        return ERROR_NONE;
    code = refuse(words, properties, error);
    drop(conf, halts || has_plugins(properties));
    return code;
}
