#!/usr/bin/env bash
# A quickstart without an address must say so, and go nowhere:  refuses_blank.sh COMMAND…
set -uo pipefail
if said=$(NAIRI_BASE_URL='' NAIRI_API_KEY=nr_quickstart "$@" 2>&1); then
  echo 'it ended well without a NAIRI_BASE_URL' >&2
  exit 1
fi
grep -E 'NAIRI_BASE_URL:? is empty' <<<"$said" || {
  printf '%s\n' "expected a word on NAIRI_BASE_URL, got: $said" >&2
  exit 1
}
