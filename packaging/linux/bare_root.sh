#!/bin/sh
# A bare Debian that has nothing of ours, made once by debootstrap:  bare_root.sh FOLDER
set -eu
folder=${1:?usage: bare_root.sh FOLDER}
[ ! -d "$folder" ] || exit 0
mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Identifier: Packages' 'Origin: Debian' \
                 'Release: bookworm' | head -n 1)
[ -n "$mirror" ] || { echo "bare_root: apt knows no place of Debian; run apt-get update" >&2; exit 1; }
rm -rf "$folder.new"
mkdir -p "$(dirname "$folder")"
debootstrap --variant=minbase bookworm "$folder.new" "$mirror" >"$folder.log" 2>&1 || {
  tail -n 20 "$folder.log" >&2
  exit 1
}
mv "$folder.new" "$folder"
