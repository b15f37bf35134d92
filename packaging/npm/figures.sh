#!/usr/bin/env bash
# Prints the figures of docs/in-javascript-tests.md:  packaging/npm/figures.sh OUT
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
out=$(cd "${1:?usage: packaging/npm/figures.sh OUT}" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$root/packaging/npm/figures.mjs" "$work"
cd "$work"
npm install --silent --no-audit --no-fund "$out/nairi-mock-$("$root/packaging/version.sh").tgz"
node figures.mjs
