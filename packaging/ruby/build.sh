#!/usr/bin/env bash
# Packs the gem nairi_mock:  packaging/ruby/build.sh OUT
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
out=${1:?usage: packaging/ruby/build.sh OUT}
VERSION=$("$here/../version.sh")
[ -n "${SOURCE_DATE_EPOCH:-}" ] || SOURCE_DATE_EPOCH=$(git -C "$here" log -1 --format=%ct)
export VERSION SOURCE_DATE_EPOCH

files=$(mktemp -d)
trap 'rm -rf "$files"' EXIT
cp "$here/nairi_mock.rb" "$here/nairi_mock.gemspec" "$here/../../LICENSE" "$files"
chmod u=rw,go=r "$files"/*
mkdir -p "$out"
package=$(cd "$out" && pwd)/nairi_mock-$VERSION.gem
# The warning is that there is no homepage, which is true.
(cd "$files" && gem build --silent --output "$package" nairi_mock.gemspec 2>"$files/warnings") || {
  cat "$files/warnings" >&2
  exit 1
}
chmod u=rw,go=r "$package"
echo "ruby: $package, $(stat -c %s "$package") bytes"
