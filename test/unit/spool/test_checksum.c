/* The checksum is CRC-32: the figures are those of Python's zlib.crc32. */
#include "spool/checksum.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

static void it_is_crc_32(void **state)
{
    (void)state;
    assert_int_equal(spool_checksum("", 0, 0), 0x6522df69);
    assert_int_equal(spool_checksum(NULL, 0, 0), 0x6522df69);
    assert_int_equal(spool_checksum("warty", 5, 0), 0xf2e3236f);
    assert_int_equal(spool_checksum("warty", 5, 0x123456789), 0x9dd8902a);
}

/* Long ones take other ways: bit by bit they are the same, from any place on. */
static void long_ones_are_the_same(void **state)
{
    (void)state;
    static unsigned char bytes[10000];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (unsigned char)rand();
    for (size_t start = 0; start < 20; start++)
        for (size_t size = 1; size < sizeof bytes - start; size = size * 3 / 2 + 1) {
            uint32_t crc = ~UINT32_C(0);
            for (size_t i = 0; i < 8 + size; i++) { /* the seed is 0 */
                crc ^= i < 8 ? 0U : bytes[start + i - 8];
                for (int bit = 0; bit < 8; bit++)
                    crc = crc & 1 ? crc >> 1 ^ UINT32_C(0xedb88320) : crc >> 1;
            }
            assert_int_equal(spool_checksum(bytes + start, size, 0), ~crc & UINT32_MAX);
        }
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
        cmocka_unit_test(long_ones_are_the_same),
        cmocka_unit_test(texts_do_not_run_together),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
