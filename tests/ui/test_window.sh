#!/bin/bash
# SPDX-License-Identifier: ISC
# The window beside a host of our own: what the host changes is seen there, and the other way round; and whatever
# becomes of the window, the host goes on. Usage: see session.sh; UIHOST is the host, SOAK seconds of open window.
. "$(dirname "$0")/session.sh"
start_display
log=$work/host.log
mkfifo "$work/commands"
exec 4<>"$work/commands"
"$UIHOST" "$bundles/timbrel.lv2" urn:timbrel:mono <"$work/commands" >"$log" 2>&1 &
host=$!
started="$started $host"

tell() {
    echo "$*" >&4
}

# Whether the host's port has the value: port SYMBOL VALUE
port() {
    tell get "$1"
    sleep 0.2
    [ "$(grep "^$1 = " "$log" | tail -n 1)" = "$1 = $2" ]
}

told() {
    tell told
    sleep 0.2
    grep '^told ' "$log" | tail -n 1 | cut -d ' ' -f 2
}

# How far the output is from the input, in whole hundredths.
sound() {
    tell sound
    sleep 0.3
    tell sound
    sleep 0.3
    grep '^sound ' "$log" | tail -n 1 | awk '{ print int(100 * $2) }'
}

open_window() {
    tell open
    await 20 window_pid $host || fail "the window does not come up"
    window=$(window_pid $host)
    ui has "Mix" || fail "there is no slider named Mix"
}

# Nothing is measured for a window that is not there.
sleep 1
[ "$(told)" = 0 ] || fail "messages for a window that is not open"
open_window

# Automation both ways, each change of a hand's within one gesture.
[ "$(sound)" = 0 ] || fail "without a model the sound is not the dry one"
tell set mix 37
await 10 is "Mix" 37 || fail "the window does not follow the host"
ui set "Mix" 60
await 5 port mix 60 || fail "the host does not follow the window"
grep -q '^touch mix 1' "$log" && grep -q '^touch mix 0' "$log" || fail "no gesture was told"
xdotool search --sync --onlyvisible --name '^Timbrel$' windowactivate --sync
# Unquoted: two numbers and two sizes.
# shellcheck disable=SC2046
set -- $(ui where "Input gain")
xdotool mousemove "$1" "$2" mousedown 1 mousemove "$1" $(($2 - 10)) mousemove "$1" $(($2 - 20)) mouseup 1
await 5 grep -q '^touch input_gain 0' "$log" || fail "a drag is no gesture"
[ "$(grep -c '^touch input_gain 1' "$log")" = 1 ] || fail "a drag is more than one gesture"
port input_gain 0 && fail "a drag does not move its port"
xdotool mousemove "$1" "$2"
sleep 0.6 # that was no double click
xdotool click 1
xdotool click 1
await 5 port input_gain 0 || fail "a double click does not reset"
xdotool mousemove "$1" "$2" click 4
await 5 port input_gain 0.5 || fail "the wheel does not step"
xdotool key Down
await 5 port input_gain 0 || fail "a key does not step"
xdotool key 3
sleep 0.5
xdotool key Return
await 5 port input_gain 3 || fail "a typed number is not taken"

# The level is learnt from the noise that the host plays; pressed twice, it is taken back.
learns() {
    ui tree | grep -q "button 'Learn level$1"
}
learns "'" || fail "there is no button to learn the level"
ui press "Learn level"
await 5 learns ": Play on'" || fail "the window does not say that it listens"
grep -q '^touch learn_level 1' "$log" || fail "the switch is not pressed in the host"
await 20 learns ": [+-]" || fail "the window does not tell the learnt gain"
await 5 port learn_level 0 || fail "the switch stays down"
name=$(ui tree | sed -n "s/.*'\(Learn level: [^']*\)'.*/\1/p")
ui press "$name"
await 5 learns ": Play on'" || fail "it does not learn anew"
sleep 0.5
ui press "Learn level: Play on"
await 5 learns ": Learn'" || fail "the learnt gain is not taken back"

# Off, it says so.
tell set enabled 0
await 5 ui has "bypassed: the sound passes dry" || fail "the window does not say that the effect is bypassed"
tell set enabled 1
await 5 ui has "the sound passes dry" || fail "the window does not say that the effect is on again"

# The filter.
xdotool key ctrl+f
xdotool type --delay 40 nothing
filter_is() {
    [ "$(ui text "Find a model")" = "$1" ]
}
await 5 filter_is nothing || fail "the filter cannot be typed into"
xdotool key Escape
await 5 filter_is "" || fail "Escape does not empty the filter"

# A model by keyboard: filter, Enter. A damaged one says why, and the one before plays on.
xdotool key ctrl+f
xdotool type --delay 40 codec
sleep 0.5
xdotool key Return
await 20 ui has "Latent 8 bias" || fail "the model is not loaded by keyboard"
[ "$(sound)" -gt 5 ] || fail "the model does not change the sound"
ui set "Latent 1 bias" 1.5
await 5 port bias_1 1.5 || fail "a latent's strip does not move its port"
xdotool key ctrl+f ctrl+a
xdotool type --delay 40 damaged
sleep 0.5
xdotool key Return
says_why() {
    ui tree | grep -q "label '.*damaged\.ts.* is .*'"
}
await 20 says_why || fail "the window does not say that the model is damaged"
ui tree | grep -q "label 'codec'" || fail "the model before is not shown any more"
picture damaged
# By mouse, one with attributes.
xdotool key ctrl+f ctrl+a BackSpace
sleep 0.5
click attributes
await 20 ui has "Attributes" || fail "the model is not loaded by a click"
[ "$(told)" -gt 100 ] || fail "the effect tells the window little"
picture attributes

# One of its methods, and what plays by default again.
values() {
    ui tree | grep -q "label 'The method encode gives values"
}
sound_again() {
    ! values
}
# Until it plays, neither is in sight.
seen() {
    [ "$(ui where "$1" | cut -d ' ' -f 1)" -gt 0 ]
}
await 20 seen Attributes || fail "the model's attributes are not to be seen"
await 5 seen Method || fail "the model's methods are not to be seen"
click Method
sleep 0.5
xdotool key Down Return
await 20 values || fail "a method cannot be chosen"
# Its values are only shown.
! ui tree | grep -q "'Latent 1 bias'" || fail "what a method measures can be bent"
! seen "Reset all latents" || fail "there is something to reset where nothing is bent"
picture method
click Method
sleep 0.5
xdotool key Up Return
await 20 sound_again || fail "the default method cannot be chosen again"
await 20 ui has "Latent 1 bias" || fail "the latents of the default method cannot be bent"
await 5 seen "Reset all latents" || fail "the latents cannot be reset"

# A window that does not read holds up nothing, and takes no memory.
memory() {
    awk '/VmRSS/ { print $2 }' "/proc/$1/status"
}
kill -STOP "$window"
sleep 2
before=$(memory $host)
for i in $(seq 300); do
    tell set mix $((i % 100))
    sleep 0.01
done
after=$(memory $host)
[ $((after - before)) -lt 2048 ] || fail "the host grew by $((after - before)) kB"
tell set mix 77
sleep 0.3
kill -CONT "$window"
await 10 is "Mix" 77 || fail "a window that reads again does not catch up"

# A window that stays open does not grow, nor does its host.
sleep 5
before=$(memory "$window")
host_before=$(memory $host)
sleep "${SOAK-20}"
grown=$(($(memory "$window") - before))
host_grown=$(($(memory $host) - host_before))
echo "after ${SOAK-20} s: the window grew by $grown kB to $(memory "$window"), the host by $host_grown kB to $(memory $host)"
[ $grown -lt 2048 ] && [ $host_grown -lt 1024 ] || fail "memory grows"

# Killed, it leaves no zombie, and the host goes on; the effect soon forgets it.
gone() {
    ! kill -0 "$window" 2>/dev/null
}
kill -9 "$window"
await 5 gone || fail "the window is left as a zombie"
kill -0 $host || fail "the host ended with the window"
await 5 grep -q '^closed' "$log" || fail "the host is not told that the window is closed"
sleep 4
[ "$(told)" -gt 0 ] && sleep 0.5
[ "$(told)" = 0 ] || fail "the effect goes on telling a window that is gone"

# Opened again, it knows everything that there is to know.
open_window
await 5 is "Mix" 77 || fail "the window has lost a control's value"
await 5 is "Latent 1 bias" 1.5 || fail "the window has lost a latent's bias"
await 5 ui has "Attributes" || fail "the window has lost the model's attributes"

# Closed by the host, and the host killed: it ends with it.
tell close
await 5 gone || fail "the window stays when the host has closed it"
open_window
kill -9 $host
await 5 gone || fail "the window outlives its host"
echo passed
