#include "kafka/settings/address_check.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#define ADDRESS_SIZE 256

static const char *property_name(const struct kafka_properties *properties)
{
    return kafka_properties_get(properties, "bootstrap.servers") ? "bootstrap.servers"
                                                                 : "metadata.broker.list";
}

static bool is_protocol(const char *text, size_t length)
{
    static const char *const names[] = {"plaintext", "ssl", "sasl_plaintext", "sasl_ssl"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strlen(names[i]) == length && strncasecmp(text, names[i], length) == 0)
            return true;
    }
    return false;
}

/* What stands before "://", where anything does. Sets `*host` to what is behind it. */
static enum error_code check_protocol(const struct kafka_properties *properties,
                                      const char *address, const char **host, struct error *error)
{
    const char *name = property_name(properties);
    const char *protocol = kafka_properties_get(properties, "security.protocol");
    const char *end = strstr(address, "://");
    protocol = protocol ? protocol : "plaintext";
    *host = end ? end + 3 : address;
    if (!end)
        return ERROR_NONE;
    size_t length = (size_t)(end - address);
    if (!is_protocol(address, length))
        return error_set(error, ERROR_RANGE, name, 0,
                         "found \"%s\"; a broker's address is HOST:PORT, without \"%.*s://\": "
                         "write %.*s",
                         address, (int)length, address, (int)strcspn(*host, "/"), *host);
    if (strlen(protocol) != length || strncasecmp(address, protocol, length) != 0)
        return error_set(error, ERROR_RANGE, name, 0,
                         "found \"%s\", and security.protocol is %s; set that to %.*s, or write "
                         "%.*s",
                         address, protocol, (int)length, address, (int)strcspn(*host, "/"), *host);
    return ERROR_NONE;
}

static enum error_code check_address(const struct kafka_properties *properties, const char *address,
                                     struct error *error)
{
    const char *name = property_name(properties);
    const char *host;
    enum error_code code = check_protocol(properties, address, &host, error);
    if (code != ERROR_NONE)
        return code;
    if (host[strcspn(host, " \t\r\n;")])
        return error_set(
            error, ERROR_RANGE, name, 0,
            "found \"%s\"; several addresses are separated by ',', as in a:9092,b:9092", address);
    return ERROR_NONE;
}

enum error_code kafka_address_check(const struct kafka_properties *properties, struct error *error)
{
    const char *list = kafka_properties_get(properties, property_name(properties));
    char address[ADDRESS_SIZE];
    for (const char *at = list; at && *at;) {
        at += strspn(at, ", \t\r\n");
        size_t length = strcspn(at, ",");
        while (length > 0 && isspace((unsigned char)at[length - 1]))
            length--;
        if (length >= sizeof address)
            return error_set(error, ERROR_RANGE, property_name(properties), 0,
                             "found an address of %zu characters; up to %zu are possible", length,
                             sizeof address - 1);
        memcpy(address, at, length);
        address[length] = '\0';
        enum error_code code = length > 0 ? check_address(properties, address, error) : ERROR_NONE;
        if (code != ERROR_NONE)
            return code;
        at += length;
    }
    return ERROR_NONE;
}
