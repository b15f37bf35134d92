# For bash scripts to source: a fake of their own on a free port, stopped on every way out.

# start_fake BIN_DIR [serve option…]: returns when the fake answers.
start_fake() {
  local bin=$1
  shift
  fake_dir=$(mktemp -d)
  trap stop_fake EXIT
  trap 'exit 130' INT TERM
  "$bin/nairi-mock" serve --port 0 --ready-file "$fake_dir/ready.json" "$@" \
    >"$fake_dir/log" 2>&1 &
  fake_pid=$!
  "$bin/nairi-mock" ready --ready-file "$fake_dir/ready.json" --wait 10s >/dev/null || {
    cat "$fake_dir/log" >&2
    exit 1
  }
}

stop_fake() {
  trap - EXIT
  [ -z "${fake_pid:-}" ] || { kill "$fake_pid" && wait "$fake_pid"; } 2>/dev/null || true
  rm -rf "$fake_dir"
}

# ready NAME: a text of the ready file, or of the states in it. Needs no jq, as demo.sh has none.
ready() {
  tr -d '\n' <"$fake_dir/ready.json" | sed -n "s/.*\"$1\": *\"\([^\"]*\)\".*/\1/p"
}
