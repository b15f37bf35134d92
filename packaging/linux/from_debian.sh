#!/usr/bin/env bash
# Fetches into FOLDER what static programs need beside installed packages:  from_debian.sh FOLDER
#   FOLDER/httplib/  cpp-httplib as one header: its package has a shared library alone
#   FOLDER/re2/      RE2 that shared libraries can be linked with as well, and its re2.pc
#   FOLDER/arm64/    headers and static libraries for arm64
set -euo pipefail
folder=$(realpath -m "${1:?usage: from_debian.sh FOLDER}")
packaging=$(cd "$(dirname "$0")/.." && pwd)
. "$packaging/private_apt.sh"

"$packaging/debian_source.sh" cpp-httplib "$folder/httplib"

# Debian's libre2.a is compiled for programs. Its source can be compiled for libraries, all but the
# tables, which Debian's build generates: these are data, and come from libre2.a.
re2=$folder/re2
if [ ! -f "$re2/re2.pc" ]; then
  "$packaging/debian_source.sh" re2 "$folder/re2-source"
  mkdir -p "$re2/objects"
  (cd "$re2/objects" &&
    printf '%s\0' "$folder"/re2-source/re2/*.cc "$folder"/re2-source/util/{rune,strutil}.cc |
    xargs -0 -n 1 -P "$(nproc)" $(command -v ccache) c++ -std=c++17 -O2 -DNDEBUG -fPIC \
      -D_FORTIFY_SOURCE=2 -fstack-protector-strong -ffunction-sections -pthread \
      "-ffile-prefix-map=$folder=." "-I$folder/re2-source" -c &&
    ar x "/usr/lib/$(uname -m)-linux-gnu/libre2.a" perl_groups.o unicode_casefold.o unicode_groups.o)
  ar rcsD "$re2/libre2.a" "$re2"/objects/*.o
  cat >"$re2/re2.pc" <<END
Name: re2
Description: RE2 for shared libraries
Version: 9.0.0
Libs: -L$re2 -lre2 -pthread
Cflags: -I$folder/re2-source -pthread
END
fi

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
