#!/usr/bin/env bash
# Makes static programs for any Linux, on x86-64:  packaging/linux/build.sh OUT
#   OUT/nairi-mock-<version>-linux-<amd64|arm64>.tar.gz   programs, man pages, worlds, contracts
#   OUT/nairi-mock_<version>_<amd64|arm64>.deb            the same, for Debian and its relatives
# The same commit and packages give the same bytes. Compilers get the time that they need: minutes.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
out=${1:?usage: packaging/linux/build.sh OUT}
mkdir -p "$out"
out=$(cd "$out" && pwd)
cd "$root"

version=$(packaging/version.sh)
# All files are as old as the commit.
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}
export SOURCE_DATE_EPOCH LC_ALL=C TZ=UTC
umask 022
maintainer='nairi-mock authors <nairi-mock@example.org>'
programs=(nairi-mock nairi nairi-contract)
work=$root/build/packages
rm -rf "$work"
mkdir -p "$work"

compile() {  # preset, targets
  echo "linux: compiling ($1)"
  cmake --preset "$1" --log-level=NOTICE >/dev/null
  # The linker warns of looking names up, which static_names.cc answers: shown only if something fails.
  cmake --build "build/$1" --target "${@:2}" -- --quiet >"$work/$1.log" 2>&1 || {
    cat "$work/$1.log" >&2
    return 1
  }
}

# The licenses of what is inside static programs, as the packages say them.
licenses() {
  echo 'What these programs were linked with, and its licenses, as the packages of Debian say them.'
  for package in libssl-dev zlib1g-dev libre2-dev libasio-dev libcli11-dev libexpected-dev \
    nlohmann-json3-dev libc6-dev libstdc++-12-dev; do
    printf '\n======== %s\n\n' "$package"
    cat "/usr/share/doc/$package/copyright"
  done
  printf '\n======== cpp-httplib\n\n'
  cat build/debian/httplib/debian/copyright
}

# What every installation has beside the programs. It is written once, from those for this machine.
common=$work/common
write_common() {
  local date
  date=$(date -d "@$SOURCE_DATE_EPOCH" +%F)
  for program in "${programs[@]}"; do
    packaging/linux/from_help.py "build/static/bin/$program" --version "$version" --date "$date" \
      --man "$common/share/man/man1/$program.1" \
      --completion "$common/share/bash-completion/completions/$program"
  done
  local doc=$common/share/doc/nairi-mock
  mkdir -p "$doc"
  cp LICENSE CHANGELOG.md "$doc"
  licenses >"$doc/third-party-licenses.txt"
}

stage() {  # preset folder
  cmake --install "build/$1" --component programs --strip --prefix "$2" >/dev/null
  cp -R "$common/." "$2"
  find "$2" -type f -exec chmod 644 {} + -o -type d -exec chmod 755 {} +
  chmod 755 "$2"/bin/*
}

pack() {  # folder file
  tar --sort=name --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --numeric-owner --format=ustar \
    -C "$(dirname "$1")" -cf - "$(basename "$1")" | gzip -9n >"$2"
}

make_deb() {  # staged-folder architecture
  local tree=$work/deb-$2
  mkdir -p "$tree/DEBIAN" "$tree/usr/share/lintian/overrides"
  cp -R "$1/." "$tree/usr"
  local doc=$tree/usr/share/doc/nairi-mock
  gzip -9n "$tree"/usr/share/man/man1/* "$doc/CHANGELOG.md"
  mv "$doc/LICENSE" "$doc/copyright"
  printf 'nairi-mock (%s) stable; urgency=medium\n\n  * CHANGELOG.md.gz has the changes.\n\n -- %s  %s\n' \
    "$version" "$maintainer" "$(date -R -d "@$SOURCE_DATE_EPOCH")" | gzip -9n >"$doc/changelog.gz"
  cp packaging/linux/lintian-overrides "$tree/usr/share/lintian/overrides/nairi-mock"
  (cd "$tree" && find usr -type f -print0 | sort -z | xargs -0 md5sum) >"$tree/DEBIAN/md5sums"
  cat >"$tree/DEBIAN/control" <<END
Package: nairi-mock
Version: $version
Architecture: $2
Maintainer: $maintainer
Section: devel
Priority: optional
Installed-Size: $(du -sk --apparent-size "$tree/usr" | cut -f 1)
Description: offline fake of Nairi's Conversations API
 Plays the API for tests, without network, key or bill: conversations,
 messages, agents and attachments, from scripts that you write.
 .
 nairi-mock is the fake, nairi a client for the command line, and
 nairi-contract checks servers and clients by the contracts of the API. The
 programs are linked statically.
END
  find "$tree" -type d -exec chmod 755 {} +
  find "$tree/DEBIAN" "$tree/usr/share" -type f -exec chmod 644 {} +
  find "$tree" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
  dpkg-deb --root-owner-group -Zxz -z2 --build "$tree" "$out" >/dev/null
}
packaging/linux/from_debian.sh build/debian
targets=(nairi_mock_app nairi nairi_contract_app)
# The library is for others to pack: it takes but seconds once the engine is compiled.
compile static "${targets[@]}" nairi_embed
compile static-arm64 "${targets[@]}"
write_common
for arch in amd64 arm64; do
  preset=static
  [ $arch = amd64 ] || preset=static-$arch
  name=nairi-mock-$version-linux-$arch
  stage $preset "$work/$name"
  pack "$work/$name" "$out/$name.tar.gz"
  make_deb "$work/$name" $arch
  (cd "$work/$name" && stat -c "linux: $arch: %n: %s bytes" bin/*)
done
(cd "$out" && stat -c 'linux: %n: %s bytes' nairi-mock[-_]"$version"*)
