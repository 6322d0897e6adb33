/* What the tests of this room share. */
#ifndef KAFKA_BRIDGE_TEST_TOOLS_SUPPORT_H
#define KAFKA_BRIDGE_TEST_TOOLS_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#endif
