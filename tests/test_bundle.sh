#!/bin/sh
# SPDX-License-Identifier: ISC
# The built bundle: valid Turtle, one exported symbol, nothing of libtorch or C++ in the host's process.
# Usage: test_bundle.sh BUNDLE
set -eu
bundle=$1
so=$bundle/timbrel.so
fail() {
    echo "$*" >&2
    exit 1
}

[ -x "$bundle/timbrel-torch" ] || fail "no timbrel-torch in $bundle"

command -v lv2_validate > /dev/null || fail "lv2_validate is missing: install lv2-dev and sordi"
if ! report=$(lv2_validate "$(dirname "$0")/mod.ttl" "$bundle"/*.ttl 2>&1); then
    fail "$report"
fi
case $report in
*error:* | *warning:*) fail "$report" ;;
*"Found 0 errors"*) ;;
*) fail "lv2_validate said nothing of errors: $report" ;;
esac

plugins=$(awk '/^<urn:timbrel:/ { gsub(/[<>]/, "", $1); uri = $1 } /^\ta lv2:Plugin/ { print uri }' "$bundle/manifest.ttl")
[ -n "$plugins" ] || fail "no plugin in the manifest"

# What a pedal shows: no more than its display has room for.
for uri in $plugins; do
    kind=${uri##*:}
    for word in brand label; do
        shown=$(sed -n "s/^\tmod:$word \"\(.*\)\" ;/\1/p" "$bundle/$kind.ttl")
        [ -n "$shown" ] && [ "${#shown}" -le 16 ] || fail "mod:$word of $kind: \"$shown\""
    done
done
grep -q '^	mod:fileTypes "[a-z,]*ts,' "$bundle/mono.ttl" "$bundle/vocabulary.ttl" || fail "no mod:fileTypes"

# Some hosts make a list of any port with scale points: none where values are continuous.
listed=$(awk '/lv2:index/ { n = 0; whole = 0 } /lv2:scalePoint/ { n++ } /lv2:symbol/ { s = $2 }
    /lv2:integer|lv2:enumeration/ { whole = 1 } /pg:group/ { if (n && !whole) print s }' \
    "$bundle"/*.ttl)
[ -z "$listed" ] || fail "scale points of a continuous port:" $listed

exported=$(nm -D --defined-only "$so" | awk '{ print $NF }')
[ "$exported" = lv2_descriptor ] || fail "exported by $so:" $exported

# An instrumented build brings the sanitizer's own libraries; those are no part of what is shipped.
libraries=$(ldd "$so")
for name in libtorch libc10 'libstdc++' libgomp libglib libgtk; do
    if echo "$libraries" | grep -F "$name"; then
        fail "$so must not need $name"
    fi
done

# The window's part in the host: the same, and no toolkit.
shim=$bundle/timbrel_ui.so
exported=$(nm -D --defined-only "$shim" | awk '{ print $NF }')
[ "$exported" = lv2ui_descriptor ] || fail "exported by $shim:" $exported
libraries=$(ldd "$shim")
for name in libtorch 'libstdc++' libglib libgtk libcairo libX11.so; do
    if echo "$libraries" | grep -F "$name"; then
        fail "$shim must not need $name"
    fi
done
[ -x "$bundle/timbrel-ui" ] || fail "no timbrel-ui in $bundle"

# It runs in a host that offers next to nothing.
for uri in $plugins; do
    LV2_PATH=$(dirname "$(realpath "$bundle")") lv2bench "$uri" | grep -qF "$uri" || fail "lv2bench cannot run $uri"
done
