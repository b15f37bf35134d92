#!/bin/sh
# Lints contracts/openapi.json with Redocly CLI:  tests/openapi/lint.sh [FOLDER]
# Installs the pinned linter into FOLDER (build/openapi-lint when none is named) from the npm
# registry; linting itself asks nobody.
set -eu
cd "$(dirname "$0")/../.."
folder=${1:-build/openapi-lint}

mkdir -p "$folder"
cp tests/openapi/package.json tests/openapi/package-lock.json "$folder"
npm ci --prefix "$folder" --ignore-scripts --no-audit --no-fund --loglevel=error

export REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true
exec "$folder/node_modules/.bin/redocly" lint contracts/openapi.json --config tests/openapi/redocly.yaml
