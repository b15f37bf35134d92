#!/bin/sh
# Tests what packaging/linux/build.sh made, as a stranger would use it:  packaging/linux/test.sh OUT
set -eu
here=$(cd "$(dirname "$0")" && pwd)
out=$(cd "${1:?usage: packaging/linux/test.sh OUT}" && pwd)
[ "$(id -u)" = 0 ] || { echo "linux: these tests want root: they enter roots by chroot" >&2; exit 1; }
exec python3 "$here/packages_test.py" "$out" "$("$here/../version.sh")"
