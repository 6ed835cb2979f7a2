#!/bin/bash
# SPDX-License-Identifier: ISC
# The window inside jalv's: embedded, resized, used, killed, opened again. Usage: see session.sh
. "$(dirname "$0")/session.sh"
for tool in jackd jalv.gtk3; do
    command -v $tool >/dev/null || { echo "$tool is missing" >&2; exit 77; }
done
start_display
start_jack
log=$work/jalv.log
jalv.gtk3 -d urn:timbrel:stereo >"$log" 2>&1 </dev/null &
host=$!
started="$started $host"
await 20 window_pid $host || fail "the window does not come up"
window=$(window_pid $host)
ui has "Mix" || fail "there is no slider named Mix"
top=$(xdotool search --sync --onlyvisible --name '^Timbrel Stereo$' | head -n 1)
xdotool windowactivate --sync "$top"

# It fills what the host gives it, and follows.
size() {
    xwininfo -name timbrel-ui | awk '/Width/ { w = $NF } /Height/ { print w "x" $NF }'
}
wide() {
    [ "$(size | cut -d x -f 1)" = "$1" ]
}
await 5 wide 940 || fail "the window is $(size)"
xdotool windowsize "$top" 760 560
await 5 wide 760 || fail "after a resize the window is $(size)"

# By mouse and by keyboard.
click "codec"
await 20 ui has "Latent 8 scale" || fail "the model is not loaded by a click"
# The list has closed over the model that was chosen, and the focus with it: the keys still work.
xdotool key ctrl+f
xdotool type --delay 40 cod
typed() {
    [ "$(ui text "Find a model")" = cod ]
}
await 5 typed || fail "Ctrl+F does not go to the filter"
xdotool key Escape ctrl+l
sleep 0.5
# shellcheck disable=SC2046
set -- $(ui where "Latent 2 bias")
xdotool mousemove "$1" "$2" click 1
xdotool key Up Up
await 5 is "Latent 2 bias" 0.1 || fail "the keyboard does not reach the embedded window"
sleep 0.6 # that was no double click
xdotool keydown ctrl mousemove "$1" "$2" mousedown 1 mousemove "$1" $(($2 - 15)) mouseup 1 keyup ctrl
[ "$(ui value "Latent 2 scale" | cut -c 1)" = 1 ] && ! is "Latent 2 scale" 1 || fail "Ctrl and drag does not scale"
xdotool key Tab
sleep 0.3
picture jalv

# Killed, it says so in its place, and a click brings it back, with all that it knew.
kill -9 "$window"
sleep 1
kill -0 $host || fail "jalv ended with the window"
picture jalv-killed
xdotool mousemove "$1" "$2" click 1
await 10 window_pid $host || fail "a click does not bring the window back"
[ "$(window_pid $host)" != "$window" ] || fail "the window was not killed"
await 10 is "Latent 2 bias" 0.1 || fail "the new window does not know a value"
ui has "Latent 8 scale" || fail "the new window does not know the model"
window=$(window_pid $host)

kill $host
gone() {
    ! kill -0 "$window" 2>/dev/null
}
await 10 gone || fail "the window outlives its host"
echo passed
