#!/bin/bash
# SPDX-License-Identifier: ISC
# The window in Ardour itself: a model chosen, automation both ways, closed, killed, opened again. Usage: see session.sh
. "$(dirname "$0")/session.sh"
for tool in ardour ardour7-lua; do
    command -v $tool >/dev/null || { echo "$tool is missing" >&2; exit 77; }
done
# Ardour 7.3 overruns its buffers in its AVX-512 code: keep to SSE.
export ARDOUR_FPU_FLAGS=15
# The desktop may ask for twice the size: Ardour's windows do not grow with it, so neither does what is in them.
export GDK_SCALE=2
start_display 1300x900x24
session=$work/song
settings=$XDG_CONFIG_HOME/ardour7
timeout 120 ardour7-lua "$here/session.lua" "$session" song </dev/null >"$work/lua.log" 2>&1
grep -q '^session made' "$work/lua.log" || { cat "$work/lua.log"; fail "the session cannot be made"; }

# Show the plugin's window when the session is loaded; no questions at the first start; the engine without a device.
awk '
    /^ *<Route / { match($0, / id="[0-9]+"/); route = substr($0, RSTART + 5, RLENGTH - 6) }
    /<Processor .*type="lv2"/ { match($0, / id="[0-9]+"/); plugin = route "-" substr($0, RSTART + 5, RLENGTH - 6) }
    /<\/Session>/ { print "<Extra><UI><Window name=\"P-" plugin "\" visible=\"1\" x-off=\"80\" y-off=\"200\" x-size=\"-1\" y-size=\"-1\" custom-ui=\"1\"/></UI></Extra>" }
    { print }' "$session/song.ardour" >"$work/patched" && mv "$work/patched" "$session/song.ardour"
mkdir -p "$settings"
echo >"$settings/.a7"
cat >"$settings/config" <<'XML'
<?xml version="1.0" encoding="UTF-8"?>
<Ardour>
  <Config>
    <Option name="try-autostart-engine" value="1"/>
    <Option name="hide-dummy-backend" value="0"/>
    <Option name="show-plugin-scan-window" value="0"/>
  </Config>
  <Extra><AudioMIDISetup><EngineStates>
    <State backend="None (Dummy)" driver="Normal Speed" device="Silence" input-device="" output-device="" sample-rate="48000" buffer-size="1024" n-periods="0" input-latency="0" output-latency="0" lm-input="" lm-output="" active="1" use-buffered-io="0" midi-option="1 in, 1 out, Silence" lru="2000000000"><MIDIDevices/></State>
  </EngineStates></AudioMIDISetup></Extra>
</Ardour>
XML
log=$work/ardour.log
ardour -a -n "$session" >"$log" 2>&1 </dev/null &
host=$!
started="$started $host"
await 90 window_pid $host || fail "the window does not come up"
window=$(window_pid $host)
ui has "Mix" || fail "there is no slider named Mix"
editor=$(xdotool search --sync --onlyvisible --name '^song - Ardour' | head -n 1)
plugin_window() {
    xdotool search --onlyvisible --name '\[LV2\]$' | head -n 1
}
xdotool windowactivate --sync "$(plugin_window)"
picture ardour-empty

# Ardour's windows are dark: so is this one.
# shellcheck disable=SC2046
set -- $(ui where "Response of the equalizer")
place=4x4+$(($1 - $3 / 2 + 40))+$(($2 - $4 / 2 + 4))
is_dark() {
    [ "$(import -window root -crop "$place" -depth 8 gray:- | od -An -tu1 | awk 'NR == 1 { print $1 }')" -lt 100 ]
}
await 10 is_dark || fail "a bright window in a dark host"

# A model by mouse; a slider of the window's.
click "codec"
await 30 ui has "Latent 8 bias" || fail "the model is not loaded by a click"
ui set "Latent 1 bias" 1.25
await 5 is "Latent 1 bias" 1.25 || fail "a slider does not keep its value"

# Space, which the window does not use on an empty place, is the host's: it starts the transport, and automation
# moves the slider.
mix() {
    ui value "Mix"
}
# shellcheck disable=SC2046
set -- $(ui where "Response of the equalizer")
xdotool mousemove "$1" "$(($2 - $4 / 2 + 3))" click 1
before=$(mix)
xdotool key space
moves() {
    [ "$(mix)" != "$before" ]
}
await 10 moves || fail "automation does not move the slider (or the space bar does not start it)"
sleep 2
picture ardour
xdotool key space
sleep 1

# Closed and opened again from the mixer, nothing is lost.
xdotool windowactivate --sync "$(plugin_window)"
xdotool key alt+F4
gone() {
    ! kill -0 "$window" 2>/dev/null
}
await 10 gone || fail "the window's program outlives the window"
kill -0 $host || fail "Ardour ended with the window"
xdotool windowactivate --sync "$editor"
xdotool key --window "$editor" alt+m
sleep 1.5
picture ardour-mixer
reopen() {
    xdotool windowactivate --sync "$editor" mousemove 322 236
    xdotool click --repeat 2 --delay 120 1
    await 15 window_pid $host || fail "the window does not open again"
    window=$(window_pid $host)
    await 15 is "Latent 1 bias" 1.25 || fail "a value was lost when the window was closed"
    ui has "Latent 8 bias" || fail "the model was lost when the window was closed"
}
reopen

# Killed: Ardour goes on, no zombie is left, and a click in the empty window brings it back.
kill -9 "$window"
await 5 gone || fail "the window is left as a zombie"
sleep 1
kill -0 $host || fail "Ardour ended with the window's program"
# shellcheck disable=SC2046
eval $(xdotool getwindowgeometry --shell "$(plugin_window)")
xdotool windowactivate --sync "$(plugin_window)" mousemove $((X + 400)) $((Y + 300)) click 1
await 15 window_pid $host || fail "a click does not bring the window back"
window=$(window_pid $host)
await 15 is "Latent 1 bias" 1.25 || fail "a value was lost when the window was killed"
picture ardour-again
echo passed
