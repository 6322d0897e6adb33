/* cmocka with what it needs before it. */
#ifndef KAFKA_BRIDGE_TEST_UNIT_BRIDGE_TEST_SUPPORT_H
#define KAFKA_BRIDGE_TEST_UNIT_BRIDGE_TEST_SUPPORT_H

/* clang-format off: cmocka.h wants these first */
#include <cmocka.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* clang-format on */

#endif
