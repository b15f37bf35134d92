#!/usr/bin/env bash
# Fetches into FOLDER what static programs need beside installed packages:  from_debian.sh FOLDER
#   FOLDER/httplib/  cpp-httplib as one header: its package has a shared library alone
#   FOLDER/arm64/    headers and static libraries for arm64
set -euo pipefail
folder=$(realpath -m "${1:?usage: from_debian.sh FOLDER}")
packaging=$(cd "$(dirname "$0")/.." && pwd)
. "$packaging/private_apt.sh"

"$packaging/debian_source.sh" cpp-httplib "$folder/httplib"

[ ! -d "$folder/arm64" ] || exit 0  # as an earlier run left it
state=$(mktemp -d)
trap 'rm -rf "$state"' EXIT
private_apt "$state" arm64 deb
mkdir "$state/got"
cd "$state/got"
apt-get -qq download libssl-dev zlib1g-dev libre2-dev libasio-dev libcli11-dev libexpected-dev \
  nlohmann-json3-dev
for package in *.deb; do dpkg-deb -x "$package" "$state/arm64"; done
mv "$state/arm64" "$folder"
