# SPDX-License-Identifier: ISC
# Sourced by the tests of the window: a private X server with a window manager, D-Bus, JACK server and home.
# Usage of each: TEST BUNDLE_FOLDER FIXTURES [PICTURES]; PICTURES is a folder for screenshots.
set -u
bundles=$1 fixtures=$2 pictures=${3-}
here=$(cd "$(dirname "$0")" && pwd)

# Started again inside a D-Bus session of its own, for assistive technology.
if [ -z "${TIMBREL_TEST_SESSION-}" ]; then
    export TIMBREL_TEST_SESSION=1
    exec dbus-run-session -- "$0" "$@"
fi

work=$(mktemp -d)
export HOME=$work XDG_CONFIG_HOME=$work/config XDG_CACHE_HOME=$work/cache XDG_STATE_HOME=$work/state \
    XDG_DATA_HOME=$work/data XDG_RUNTIME_DIR=$work/run
export LV2_PATH=$bundles TIMBREL_MODEL_PATH=$work/models LC_ALL=C.UTF-8
export JACK_DEFAULT_SERVER=timbrel$$ JACK_NO_AUDIO_RESERVATION=1 JACK_NO_START_SERVER=1
unset WAYLAND_DISPLAY NO_AT_BRIDGE DISPLAY
mkdir -p "$work/models" "$XDG_CONFIG_HOME" "$XDG_CACHE_HOME"
mkdir -p -m 700 "$XDG_RUNTIME_DIR"
cp "$fixtures/codec.ts" "$work/models/codec.ts"
cp "$fixtures/attributes.ts" "$work/models/attributes.ts"
cp "$fixtures/truncated_4.ts" "$work/models/damaged.ts"
started=''

cleanup() {
    for pid in $started; do
        kill "$pid" 2>/dev/null
    done
    sleep 0.3
    for pid in $started; do
        kill -9 "$pid" 2>/dev/null
    done
    wait 2>/dev/null
    rm -rf "$work"
}
trap cleanup EXIT

fail() {
    echo "failed: $*" >&2
    [ -z "${log-}" ] || cut -c 1-200 "$log" | grep -v "base64\|^[A-Za-z0-9+/=]\{60,\}" | tail -n 30 >&2
    [ -z "$pictures" ] || import -window root "$pictures/failed.png"
    exit 1
}

for tool in Xvfb openbox xdotool import dbus-run-session; do
    command -v $tool >/dev/null || { echo "$tool is missing" >&2; exit 77; }
done

# Wait up to SECONDS for a command to succeed: await SECONDS COMMAND...
await() {
    tries=$(($1 * 10))
    shift
    while [ $tries -gt 0 ]; do
        "$@" >/dev/null 2>&1 && return 0
        sleep 0.1
        tries=$((tries - 1))
    done
    return 1
}

start_display() {
    mkfifo "$work/display"
    Xvfb -displayfd 3 -screen 0 "${1-1100x760}x24" -nolisten tcp 3>"$work/display" 2>/dev/null &
    display=$!
    started="$started $display"
    read -r number <"$work/display"
    export DISPLAY=:$number
    # Now and then it ends at once on a fresh server.
    for _ in 1 2 3 4 5; do
        openbox >/dev/null 2>&1 &
        started="$started $!"
        await 2 sh -c 'xprop -root _NET_SUPPORTING_WM_CHECK | grep -q "window id"' && break
    done
}

start_jack() {
    jackd --no-realtime -n "$JACK_DEFAULT_SERVER" -d dummy -r 48000 -p 1024 >/dev/null 2>&1 &
    started="$started $!"
    await 10 jack_lsp || fail "jackd does not start"
}

picture() {
    [ -z "$pictures" ] || import -window root "$pictures/$1.png"
}

ui() {
    /usr/bin/python3 "$here/atspi.py" "$@" 2>>"$work/atspi.log"
}

window_pid() {
    pgrep -P "$1" -x timbrel-ui
}

# A slider's value is as given: is NAME VALUE
is() {
    [ "$(ui value "$1")" = "$2" ]
}

click() {
    # Unquoted: two numbers.
    # shellcheck disable=SC2046
    set -- $(ui where "$1")
    xdotool mousemove "$1" "$2" click 1
}
