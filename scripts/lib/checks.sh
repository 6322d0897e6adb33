# shellcheck shell=bash
# What the checks share. Sourced after common.sh.

# skip REASON: the check cannot run on this machine; ctest counts it as skipped.
skip() {
    say "$*"
    exit 77
}

# sources PATTERN...: the source files of ours whose names match, one a line.
sources() {
    local names=() pattern
    for pattern; do
        names+=(-o -name "$pattern")
    done
    find "$ROOT" \( -path "$ROOT/build*" -o -path "$ROOT/devel" -o -path "$ROOT/install" \
        -o -path "$ROOT/.git" \) -prune -o -type f \( "${names[@]:1}" \) -print | sort
}

# narrow_cjson: prints a header that takes away from the machine's cJSON what came after 1.7.10: adding
# an item told nothing (1.7.13).
narrow_cjson() {
    cat <<'HEADER'
#include_next <cjson/cJSON.h>
#define cJSON_AddItemToArray(...) ((void)cJSON_AddItemToArray(__VA_ARGS__))
#define cJSON_AddItemToObject(...) ((void)cJSON_AddItemToObject(__VA_ARGS__))
#define cJSON_AddItemToObjectCS(...) ((void)cJSON_AddItemToObjectCS(__VA_ARGS__))
#define cJSON_AddItemReferenceToArray(...) ((void)cJSON_AddItemReferenceToArray(__VA_ARGS__))
#define cJSON_AddItemReferenceToObject(...) ((void)cJSON_AddItemReferenceToObject(__VA_ARGS__))
HEADER
}
