/* The checksum is XXH64: the figures are xxHash's own library's. */
#include "spool/checksum.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void it_is_xxh64(void **state)
{
    (void)state;
    assert_true(spool_checksum("", 0, 0) == UINT64_C(0xef46db3751d8e999));
    assert_true(spool_checksum(NULL, 0, 0) == UINT64_C(0xef46db3751d8e999));
    assert_true(spool_checksum("warty", 5, 0) == UINT64_C(0xb3745dac5ce4e4ed));
    assert_true(spool_checksum("kafka_bridge keeps every record until Kafka has acknowledged it",
                               63, 1) == UINT64_C(0xf0704a6994130965));
}

static void texts_do_not_run_together(void **state)
{
    (void)state;
    assert_true(spool_checksum_text("b", spool_checksum_text("a", 0)) !=
                spool_checksum_text("", spool_checksum_text("ab", 0)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_xxh64),
        cmocka_unit_test(texts_do_not_run_together),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
