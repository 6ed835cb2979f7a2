# SPDX-License-Identifier: ISC
# Sourced by tests that are made of cases: functions case_NAME, each of which runs in a folder of its own that begins
# with what make_inputs put there, so that each can run alone. After each comes check_left.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
unset XDG_DATA_HOME XDG_DATA_DIRS
mkdir "$work/home"
export HOME="$work/home"

fail() {
    echo "$(basename "$0")${current:+, case $current}: $*" >&2
    exit 1
}

# run_cases [NAME...]: without a name all of them, in their order.
run_cases() {
    all=$(sed -n 's/^case_\([a-z_]*\)() {$/\1/p' "$0")
    # Unquoted: words.
    [ $# -gt 0 ] || set -- $all
    for current in "$@"; do
        echo "$all" | grep -qx "$current" || fail "there is no such case, but these:" $all
    done
    current=
    mkdir "$work/inputs"
    cd "$work/inputs"
    make_inputs
    for current in "$@"; do
        cp -R "$work/inputs" "$work/$current"
        cd "$work/$current"
        "case_$current"
        check_left
        cd "$work"
        rm -rf "${work:?}/$current"
    done
}
