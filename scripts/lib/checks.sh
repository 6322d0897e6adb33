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
