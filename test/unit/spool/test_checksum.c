/* The checksum is CRC-32: the figures are those of Python's zlib.crc32. */
#include "spool/checksum.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void it_is_crc_32(void **state)
{
    (void)state;
    assert_int_equal(spool_checksum("", 0, 0), 0x6522df69);
    assert_int_equal(spool_checksum(NULL, 0, 0), 0x6522df69);
    assert_int_equal(spool_checksum("warty", 5, 0), 0xf2e3236f);
    assert_int_equal(spool_checksum("warty", 5, 0x123456789), 0x9dd8902a);
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
        cmocka_unit_test(it_is_crc_32),
        cmocka_unit_test(texts_do_not_run_together),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
