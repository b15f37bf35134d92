"""One organization of the foreign server: its agents, conversations, messages and files."""
import datetime
import heapq
import itertools
import json
import re
import secrets
import threading
import time

import turns

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


class Refusal(Exception):
    """An error answer of the API."""

    def __init__(self, status, text):
        super().__init__(text)
        self.status = status


def real_ms():
    return time.time_ns() // 1_000_000


def new_id(prefix, at_ms):
    number = at_ms << 80 | secrets.randbits(80)
    return f"{prefix}_" + "".join(CROCKFORD[number >> shift & 31] for shift in range(125, -1, -5))


def time_text(ms):
    moment = datetime.datetime.fromtimestamp(ms // 1000, datetime.timezone.utc)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{ms % 1000:03}Z"


def checked_id(text, *prefixes):
    if not re.fullmatch(rf"(?:{'|'.join(prefixes)})_[{CROCKFORD}]{{26}}", text):
        raise Refusal(400, f"{text[:60]!r} cannot be an id here")
    return text


class Organization:
    """Every public method holds the lock and first lets happen what is due by now."""

    def __init__(self, pace):
        self.pace = pace
        self.lock = threading.RLock()
        self.agents, self.jobs, self.messages, self.files = {}, {}, {}, {}
        self.walks = {}  # what a first page saw, for its cursors
        self.agenda, self.order = [], itertools.count()
        self.last_ms = 0

    # -- Time ------------------------------------------------------------------------------------
    def stamp(self, ms=None):
        """A moment that nothing else of this organization has, so that all lists have one order."""
        self.last_ms = max(ms or real_ms(), self.last_ms + 1)
        return self.last_ms

    def later(self, due_ms, action):
        heapq.heappush(self.agenda, (due_ms, next(self.order), action))

    def settle(self):
        now = real_ms()
        while self.agenda and self.agenda[0][0] <= now:
            due_ms, _, action = heapq.heappop(self.agenda)
            action(self.stamp(due_ms))

    # -- Agents ----------------------------------------------------------------------------------
    def add_agent(self, name, slug, instances=1, deployed=True, at=None, **texts):
        at = self.stamp(at)
        agent = {"id": new_id("cci", at), "agent_id": slug, "name": name, "deployed": deployed,
                 "instances_count": instances, "created": at, "updated": at, **texts}
        self.agents[agent["id"]] = agent
        return agent

    def agent(self, name):
        """By slug or by id."""
        if name.startswith("cci_"):
            found = self.agents.get(checked_id(name, "cci"))
        else:
            found = next((a for a in self.agents.values() if a["agent_id"] == name), None)
        if not found:
            raise Refusal(404, f"nobody here is called {name[:60]!r}")
        return found

    def free_slug(self, name):
        plain = re.sub(r"[^a-z0-9/]+", "_", name.lower()).strip("_/") or "agent"
        taken = {agent["agent_id"] for agent in self.agents.values()}
        numbered = (f"{plain}_{number}" for number in itertools.count(1))
        return next(slug for slug in numbered if slug not in taken)

    def remove_agent(self, agent):
        del self.agents[agent["id"]]
        for job in [job for job in self.jobs.values() if job["agent"] is agent]:
            del self.jobs[job["id"]]
            for message in job["messages"]:
                del self.messages[message["id"]]

    # -- Conversations ---------------------------------------------------------------------------
    def add_job(self, agent, origin="api", status="active", prefix="job", at=None):
        at = self.stamp(at)
        job = {"id": new_id(prefix, at), "agent": agent, "origin": origin, "status": status,
               "created": at, "updated": at, "messages": []}
        self.jobs[job["id"]] = job
        return job

    def job(self, job_id):
        job = self.jobs.get(checked_id(job_id, "job", "j"))
        if not job:
            raise Refusal(400, "no conversation that this key may touch")
        return job

    def add_message(self, job, role, content, status="completed", at=None, **fields):
        at = self.stamp(at)
        message = {"id": new_id("cmsg", at), "job_id": job["id"], "role": role, "status": status,
                   "content": content, "created": at, "updated": at, **fields}
        job["messages"].append(message)
        job["updated"] = at
        self.messages[message["id"]] = message
        return message

    def prompt(self, job, text, attachment_ids=(), ask_mode=False):
        """A new user message; its turn begins now, whatever else runs in the job."""
        earlier = [m["content"] for m in reversed(job["messages"]) if m["role"] == "user"]
        files = {"attachment_ids": list(attachment_ids)} if attachment_ids else {}
        user = self.add_message(job, "user", text, "queued", **files)
        for event in turns.events_of(text, earlier, ask_mode, job["agent"]["deployed"], self.pace):
            self.later(user["created"] + event.after_ms,
                       lambda at, event=event: self.happen(job, user, event, at))
        return user

    def happen(self, job, user, event, at):
        if event.kind == "status":
            user["status"], user["updated"] = event.text, at
        elif event.kind == "job":
            job["status"] = event.text
        elif event.kind == "progress":
            envelope = {"processed_message_id": user["id"], **event.fields, "job_id": job["id"]}
            copies = {name: event.fields[name] for name in event.fields
                      if name.startswith(("progress_", "tool_", "parent_"))
                      and name not in ("tool_input", "tool_output", "tool_description")}
            self.add_message(job, "progress", json.dumps(envelope), "pending", at, **copies)
        else:
            fields = dict(event.fields)
            if file := fields.pop("file", None):
                fields["attachment_ids"] = [self.add_file(*file)]
            self.add_message(job, event.kind, event.text, at=at, **fields)
        job["updated"] = self.last_ms

    # -- Files -----------------------------------------------------------------------------------
    def add_file(self, name, data):
        file_id = new_id("att", self.stamp())
        self.files[file_id] = (name, data)
        return file_id

    def usable_files(self, ids):
        if len(ids) > 10:
            raise Refusal(404, f"ten files fit one prompt, these are {len(ids)}")
        for file_id in ids:
            if checked_id(file_id, "att") not in self.files:
                raise Refusal(400, f"there is no file {file_id}")
        return ids
