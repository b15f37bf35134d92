#!/usr/bin/env bash
# The one step of action.yml, whose inputs are in FAKE_…: starts the fake for the steps that follow,
# stops it, or runs a command with one of its own.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# Of the fake that serves: ready file, log, and exit code once it has ended.
state=$RUNNER_TEMP/nairi-mock

fail() {
  printf '::error title=nairi-mock::%s\n' "$1" >&2
  exit 1
}

# Leaves the program of the release in $program.
fetch() {
  local version=${FAKE_VERSION:-$("$here/../version.sh")} folder name machine
  case $(uname -sm) in
    'Linux x86_64') machine=linux-amd64 ;;
    'Linux aarch64') machine=linux-arm64 ;;
    *) fail "there is no program for $(uname -sm), only for Linux on x86-64 and arm64" ;;
  esac
  name=nairi-mock-$version-$machine.tar.gz
  folder=$RUNNER_TEMP/nairi-mock-$version
  program=$folder/bin/nairi-mock
  [ ! -x "$program" ] || return 0

  local from=$FAKE_FROM
  [ -n "$from" ] || from=$GITHUB_SERVER_URL/$(repository)/releases/download/v$version
  rm -rf "$folder"
  mkdir -p "$folder"
  get "$from/$name" "$folder/$name"
  get "$from/SHA256SUMS" "$folder/SHA256SUMS"
  (cd "$folder" && grep -F "  $name" SHA256SUMS | sha256sum --quiet --strict -c -) ||
    fail "$from/$name is not what its SHA256SUMS says"
  tar -C "$folder" --strip-components=1 -xf "$folder/$name"
  echo "$folder/bin" >>"$GITHUB_PATH"
}

# Whose action this is. Some runners leave that empty in composite actions, and it is in the path.
repository() {
  local path=${GITHUB_ACTION_PATH#*/_actions/}
  if [ -n "$FAKE_REPOSITORY" ]; then
    echo "$FAKE_REPOSITORY"
  elif [ "$path" != "$GITHUB_ACTION_PATH" ]; then
    cut -d / -f 1,2 <<<"$path"
  else
    fail 'the runner does not say whose action this is: say by "from" where the release is'
  fi
}

get() {  # a file of a release, and where to
  case $1 in
    http://* | https://*) curl -fsSL --retry 3 -o "$2" "$1" || fail "can't get $1" ;;
    *) cp "$1" "$2" || fail "can't get $1" ;;
  esac
}

options() {  # of nairi-mock, from the inputs, each with a NUL behind it
  printf '%s\0' --judge "$FAKE_JUDGE"
  [ -z "$FAKE_CLOCK" ] || printf '%s\0' --clock "$FAKE_CLOCK"
  while IFS= read -r world; do
    [ -z "$world" ] || printf '%s\0' --world "$world"
  done <<<"$FAKE_WORLD"
  xargs -r printf '%s\0' <<<"$FAKE_ARGS"
}

# Asks the server that an earlier step, or this one, has started.
told() { "$program" ready --ready-file "$state/ready.json" --print "$1"; }

start() {
  [ ! -e "$state" ] || fail "a fake serves this job already: stop it by this action with stop: 'true'"
  mkdir -p "$state"
  echo "$program" >"$state/program"
  mkfifo "$state/line"
  # The runner ends what a job leaves running. A step must not wait for it: all its output goes
  # elsewhere.
  (
    flock 9  # until it has ended
    code=0
    "$program" serve --port 0 --log none --ready-file "$state/ready.json" "$@" >"$state/line" ||
      code=$?
    echo "$code" >"$state/code"
  ) </dev/null >/dev/null 2>"$state/log" 9>"$state/lock" &
  if ! read -r _ <"$state/line"; then
    wait $! || true
    cat "$state/log" >&2
    rm -rf "$state"
    fail 'the fake did not start'
  fi
  export_all
}

# What `nairi-mock run` tells its command.
export_all() {
  local ca variable base_url api_key control_url
  base_url=$(told base_url)
  api_key=$(told api_key)
  control_url=$(told control_url)
  {
    echo "NAIRI_BASE_URL=$base_url"
    echo "NAIRI_API_KEY=$api_key"
    echo "NAIRI_CONTROL_URL=$control_url"
    for variable in NO_PROXY no_proxy; do
      echo "$variable=${!variable:+${!variable},}127.0.0.1"
    done
    if ca=$(told ca_file 2>/dev/null); then
      for variable in SSL_CERT_FILE NODE_EXTRA_CA_CERTS REQUESTS_CA_BUNDLE CURL_CA_BUNDLE \
        NAIRI_CA_FILE; do
        echo "$variable=$ca"
      done
    fi
  } >>"$GITHUB_ENV"
  printf '%s\n' "base-url=$base_url" "api-key=$api_key" "control-url=$control_url" \
    >>"$GITHUB_OUTPUT"
  echo "The fake answers at $base_url"
}

stop() {
  [ -d "$state" ] || fail 'there is no fake to stop: no earlier step of this job has started one'
  local code early='' program
  program=$(cat "$state/program")
  if [ -e "$state/code" ]; then
    early=yes
  else
    kill -TERM "$(told pid)"
    flock "$state/lock" true
  fi
  cat "$state/log"
  code=$(cat "$state/code")
  rm -rf "$state"
  [ -z "$early" ] || fail "the fake had ended before, with exit code $code"
  exit "$code"
}

if [ "$FAKE_STOP" = true ]; then
  stop
fi
fetch
options >"$RUNNER_TEMP/nairi-mock-options" || fail "the quotes of \"args\" don't match: $FAKE_ARGS"
mapfile -d '' -t chosen <"$RUNNER_TEMP/nairi-mock-options"
if [ -n "$FAKE_RUN" ]; then
  exec "$program" run "${chosen[@]}" -- bash -eo pipefail -c "$FAKE_RUN"
fi
start "${chosen[@]}"
