# shellcheck shell=bash
# Builds with sanitizers, shared by the checks that run them. Sourced after common.sh and cmake.sh.

# use_sanitizer NAME: address (with UBSan) or thread. Sets SANITIZED, its build directory, configured,
# UNITS, the unit tests that it can find something in, and the options that its programs read.
use_sanitizer() {
    local kinds
    UNITS='^unit\.'
    case $1 in
        address) SANITIZED=$ROOT/build/variants/asan kinds=address,undefined ;;
        thread)
            SANITIZED=$ROOT/build/variants/tsan kinds=thread
            # The others have one thread.
            # shellcheck disable=SC2034 # read by the scripts that source this file
            UNITS='^unit\.((bridge|kafka|metrics)_|spool_threads$)'
            ;;
        *) die "there is no sanitizer named $1 here: address or thread" ;;
    esac
    export ASAN_OPTIONS=detect_leaks=1:strict_string_checks=1:detect_stack_use_after_return=1
    export UBSAN_OPTIONS=print_stacktrace=1
    # Without the history a report would lack its second stack.
    export TSAN_OPTIONS="suppressions='$ROOT/test/tsan.supp':second_deadlock_stack=1:history_size=4"
    export LSAN_OPTIONS="suppressions='$ROOT/test/lsan.supp':print_suppressions=0"
    # What a report needs of debug information, and half the time of a compiler that optimizes more.
    is_configured "$SANITIZED" || configure "$SANITIZED" "${TOGETHER[@]}" \
        -DCMAKE_C_FLAGS_RELWITHDEBINFO='-O1 -g1 -DNDEBUG' \
        -DCMAKE_CXX_FLAGS_RELWITHDEBINFO='-O1 -g1 -DNDEBUG' -DKAFKA_BRIDGE_SANITIZE="$kinds"
}
