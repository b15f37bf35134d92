#!/usr/bin/env bash
# The quickstart conversation through the client, against a fake of its own:  demo.sh BIN_DIR
set -euo pipefail
. "$(dirname "$0")/fake.sh"

bin=$1
start_fake "$bin"
export NAIRI_BASE_URL NAIRI_API_KEY=nr_demo
NAIRI_BASE_URL=$(ready base_url)
agent=$(ready agent)
slack_job=$(ready slack_job)

# Shows a command as it would be typed, in lines that fit, then runs it.
run() {
  local word shown='$ nairi'
  for word in "$@"; do
    case $word in *[!A-Za-z0-9_./:-]*) word="'$word'" ;; esac
    shown+=" $word"
  done
  printf '\n%s\n' "$shown" | fold -s -w 78
  "$bin/nairi" "$@"
}

echo "The fake answers at $NAIRI_BASE_URL"
# The fake moves on by reads: 10 ms between two polls instead of the usual 2 s lose nothing.
run ask --agent "$agent" 'Refund the failed charge' --follow-up 'And mail the receipt' \
  --progress --poll-interval 0.01

job=$("$bin/nairi" conversations "$agent" | sed -n '1s/\t.*//p')
run messages "$job" --all

# A job that came from Slack takes no prompts from the API. Said by hand, as the client has no
# command for it and curl may not be installed.
path=/${NAIRI_BASE_URL#*://*/}/conversations/$slack_job/continue
address=${NAIRI_BASE_URL#*://}
address=${address%%/*}
body='{"prompt": "Hello"}'
printf '\nPOST %s %s\n' "$path" "$body"
exec 3<>"/dev/tcp/${address%:*}/${address##*:}"
printf 'POST %s HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\nConnection: close\r\n' \
  "$path" "$address" "$NAIRI_API_KEY" >&3
printf 'Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s' ${#body} "$body" >&3
refusal=$(tr -d '\r' <&3 | sed -n '1p;$p')
printf '%s\n' "$refusal"
grep -q '^HTTP/1.1 400 ' <<<"$refusal"
grep -q '"job is not an API job"' <<<"$refusal"
