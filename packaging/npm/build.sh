#!/usr/bin/env bash
# Makes the npm packages of nairi-mock:  packaging/npm/build.sh OUT
# The engine comes as WebAssembly. The packages with the program for Linux are made of the static
# ones that packaging/linux put into OUT, where it did.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
here=$root/packaging/npm
out=$(realpath -m "${1:?usage: packaging/npm/build.sh OUT}")
work=$root/build/npm
version=$("$root/packaging/version.sh")
mkdir -p "$out" "$work"

# RE2's tables are made of the Unicode data of the system, as Debian makes those of its library.
re2=$work/re2
if [ ! -d "$re2" ]; then
  echo "npm: fetching the source of RE2"
  rm -rf "$re2.new"
  "$root/packaging/debian_source.sh" re2 "$re2.new"
  (cd "$re2.new/re2" &&
    perl make_perl_groups.pl >perl_groups.cc &&
    /usr/bin/python3 make_unicode_groups.py >unicode_groups.cc &&
    /usr/bin/python3 make_unicode_casefold.py >unicode_casefold.cc)
  mv "$re2.new" "$re2"
fi

# Of the system's headers only those that are no machine's own.
mkdir -p "$work/headers"
for folder in nlohmann tl; do ln -sfn "/usr/include/$folder" "$work/headers/$folder"; done

echo "npm: building the engine for WebAssembly"
emcmake cmake -G Ninja -S "$here/wasm" -B "$work/wasm" --log-level=NOTICE \
  -DRE2_SOURCE="$re2" -DHEADERS="$work/headers" -DNAIRI_MOCK_VERSION="$version" \
  >"$work/configure.log" 2>&1 || { tail -n 30 "$work/configure.log" >&2; exit 1; }
cmake --build "$work/wasm" >"$work/build.log" 2>&1 || { tail -n 40 "$work/build.log" >&2; exit 1; }

# package FOLDER: packs it into OUT.
pack() {
  (cd "$1" && npm pack --silent --pack-destination "$out" >/dev/null)
}

rm -rf "$work/package"
cp -r "$here/package" "$work/package"
cp "$root/LICENSE" "$work/package"
install -m 644 "$work/wasm/nairi_mock.wasm" "$work/package"
sed -i "s/\"0\.0\.0\"/\"$version\"/" "$work/package/package.json"
pack "$work/package"

# Debian's name of a machine, and npm's.
while read -r debian npm; do
  archive=$out/nairi-mock-$version-linux-$debian.tar.gz
  [ -f "$archive" ] || { echo "npm: no package for linux-$npm, as $(basename "$archive") is not there"; continue; }
  folder=$work/nairi-mock-linux-$npm
  rm -rf "$folder"
  mkdir -p "$folder/bin"
  tar -xzOf "$archive" --wildcards '*/bin/nairi-mock' >"$folder/bin/nairi-mock"
  chmod 755 "$folder/bin/nairi-mock"
  cp "$root/LICENSE" "$folder"
  cat >"$folder/package.json" <<END
{
  "name": "nairi-mock-linux-$npm",
  "version": "$version",
  "description": "The program nairi-mock for linux-$npm, which the package nairi-mock runs",
  "license": "MIT",
  "os": ["linux"],
  "cpu": ["$npm"],
  "files": ["bin"]
}
END
  pack "$folder"
done <<END
amd64 x64
arm64 arm64
END

size=$(stat -c %s "$work/package/nairi_mock.wasm")
echo "npm: nairi_mock.wasm has $size bytes, $(gzip -9nc "$work/package/nairi_mock.wasm" | wc -c) compressed"
