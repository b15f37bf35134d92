"""Good clients of other habits than python/client.py, which must be judged as good.

    styles.py STYLE [--stdio]    does the job in NAIRI_JOB in that style
    styles.py --list             the styles
"""
import pathlib
import sys

import requests

sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent / "python"))
from client import Client, Stopped, main  # noqa: E402  (the path comes first)

STYLES = {}
ENDS = ("completed", "failed")


def style(name):
    def register(client_class):
        STYLES[name] = client_class
        return client_class
    return register


class ReadsTheTimeline(Client):
    """What is common to those that see the end of a turn in the timeline."""

    def result(self, turn, timeline):
        """The answer, or None as long as the turn goes on."""
        begin = next((i for i, message in enumerate(timeline) if message["id"] == turn["message_id"]), None)
        if begin is None or timeline[begin]["status"] not in ENDS:
            return None
        if timeline[begin]["status"] == "failed":
            raise Stopped("failed", self.newest("system", timeline))
        return self.newest("assistant", timeline[begin:])


@style("timeline-only")
class PollsTheTimeline(ReadsTheTimeline):
    def answer(self, turn):
        while (answer := self.result(turn, self.timeline(turn["job_id"]))) is None:
            self.sleep(self.job["poll_ms"] / 1000)
        return answer


@style("message-and-timeline")
class PollsBoth(ReadsTheTimeline):
    def answer(self, turn):
        while True:
            self.call("GET", "messages", turn["message_id"])
            answer = self.result(turn, self.timeline(turn["job_id"]))
            if answer is not None:
                return answer
            self.sleep(self.job["poll_ms"] / 1000)


@style("timeline-and-message")
class PollsTheTimelineFirst(ReadsTheTimeline):
    """Stops at whichever shows the end first."""

    def answer(self, turn):
        while True:
            answer = self.result(turn, self.timeline(turn["job_id"]))
            if answer is not None:
                return answer
            if self.call("GET", "messages", turn["message_id"])["status"] in ENDS:
                return self.result(turn, self.timeline(turn["job_id"]))
            self.sleep(self.job["poll_ms"] / 1000)


@style("looks-before-it-posts-again")
class LooksFirst(Client):
    """A start that broke is looked for in the list, and sent again only when it is not there."""

    def prompt(self, job_id, text, files):
        if job_id:
            return super().prompt(job_id, text, files)
        before = self.conversation_ids()
        try:
            return super().prompt(job_id, text, files)
        except (requests.RequestException, Stopped) as broken:
            if isinstance(broken, Stopped) and (broken.args[0] == "timeout" or broken.args[2] < 500):
                raise
            started = [one for one in self.conversation_ids() if one not in before]
            if not started:
                return super().prompt(job_id, text, files)
            message = next(m for m in self.timeline(started[0]) if m["role"] == "user")
            return {"job_id": started[0], "message_id": message["id"]}

    def conversation_ids(self):
        path = ("agents", self.job["agent_id"], "conversations")
        return [one["id"] for one in self.call("GET", *path)["conversations"]]


@style("agents-by-id")
class NamesAgentsByTheirId(Client):
    def call(self, method, *path, **options):
        agent = self.job.get("agent_id")
        if agent and agent in path:
            path = [self.id_of(agent) if part == agent else part for part in path]
        if options.get("json", {}).get("agent_id"):
            options["json"] = options["json"] | {"agent_id": self.id_of(agent)}
        return super().call(method, *path, **options)

    def id_of(self, slug):
        agents = super().call("GET", "agents")
        return next((one["id"] for one in agents if one["agent_id"] == slug), slug)


if __name__ == "__main__":
    if sys.argv[1:] == ["--list"]:
        print("\n".join(STYLES))
    elif sys.argv[1:2] and sys.argv[1] in STYLES:
        main(STYLES[sys.argv[1]])
    else:
        sys.exit(__doc__)
