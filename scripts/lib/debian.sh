# shellcheck shell=bash
# A Debian of its own in a directory or an archive. Sourced after common.sh and packages.sh.

# debian_root SUITE TARGET [OPTION...]: what apt needs of Debian's SUITE and nothing more, without
# documents and languages as its slim image has them, in TARGET: a directory, or a .tar. As root;
# OPTIONs are mmdebstrap's.
debian_root() {
    local suite=$1 target=$2 kind without=()
    shift 2
    for kind in doc info locale man; do
        without+=("--dpkgopt=path-exclude=/usr/share/$kind/*")
    done
    rm -rf "$target"
    mmdebstrap --variant=minbase --hook-dir=/usr/share/mmdebstrap/hooks/maybe-merged-usr "${without[@]}" \
        "$@" "$suite" "$target" "$(debian_mirror)"
}

# debian_mirror: this machine's, where it has one.
debian_mirror() {
    local mirror
    mirror=$(sed -n 's/^URIs: *//p; s/^deb [^h]*\(http[^ ]*\).*/\1/p' /etc/apt/sources.list \
        /etc/apt/sources.list.d/*.sources 2>/dev/null | grep '/debian/*$' | head -n 1)
    echo "${mirror:-http://deb.debian.org/debian}"
}
