#!/usr/bin/env bash
# Tests the npm packages of OUT as a stranger would:  packaging/npm/test.sh OUT
# From the registry it takes other runtimes and test tools, and nothing that the packages need.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
here=$root/packaging/npm
out=$(cd "${1:?usage: packaging/npm/test.sh OUT}" && pwd)
version=$("$root/packaging/version.sh")
page=$root/docs/in-javascript-tests.md

mkdir -p "$root/build/npm"
work=$(mktemp -d "$root/build/npm/test.XXXXXX")
trap 'rm -rf "$work"' EXIT

# folder NAME PACKAGE…: makes a folder with these packages, and goes there.
folder() {
  mkdir "$work/$1"
  cd "$work/$1"
  echo '{"private": true, "type": "module"}' >package.json
  shift
  npm install --silent --no-audit --no-fund "$@"
}
folder app --offline "$out/nairi-mock-$version.tgz"
cp "$here"/test/* .

echo 'npm: the tests of the package'
node --test --test-reporter=dot {module,fake,listen,bin}.test.mjs
for how in fetch listen; do
  node run_quickstart.mjs $how "$root/tests/quickstart/quickstart.mjs" >"$how.txt"
  grep -qx '400 job is not an API job' "$how.txt"
done

echo "npm: what $(basename "$page") shows"
mkdir "$work/page" && "$root/packaging/pages.py" "$page" "$work/page"
cp "$work"/page/{billing,client,held}.test.mjs .
node --test --test-reporter=dot billing.test.mjs client.test.mjs held.test.mjs

echo 'npm: a page in Chromium'
cp "$work/page/page.mjs" .
timeout 120 node --test --test-reporter=dot browser.test.mjs

echo 'npm: the types, Vitest, MSW and undici'
folder tools typescript@5.9.3 @types/node@22.19.0 vitest@3.2.4 msw@2.11.6 undici@7.16.0
cp -r ../app/node_modules/nairi-mock node_modules
cp "$here/test/types.ts" "$work"/page/{billing.spec,adapters.test}.mjs .
npx tsc --noEmit --strict --target es2022 --lib es2022,dom,dom.iterable --module nodenext \
  --skipLibCheck false --types node types.ts
npx vitest run billing.spec >vitest.txt 2>&1 || { cat vitest.txt; exit 1; }
cat >broken.spec.mjs <<'END'
import { test } from "nairi-mock/vitest";
test("asks without a key", ({ fake }) => fake.fetch(`${fake.baseUrl}/agents`));
END
npx vitest run broken.spec >vitest.txt 2>&1 && { echo 'npm: expected a broken rule to fail' >&2; exit 1; }
grep -qF 'MUST broken: auth-on-every-call' vitest.txt
node --test --test-reporter=dot adapters.test.mjs

# runtime PACKAGE COMMAND…: a package of npm with a runtime in it.
runtime() {
  echo "npm: $1"
  folder "$1" "$1"
  PATH=$PWD/node_modules/.bin:$PATH
  cd "$work/app"
  "${@:2}" anywhere.mjs
  case $1 in
    node@*) node --test {fake,listen,billing}.test.mjs >tests.txt || { cat tests.txt; return 1; } ;;
  esac
}
(runtime node@18.20.8 node)
(runtime node@26.10.0 node)
(runtime bun@1.4.5 bun)
(runtime deno@2.9.6 deno run --allow-all --quiet)

machine=$(dpkg --print-architecture)
archive=$out/nairi-mock-$version-linux-$machine.tar.gz
[ -f "$archive" ] || { echo "npm: no $(basename "$archive"): nothing to compare with" >&2; exit 1; }
mkdir "$work/program"
tar -C "$work/program" --strip-components=1 -xf "$archive"
cd "$work/app"

echo 'npm: byte identity with the program'
"$root/packaging/identity/record.py" "$work/program/bin/nairi-mock" recording.json
node --test --test-reporter=dot identity.test.mjs

echo 'npm: the contract set'
mkfifo open url
node serve.mjs states.json <open >url &
served=$!
exec 9>open
read -r target <url
"$work/program/bin/nairi-contract" server --target "$target" --states states.json --poll-ms 1 \
  >contracts.txt || { grep -v '^NOT CHECKED' contracts.txt; exit 1; }
tail -n 1 contracts.txt
exec 9>&-
wait $served

echo 'npm: the program by npx'
case $(uname -m) in x86_64) npm=x64 ;; *) npm=arm64 ;; esac
folder program_app --offline "$out/nairi-mock-$version.tgz" "$out/nairi-mock-linux-$npm-$version.tgz"
cp "$here/test/bin.test.mjs" .
node --test --test-reporter=dot bin.test.mjs
npx nairi-mock --version | grep -qF "$version"
