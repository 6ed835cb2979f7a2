#!/bin/sh
# SPDX-License-Identifier: ISC
# Put files into a bundle folder, each at once, so that a running host sees the old or the new one.
# Usage: bundle.sh BUNDLE MODELS STAMP FILE...
set -eu
bundle=$1 models=$2 stamp=$3
shift 3
[ ! -L "$bundle/models" ] || rm "$bundle/models" # as earlier versions made it
mkdir -p "$bundle/models"
for file in "$@"; do
    case $file in
    *.plan) folder=$bundle/models ;;
    *) folder=$bundle ;;
    esac
    cp -p "$file" "$folder/.new"
    mv -f "$folder/.new" "$folder/$(basename "$file")"
done
ln -sf "$models"/*.ts "$models"/*.md "$bundle/models"
: > "$stamp"
