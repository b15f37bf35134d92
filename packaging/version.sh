#!/bin/sh
# Prints the version of nairi-mock, which CMakeLists.txt alone knows:  packaging/version.sh
set -eu
list=$(dirname "$0")/../CMakeLists.txt
version=$(sed -n 's/^project(nairi_mock VERSION \([0-9.]*\).*/\1/p' "$list")
[ -n "$version" ] || { echo "version: no project(nairi_mock VERSION …) in $list" >&2; exit 1; }
echo "$version"
