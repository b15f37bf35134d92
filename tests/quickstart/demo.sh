#!/usr/bin/env bash
# The quickstart conversation through the client, against a fake of its own:  demo.sh BIN_DIR
set -euo pipefail

bin=$1
[ "${2:-}" = with-fake ] || exec "$bin/nairi-mock" run -- "$0" "$bin" with-fake
slack_job=job_01KRK1V46BXS73CSNK2VR35NPJ  # of the built-in world

# Shows a command as it would be typed, then runs it; all in lines that fit.
run() {
  local word shown='$ nairi'
  for word in "$@"; do
    case $word in *[!A-Za-z0-9_./:-]*) word="'$word'" ;; esac
    shown+=" $word"
  done
  printf '\n%s\n' "$shown" | fold -s -w 78
  "$bin/nairi" "$@" | fold -s -w 78
}

echo "The fake answers at $NAIRI_BASE_URL"
# The fake moves on by reads: 10 ms between two polls instead of the usual 2 s lose nothing.
live=(--progress --poll-interval 0.01)
run ask --agent billing-agent 'Refund the failed charge' "${live[@]}"
job=$("$bin/nairi" conversations billing-agent | sed -n '1s/\t.*//p')
run ask --job "$job" 'And mail the receipt' "${live[@]}"
run messages "$job" --all

# A job that came from Slack takes no prompts from the API: to be told so is what is shown here.
if refusal=$(run ask --job "$slack_job" Hello 2>&1); then
  echo 'the Slack job took a prompt' >&2
  exit 1
fi
fold -s -w 78 <<<"$refusal"
grep -q '400' <<<"$refusal"
grep -q 'job is not an API job' <<<"$refusal"
