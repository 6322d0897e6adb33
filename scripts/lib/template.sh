# shellcheck shell=bash
# Configuration templates: FILE.in with {NAME} for what is only known when it is used, NAME of
# capitals, digits and _. Sourced after common.sh.

# render_template FILE NAME=VALUE...: prints FILE with each {NAME} replaced; comment lines are left
# out. One that has no value is an error. A VALUE is one line.
render_template() {
    local file=$1 text pair left
    shift
    text=$(grep -v '^ *#' "$file") || die "$file is not there, or is empty"
    for pair; do
        # Quoted: a newer bash takes & in the replacement for what was found.
        text=${text//"{${pair%%=*}}"/"${pair#*=}"}
    done
    left=$(grep -oE '\{[A-Z][A-Z0-9_]*\}' <<<"$text" | sort -u) || true
    [ -z "$left" ] || die "$file: no value for ${left//$'\n'/ }"
    printf '%s\n' "$text"
}
