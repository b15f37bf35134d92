#!/usr/bin/env bash
# Checks the list of what is inside the packages:  packaging/sbom/test.sh OUT
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
out=$(cd "${1:?usage: packaging/sbom/test.sh OUT}" && pwd)
bom=$out/nairi-mock-$("$root/packaging/version.sh").cdx.json
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

echo 'sbom: by the schema of CycloneDX 1.5'
npm install --silent --no-audit --no-fund --omit=optional --prefix "$work" \
  @cyclonedx/cyclonedx-library@6.13.1 ajv@8.17.1 ajv-formats@3.0.1 ajv-formats-draft2019@1.6.1
NODE_PATH=$work/node_modules node "$root/packaging/sbom/validate.cjs" "$bom"
python3 "$root/packaging/sbom/bom_test.py" "$out" "$bom"
