#!/usr/bin/env bash
# Packs the Go module nairimock:  packaging/go/build.sh OUT
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
out=${1:?usage: packaging/go/build.sh OUT}
version=$("$here/../version.sh")
[ -n "${SOURCE_DATE_EPOCH:-}" ] || SOURCE_DATE_EPOCH=$(git -C "$here" log -1 --format=%ct)

module=$(mktemp -d)
trap 'rm -rf "$module"' EXIT
mkdir -p "$module/nairimock" "$out"
cp "$here/go.mod" "$here/nairimock.go" "$here/../../LICENSE" "$module/nairimock"
chmod -R u=rwX,go=rX "$module/nairimock"

package=$out/nairi-mock-go-$version.tar.gz
tar -C "$module" --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$SOURCE_DATE_EPOCH" \
  --format=gnu -c nairimock | gzip -9n >"$package"
echo "go: $package, $(stat -c %s "$package") bytes"
