#!/usr/bin/env bash
# Lists what is inside the other files of OUT, as CycloneDX:  packaging/sbom/build.sh OUT
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
out=$(cd "${1:?usage: packaging/sbom/build.sh OUT}" && pwd)
version=$("$here/../version.sh")
commit=$(git -C "$here" rev-parse HEAD)
# A UUID of the kind that is made from a name: one commit has one.
serial=$(printf '%s-%s-5%s-8%s-%s' "${commit:0:8}" "${commit:8:4}" "${commit:12:3}" "${commit:15:3}" "${commit:18:12}")
time=$(date -u -d "@${SOURCE_DATE_EPOCH:-$(git -C "$here" log -1 --format=%ct)}" +%FT%TZ)
"$here/bom.py" "$out" "$version" "$serial" "$time"
stat -c 'sbom: %n: %s bytes' "$out/nairi-mock-$version.cdx.json"
