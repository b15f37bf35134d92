"""Clients that break one rule each: the good Python client with one step done wrong.

    broken.py RULE [--stdio]    does the job in NAIRI_JOB, and breaks that rule
    broken.py --list            the rules
"""
import json
import pathlib
import sys

import requests

sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent / "python"))
from client import Client, Stopped, main  # noqa: E402  (the path comes first)

BROKEN = {}


def breaks(rule, case):
    """Names the rule that has to catch the class, and a case in which it does."""
    def register(client_class):
        client_class.case = case
        BROKEN[rule] = client_class
        return client_class
    return register


# -- MUST --------------------------------------------------------------------------------------------
@breaks("polls-until-terminal", "lifecycle/queued-first")
class TakesQueuedForTheEnd(Client):
    def call(self, method, *path, **options):
        reply = super().call(method, *path, **options)
        if path[0] == "messages" and reply["status"] == "queued":
            reply["status"] = "completed"
        return reply


@breaks("stops-after-terminal", "lifecycle/completes")
class PollsOnAfterTheEnd(Client):
    def answer(self, turn):
        answer = super().answer(turn)
        for _ in range(3):
            self.call("GET", "messages", turn["message_id"])
        return answer


@breaks("result-matches-terminal", "failure/system-message")
class TakesAFailureForAnAnswer(Client):
    def answer(self, turn):
        try:
            return super().answer(turn)
        except Stopped as stopped:
            if stopped.args[0] != "failed":
                raise
            return stopped.args[1]


@breaks("reads-the-answer", "client/silence-is-not-the-last-answer")
class RepeatsItself(Client):
    last = ""

    def answer(self, turn):
        self.last = super().answer(turn) or self.last
        return self.last


@breaks("keeps-texts-as-they-are", "client/long-texts")
class TidiesTexts(Client):
    def prompt(self, job_id, text, files):
        return super().prompt(job_id, text.strip(), files)


@breaks("filters-progress", "client/reads-a-conversation")
class ShowsProgress(Client):
    def messages(self):
        return {"messages": self.timeline(self.job["job_id"])}


@breaks("surfaces-api-errors", "origins/slack")
class KeepsErrorsForItself(Client):
    def call(self, method, *path, **options):
        try:
            return super().call(method, *path, **options)
        except Stopped as stopped:
            outcome, _, *status = stopped.args
            raise Stopped(outcome, "the request failed", *status) from None


@breaks("no-retry-on-4xx", "origins/slack")
class RetriesWhatWasRefused(Client):
    def send(self, method, url, **options):
        reply = super().send(method, url, **options)
        return super().send(method, url, **options) if reply.status_code in (400, 401, 404) else reply


@breaks("no-blind-retry-of-post", "client/start-is-reset")
class SendsAPostAgain(Client):
    def send(self, method, url, **options):
        try:
            return super().send(method, url, **options)
        except requests.ConnectionError:
            if method == "GET":
                raise
            return super().send(method, url, **options)


@breaks("sends-a-prompt-once", "client/polls-are-cut")
class AsksAgainWhenItCannotRead(Client):
    def answer(self, turn):
        try:
            return super().answer(turn)
        except requests.RequestException:
            return super().answer(self.prompt(None, self.job["prompts"][0], []))


@breaks("retry-after", "client/poll-unavailable-for-a-second")
class ComesBackTooEarly(Client):
    def send(self, method, url, **options):
        reply = super().send(method, url, **options)
        reply.headers.pop("Retry-After", None)
        return reply


@breaks("auth-on-every-call", "client/lists-agents")
class ForgetsTheKey(Client):
    def send(self, method, url, **options):
        if url.endswith("/agents"):
            options["headers"] = {"Authorization": None}
        return super().send(method, url, **options)


@breaks("valid-requests", "lifecycle/completes")
class CallsJsonText(Client):
    def send(self, method, url, **options):
        if "json" in options:
            options.update(data=json.dumps(options.pop("json")), headers={"Content-Type": "text/plain"})
        return super().send(method, url, **options)


@breaks("encodes-path", "client/slug-with-slash")
class EncodesTwice(Client):
    def send(self, method, url, **options):
        return super().send(method, url.replace("%", "%25"), **options)


@breaks("continues-the-same-job", "conversation/follow-up-has-context")
class BeginsANewJobForAFollowUp(Client):
    def prompt(self, job_id, text, files):
        return super().prompt(self.job.get("job_id"), text, files)


@breaks("survives-additive-changes", "client/ignores-what-it-does-not-know")
class RefusesWhatItDoesNotKnow(Client):
    def prompt(self, job_id, text, files):
        turn = super().prompt(job_id, text, files)
        if unknown := turn.keys() - {"job_id", "message_id"}:
            raise ValueError(f"unknown fields: {unknown}")
        return turn


@breaks("unknown-status-is-not-terminal", "client/unknown-status-is-not-the-end")
class TakesAnUnknownStatusForTheEnd(Client):
    def call(self, method, *path, **options):
        reply = super().call(method, *path, **options)
        if path[0] == "messages" and reply["status"] not in ("queued", "pending", "failed"):
            reply["status"] = "completed"
        return reply


@breaks("malformed-or-truncated-is-an-error", "client/messages-are-cut")
class TakesRubbishForSilence(Client):
    def answer(self, turn):
        try:
            return super().answer(turn)
        except requests.JSONDecodeError:
            return ""


@breaks("reads-all-pages", "client/reads-all-pages")
class ReadsOnePage(Client):
    def call(self, method, *path, **options):
        if options.get("params", {}).get("offset"):
            return {"conversations": []}
        return super().call(method, *path, **options)


@breaks("deadline-kept", "client/start-takes-too-long")
class IsPatient(Client):
    def __init__(self, job):
        super().__init__({**job, "deadline_ms": 5 * job["deadline_ms"]})


@breaks("ids-are-opaque", "client/reads-an-old-job")
class KnowsWhatIdsLookLike(Client):
    def call(self, method, *path, **options):
        if path[0] == "conversations" and not path[1].startswith(("start", "job_")):
            raise ValueError(f"{path[1]} is no job's id")
        return super().call(method, *path, **options)


# -- SHOULD ------------------------------------------------------------------------------------------
@breaks("polls-no-faster-than-asked", "lifecycle/queued-first")
class PollsWithoutAPause(Client):
    def __init__(self, job):
        super().__init__({**job, "poll_ms": 0})


@breaks("backoff-grows", "client/polls-are-unavailable")
class HammersAway(Client):
    PAUSES_S = (0.0001,) * 4


@breaks("reuses-connections", "lifecycle/completes")
class ConnectsForEachCall(Client):
    def send(self, method, url, **options):
        return super().send(method, url, headers={"Connection": "close"}, **options)


@breaks("user-agent", "lifecycle/completes")
class DoesNotSayWhoItIs(Client):
    def send(self, method, url, **options):
        return super().send(method, url, headers={"User-Agent": ""}, **options)


@breaks("retries-idempotent-reads", "client/poll-is-reset")
class GivesUpAtOnce(Client):
    PAUSES_S = ()


@breaks("uploads-a-file-once", "client/upload-breaks")
class UploadsAgain(Client):
    def send(self, method, url, **options):
        try:
            return super().send(method, url, **options)
        except requests.ConnectionError:
            if "files" not in options:
                raise
            options["files"]["file"].seek(0)
            return super().send(method, url, **options)


@breaks("key-is-filled-in", "lifecycle/completes")
class SendsItsKeyInQuotes(Client):
    def send(self, method, url, **options):
        quoted = f'Bearer "{self.job["api_key"]}"'
        return super().send(method, url, headers={"Authorization": quoted}, **options)


@breaks("known-parameters", "client/reads-all-pages")
class AsksForPages(Client):
    def call(self, method, *path, **options):
        if "params" in options:
            options["params"] = {**options["params"], "page": 1}
        return super().call(method, *path, **options)


if __name__ == "__main__":
    if sys.argv[1:] == ["--list"]:
        print("\n".join(BROKEN))
    elif len(sys.argv) > 1 and sys.argv[1] in BROKEN:
        main(BROKEN[sys.argv[1]])
    else:
        sys.exit(__doc__)
