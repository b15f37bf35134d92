#!/usr/bin/env bash
# Makes container images without an engine, from the static programs:  packaging/image/build.sh OUT
#   OUT/nairi-mock-<version>-image-<amd64|arm64>.tar   for docker load, podman load and skopeo
#   OUT/image/                                         a Dockerfile and its roots, for docker build
# Wants OUT/nairi-mock-<version>-linux-<arch>.tar.gz, which packaging/linux/build.sh makes.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
out=$(cd "${1:?usage: packaging/image/build.sh OUT}" && pwd)
version=$("$here/../version.sh")
time=${SOURCE_DATE_EPOCH:-$(git -C "$here" log -1 --format=%ct)}
export LC_ALL=C
umask 022
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

mkdir -p "$out/image"
cp "$here/Dockerfile" "$out/image"
for arch in amd64 arm64; do
  name=nairi-mock-$version-linux-$arch
  archive=$out/$name.tar.gz
  [ -f "$archive" ] || { echo "image: no $archive; packaging/linux/build.sh makes it" >&2; exit 1; }
  tar -xzf "$archive" -C "$work"

  # The program, its licenses, and a folder for its files of the moment: no shell, nothing else.
  root=$work/root-$arch
  mkdir -p "$root/usr/share/doc/nairi-mock"
  mkdir -m 1777 "$root/tmp"
  cp "$work/$name/bin/nairi-mock" "$root"
  cp "$work/$name"/share/doc/nairi-mock/{LICENSE,third-party-licenses.txt} "$root/usr/share/doc/nairi-mock"
  tar --sort=name --mtime="@$time" --owner=0 --group=0 --numeric-owner --format=ustar \
    -C "$root" -cf - nairi-mock tmp usr | gzip -9n >"$out/image/root-$arch.tar.gz"

  image=$out/nairi-mock-$version-image-$arch.tar
  "$here/oci.py" "$here/Dockerfile" --root "$out/image/root-$arch.tar.gz" --architecture $arch \
    --tag "nairi-mock:$version" --time "$time" "$image"
  stat -c "image: $arch: %s bytes" "$image"
done
