#!/usr/bin/env bash
# Tests the Go module of OUT as a stranger would:  packaging/go/test.sh OUT
# NAIRI_MOCK may name another program than the one of OUT.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
out=$(cd "${1:?usage: packaging/go/test.sh OUT}" && pwd)
page=$root/docs/in-go-tests.md

work=$(mktemp -d)
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
export GOCACHE=${GOCACHE:-$root/build/go-cache} GOPATH=$work/go GOPROXY=off GOFLAGS= GOTOOLCHAIN=local
mkdir -p "$work/program" "$work/module" "$work/page"
if [ -z "${NAIRI_MOCK:-}" ]; then
  archive=$(echo "$out"/nairi-mock-*-linux-"$(dpkg --print-architecture)".tar.gz)
  tar -C "$work/program" --strip-components=1 -xf "$archive"
  export NAIRI_MOCK=$work/program/bin/nairi-mock
fi

echo 'go: the module and its own tests'
tar -C "$work/module" -xf "$out"/nairi-mock-go-*.tar.gz
cp "$here/nairimock_test.go" "$work/module/nairimock"
cd "$work/module/nairimock"
unformatted=$(gofmt -l .)
[ -z "$unformatted" ] || { echo "go: gofmt would change $unformatted" >&2; exit 1; }
go vet .
go test -count=1 -race -timeout 300s .

echo "go: what $(basename "$page") shows"
"$root/packaging/pages.py" "$page" "$work/page"
cd "$work/page"
unformatted=$(gofmt -l .)
[ -z "$unformatted" ] || { echo "go: gofmt would change the page's $unformatted" >&2; exit 1; }
go mod init billing 2>/dev/null
go mod edit -require=nairimock@v0.0.0 -replace=nairimock=../module/nairimock
go vet .
go test -count=1 -v . | tee "$work/passed"
[ "$(grep -c '^--- PASS' "$work/passed")" = "$(cat ./*_test.go | grep -c '^func Test')" ]

echo 'go: a client that breaks a rule fails its test, with the evidence that the page shows'
mkdir broken
cat >broken/insists_test.go <<'GO'
package broken

import (
	"io"
	"nairimock"
	"testing"
)

func TestInsists(t *testing.T) {
	fake := nairimock.Start(t)
	for i := 0; i < 2; i++ {
		reply, err := fake.Client().Get(fake.BaseURL + "/messages/cmsg_01KP1G66P2HNMRKDTWG8WTSPD9")
		if err != nil {
			t.Fatal(err)
		}
		io.ReadAll(reply.Body) // so that the connection is used again
		reply.Body.Close()
	}
}
GO
if go test -count=1 ./broken >"$work/failed" 2>&1; then
  echo 'go: expected TestInsists to fail, it passed' >&2
  exit 1
fi
while read -r line; do
  grep -qF -- "$line" "$work/failed" || {
    printf 'go: expected the line: %s\n' "$line" >&2
    cat "$work/failed" >&2
    exit 1
  }
done <broken.txt

echo 'go: a plain copy, as a package of the module that uses it'
mkdir -p "$work/copy/nairimock"
cd "$work/copy"
go mod init billing 2>/dev/null
cp "$work/module/nairimock/nairimock.go" nairimock
sed 's,"nairimock","billing/nairimock",' "$work/page/billing_test.go" >billing_test.go
go test -count=1 .
