#!/usr/bin/env bash
# Tests the gem of OUT as a stranger would:  packaging/ruby/test.sh OUT
# NAIRI_MOCK may name another program than the one of OUT.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
out=$(cd "${1:?usage: packaging/ruby/test.sh OUT}" && pwd)
page=$root/docs/in-ruby-tests.md

export LC_ALL=C.UTF-8  # what is compared has arrows
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/program" "$work/page"
if [ -z "${NAIRI_MOCK:-}" ]; then
  archive=$(echo "$out"/nairi-mock-*-linux-"$(dpkg --print-architecture)".tar.gz)
  tar -C "$work/program" --strip-components=1 -xf "$archive"
  export NAIRI_MOCK=$work/program/bin/nairi-mock
fi

# Into a folder of its own; rspec and minitest are found where they were.
gem install --silent --local --no-document --install-dir "$work/gems" "$out"/nairi_mock-*.gem
GEM_PATH=$work/gems:$(gem env path)
export GEM_PATH

echo 'ruby: the tests of the gem'
cp "$here/nairi_mock_test.rb" "$work"
cd "$work"
timeout 300 ruby -w nairi_mock_test.rb

echo "ruby: what $(basename "$page") shows"
"$root/packaging/pages.py" "$page" "$work/page"
cd "$work/page"
for test in *_test.rb; do
  ruby -w "$test" | tee "$work/passed"
  grep -qE '^[1-9][0-9]* runs, [1-9][0-9]* assertions, 0 failures, 0 errors, 0 skips' "$work/passed"
done
rspec ./*_spec.rb | tee "$work/passed"
grep -qE '^[1-9][0-9]* examples, 0 failures' "$work/passed"
