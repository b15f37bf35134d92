#!/bin/sh
# Draws the pictures of README and docs/inspector.md anew, with the programs in BIN:
#   tests/inspector/pictures.sh build/bin
set -eu
here=$(cd "$(dirname "$0")" && pwd)
NAIRI_BIN=$(cd "${1:?usage: tests/inspector/pictures.sh BIN}" && pwd)
NAIRI_INSPECTOR_PACKAGES=$here/../../build/inspector-packages
NAIRI_CHROMIUM=$(command -v chromium) || { echo "pictures: chromium is missing (Debian: apt install chromium)" >&2; exit 1; }
export NAIRI_BIN NAIRI_INSPECTOR_PACKAGES NAIRI_CHROMIUM

"$here/install.sh" "$NAIRI_INSPECTOR_PACKAGES"
exec node "$here/pictures.mjs"
