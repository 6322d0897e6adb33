/* cmocka with what it needs before it. */
#ifndef KAFKA_BRIDGE_TEST_UNIT_BRIDGE_TEST_SUPPORT_H
#define KAFKA_BRIDGE_TEST_UNIT_BRIDGE_TEST_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#endif
