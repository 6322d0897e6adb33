#include "message/values/base64.h"

#include <openssl/evp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define LARGEST 100000

static uint8_t bytes[LARGEST];
static char text[LARGEST * 4 / 3 + 8], wanted[LARGEST * 4 / 3 + 8];

/* `length` bytes from `start` on: as OpenSSL has them, nothing behind, and back. */
static void check(size_t start, size_t length)
{
    size_t size = base64_encoded_length(length), decoded = 0;
    memset(text, '#', sizeof text);
    assert_ptr_equal(base64_encode(bytes + start, length, text), text + size);
    assert_int_equal(EVP_EncodeBlock((unsigned char *)wanted, bytes + start, (int)length),
                     (int)size);
    assert_memory_equal(text, wanted, size);
    assert_int_equal(text[size], '#');
    assert_true(base64_decode(text, size, wanted, &decoded));
    assert_int_equal(decoded, length);
    assert_memory_equal(wanted, bytes + start, length);
}

static void equals_openssl(void **state)
{
    (void)state;
    for (size_t i = 0; i < LARGEST; i++)
        bytes[i] = (uint8_t)rand();
    for (size_t start = 0; start < 8; start++)
        for (size_t length = 0; length < 100; length++)
            check(start, length);
    for (size_t length = LARGEST - 12; length <= LARGEST; length++)
        check(0, length);
    for (size_t start = 0; start < 12; start++)
        check(start, LARGEST - start); /* AddressSanitizer sees what is read behind them */
}

/* Each two characters there are, at each place of a group of eight. */
static void every_pair(void **state)
{
    (void)state;
    size_t length = 0;
    for (unsigned i = 0; i < 1U << 12; i++)
        for (unsigned next = 0; next < 2; next++) {
            uint32_t bits = next ? i << 12 | (i ^ 0xfff) : i << 12 | i;
            bytes[length++] = (uint8_t)(bits >> 16);
            bytes[length++] = (uint8_t)(bits >> 8);
            bytes[length++] = (uint8_t)bits;
        }
    check(0, length);
    check(3, length - 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equals_openssl),
        cmocka_unit_test(every_pair),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
