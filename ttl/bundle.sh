#!/bin/sh
# SPDX-License-Identifier: ISC
# Put files into a bundle folder, each at once, so that a running host sees the old or the new one.
# Usage: bundle.sh BUNDLE MODELS STAMP FILE...
set -eu
bundle=$1 models=$2 stamp=$3
shift 3
mkdir -p "$bundle"
for file in "$@"; do
    cp -p "$file" "$bundle/.new"
    mv -f "$bundle/.new" "$bundle/$(basename "$file")"
done
[ ! -L "$bundle/models" ] || rm "$bundle/models" # as earlier versions made it
mkdir -p "$bundle/models"
ln -sf "$models"/*.ts "$models"/*.md "$bundle/models"
: > "$stamp"
