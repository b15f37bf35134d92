#!/usr/bin/env bash
# Fetches the source of one of Debian's packages:  packaging/debian_source.sh PACKAGE FOLDER
# For what Debian's own libraries can't be linked into. FOLDER is made; it is left alone if it is
# there already. apt checks what comes, and its own state is not touched.
set -euo pipefail
package=${1:?usage: debian_source.sh PACKAGE FOLDER}
folder=$(realpath -m "${2:?usage: debian_source.sh PACKAGE FOLDER}")
[ ! -d "$folder" ] || exit 0

state=$(mktemp -d)
trap 'rm -rf "$state"' EXIT
chmod 755 "$state"
mkdir -p "$state"/{lists/partial,archives/partial,got}
: >"$state/status"

# The places where this machine has its packages from, for sources.
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' \
  'Identifier: Packages' 'Origin: Debian' | sort -u |
  while read -r place; do printf 'deb-src [signed-by=%s] %s\n' $keyring "$place"; done \
    >"$state/sources.list"
[ -s "$state/sources.list" ] || { echo "debian_source: apt knows no place of Debian; run apt-get update" >&2; exit 1; }

cat >"$state/apt.conf" <<END
APT::Sandbox::User "root";
Acquire::Languages "none";
Acquire::Retries "3";
Dir::State "$state";
Dir::State::status "$state/status";
Dir::Cache "$state";
Dir::Etc::sourcelist "$state/sources.list";
Dir::Etc::sourceparts "-";
END
export APT_CONFIG=$state/apt.conf
cd "$state/got"
apt-get -qq update
apt-get -qq source --download-only "$package" >/dev/null
dpkg-source --no-check -x ./*.dsc unpacked >/dev/null 2>&1
mkdir -p "$(dirname "$folder")"
mv unpacked "$folder"
