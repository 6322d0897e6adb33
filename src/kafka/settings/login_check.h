/* Logins that can never come about, found before anything connects. */
#ifndef KAFKA_BRIDGE_KAFKA_SETTINGS_LOGIN_CHECK_H
#define KAFKA_BRIDGE_KAFKA_SETTINGS_LOGIN_CHECK_H

#include "base/error.h"
#include "kafka/settings/properties.h"

/* OAUTHBEARER without a way to get a token, for which librdkafka waits without a word; a name or a
 * password where nobody logs in, which it never uses. ERROR_RANGE: the path is the property. */
enum error_code kafka_login_check(const struct kafka_properties *properties,
                                  struct error *error) MUST_CHECK;

#endif
