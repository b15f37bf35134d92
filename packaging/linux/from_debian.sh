#!/usr/bin/env bash
# Fetches into FOLDER what static programs need beside installed packages:  from_debian.sh FOLDER
#   FOLDER/httplib/  cpp-httplib as one header: its package has a shared library alone
#   FOLDER/arm64/    headers and static libraries for arm64
# All of it comes from Debian's packages, checked by apt. apt's own state is not touched: a second
# state lies below FOLDER, so that no foreign architecture is added to this machine.
set -euo pipefail
folder=${1:?usage: from_debian.sh FOLDER}
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
packages=(libssl-dev zlib1g-dev libre2-dev libasio-dev libcli11-dev libexpected-dev nlohmann-json3-dev)

[ ! -f "$folder/complete" ] || exit 0  # as an earlier run left it

apt=$folder/apt
rm -rf "$apt" "$folder/httplib" "$folder/arm64"
mkdir -p "$apt"/{lists/partial,archives/partial,got} "$folder/arm64"
: >"$apt/status"

# The places where this machine has its packages from, for sources too.
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' \
  'Identifier: Packages' 'Origin: Debian' | sort -u |
  while read -r place; do
    printf 'deb [signed-by=%s] %s\ndeb-src [signed-by=%s] %s\n' $keyring "$place" $keyring "$place"
  done >"$apt/sources.list"
[ -s "$apt/sources.list" ] || { echo "from_debian: apt knows no place of Debian; run apt-get update" >&2; exit 1; }

cat >"$apt/apt.conf" <<END
APT::Architecture "arm64";
APT::Architectures { "arm64"; };
APT::Sandbox::User "root";
Acquire::Languages "none";
Acquire::Retries "3";
Dir::State "$apt";
Dir::State::status "$apt/status";
Dir::Cache "$apt";
Dir::Etc::sourcelist "$apt/sources.list";
Dir::Etc::sourceparts "-";
END
export APT_CONFIG=$apt/apt.conf

cd "$apt/got"
apt-get -qq update
apt-get -qq download "${packages[@]}"
apt-get -qq source --download-only cpp-httplib >/dev/null
for package in *.deb; do dpkg-deb -x "$package" "$folder/arm64"; done
dpkg-source --no-check -x cpp-httplib_*.dsc "$folder/httplib" >/dev/null 2>&1
[ -f "$folder/httplib/httplib.h" ]
rm -rf "$apt" "$folder"/*.orig.tar.*
touch "$folder/complete"
