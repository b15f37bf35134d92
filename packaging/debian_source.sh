#!/usr/bin/env bash
# Fetches the source of one of Debian's packages:  packaging/debian_source.sh PACKAGE FOLDER
# For what Debian's own libraries can't be linked into. FOLDER is made; it is left alone if it is
# there already. apt checks what comes, and its own state is not touched.
set -euo pipefail
package=${1:?usage: debian_source.sh PACKAGE FOLDER}
folder=$(realpath -m "${2:?usage: debian_source.sh PACKAGE FOLDER}")
[ ! -d "$folder" ] || exit 0
. "$(dirname "$0")/private_apt.sh"

state=$(mktemp -d)
trap 'rm -rf "$state"' EXIT
private_apt "$state" "$(dpkg --print-architecture)" deb-src
mkdir "$state/got"
cd "$state/got"
apt-get -qq source --download-only "$package" >/dev/null
dpkg-source --no-check -x ./*.dsc unpacked >/dev/null 2>&1
mkdir -p "$(dirname "$folder")"
mv unpacked "$folder"
