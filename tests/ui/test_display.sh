#!/bin/bash
# SPDX-License-Identifier: ISC
# The display goes away: the host plays on. Usage: see session.sh; UIHOST is the host.
. "$(dirname "$0")/session.sh"
start_display
log=$work/host.log
mkfifo "$work/commands"
exec 4<>"$work/commands"
"$UIHOST" "$bundles/timbrel.lv2" urn:timbrel:mono embedded <"$work/commands" >"$log" 2>&1 &
host=$!
started="$started $host"
echo open >&4
await 20 window_pid $host || fail "the window does not come up"
window=$(window_pid $host)
ui has "Mix" || fail "there is no slider named Mix"
picture embedded
echo "set mix 12" >&4
await 10 is "Mix" 12 || fail "the window does not follow the host"

kill -9 "$display"
gone() {
    ! kill -0 "$window" 2>/dev/null
}
await 10 gone || fail "the window's program outlives its display, or is left as a zombie"
await 5 grep -q '^closed' "$log" || fail "the host is not told that the window is closed"
echo "set mix 34" >&4
echo "get mix" >&4
await 5 grep -q '^mix = 34' "$log" || fail "the host does not go on"
exec 4>&-
echo passed
