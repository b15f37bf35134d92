#!/bin/sh
# Puts what the page's tests are driven with into FOLDER, as the lockfile pins it:
#   tests/inspector/install.sh FOLDER
# From the npm registry, once: a folder that has these very packages is left as it is.
set -eu
cd "$(dirname "$0")"
folder=${1:?usage: tests/inspector/install.sh FOLDER}

cmp -s package-lock.json "$folder/installed.json" && exit 0
mkdir -p "$folder"
cp package.json package-lock.json "$folder"
npm ci --prefix "$folder" --ignore-scripts --no-audit --no-fund --loglevel=error
cp package-lock.json "$folder/installed.json"
