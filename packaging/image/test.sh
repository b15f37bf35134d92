#!/bin/sh
# Tests the container images without an engine:  packaging/image/test.sh OUT
set -eu
here=$(cd "$(dirname "$0")" && pwd)
out=$(cd "${1:?usage: packaging/image/test.sh OUT}" && pwd)
[ "$(id -u)" = 0 ] || { echo "image: these tests want root: they enter roots by chroot" >&2; exit 1; }
exec python3 "$here/image_test.py" "$out" "$("$here/../version.sh")"
