#!/usr/bin/env python3
"""Records what the native program answers, so that other builds can be held against it:

    record.py PROGRAM FILE      PROGRAM is nairi-mock; writes FILE, which is JSON

    {"runs": [{"world": "builtin:default" or a text, "options": {"clock": "poll", …},
               "exchanges": [{"head": "GET /… HTTP/1.1\\r\\n…", "body": "", "connection": 1,
                              "received_us": 17, "reply": {"status": 200, "ending": "whole",
                              "headers": [["content-type", "…"], …], "body": "…"}}, …]}, …]}

`options` are those of nairi_fake_new(), and what stands beside `reply` is a nairi_request: who
plays a run's exchanges in their order has to get the same replies, to the byte. Journals and
verdicts are among them, so `connection` and `received_us` must be handed over, too.

Bytes are latin-1 texts. `headers` are in lower case and sorted, without what only a wire has
(UNSENT). `ending` is "whole", "truncated" (then `body` is what came of it), "reset" or "empty"
(then nothing else is there).

What is sent depends on nothing but this file, and on what is answered: no clock, no chance.
"""
import http.client
import itertools
import json
import pathlib
import random
import socket
import subprocess
import sys
import tempfile
import urllib.parse

API = "/api/public/v1"
UNSENT = {"connection", "keep-alive", "transfer-encoding"}
RUNS = [
    {"world": "builtin:default", "options": {"clock": "poll", "seed": 1}},
    {"world": "builtin:daemon", "options": {"clock": "virtual", "seed": 42}},
    {"world": "builtin:refund", "options": {"clock": "poll", "seed": 9, "mutate": "additive"}},
]
# Where builds are likely to differ: numbers as text, patterns of Unicode, many keys that are known.
COSTS = [0, 5e-11, 0.0123, 0.1, 123456789.123456789, 1e22, 1.7976931348623157e308, 2.5e-10]


def usage(cost):
    return {"cost_usd": cost, "input_tokens": 2 ** 53 - 1, "output_tokens": 0, "cache_read_tokens": 1,
            "cache_write_tokens": 2, "model": "m"}


ODD_WORLD = {
    "agents": [{"agent_id": "my-agent", "name": "Böt €", "description": "\U0001f916"}, {"agent_id": "a/b"}],
    "keys": [*({"key": f"nr_identity{number}"} for number in range(3)), {"key": "nr_revoked", "revoked": True}],
    "turns": [
        {"when": {"prompt": {"regex": "^(?i)straße ([\\p{L}\\p{Nd}]+)$"}},
         "timeline": [{"status": "queued", "polls": 1},
                      {"status": "completed", "reply": "{{match.1}} ☕ {{prompt}}", "usage": usage(1)}]},
        *({"when": {"prompt": {"equals": f"cost {number}"}},
           "timeline": [{"status": "completed", "reply": str(number), "usage": usage(cost)}]}
          for number, cost in enumerate(COSTS)),
        {"when": {"prompt": {"contains": "fail"}},
         "timeline": [{"status": "pending", "progress": [
             {"progress_type": "thinking", "summary": "Hm \" \\ \u0001"},
             {"progress_type": "tool_use", "tool_use_id": "t1", "tool_name": "Bash", "tool_status": "running"}]},
             {"status": "failed", "error": "card declined"}]}],
    "faults": [{"at": "agents", "rate": 0.3, "do": {"status": 503, "retry_after_s": 2, "retry_after_date": True}}]}
ODD_PROMPTS = ["STRASSE x", "straße Ünï7", "{{ \U0001f600", *(f"cost {number}" for number in range(len(COSTS)))]
RUNS.append({"world": ODD_WORLD, "prompts": ODD_PROMPTS,
             "options": {"clock": "virtual", "seed": 8, "mutate": "additive", "keys": "listed"}})

PROMPTS = ["Hello", "Refund cus_123", "Refund the charge", "A slow question", "Please fail",
           "Search the web", "Summarize", "¿Qué tal? 日本語 🎉", "line\nbreak \"quoted\" \\ \u0000 tab\t", "", "x" * 70_000]
FAULTS = [{"status": 503, "retry_after_s": 3}, {"status": 429, "retry_after_s": 30,
          "retry_after_date": True}, {"truncate_after_bytes": 17}, {"reset_after_bytes": 0},
          {"reset_after_bytes": 30}, {"empty_response": True}, {"malformed_json": True},
          {"encode": "chunked"}, {"status": 502, "body": "<html>Bad Gateway</html>"},
          {"redirect_to": "http://127.0.0.1:1"}]
JOB = {"agent_id": "my-agent", "origin": "slack",
       "messages": [{"role": "user", "content": "Is the disk full?"}]}
WORLD = {"agents": [{"agent_id": "my-agent"}],
         "turns": [{"timeline": [{"status": "pending"}, {"status": "failed", "error": "no"}]}]}


class Recorder:
    """Sends requests over two connections in turn, and keeps what it sent and got."""

    def __init__(self, ready):
        self.ready, self.exchanges = ready, []
        where = urllib.parse.urlsplit(ready["base_url"])
        self.address = (where.hostname, where.port)
        self.sockets = [None, None]
        self.seen = {}  # number → entry of the journal

    def send(self, method, target, key, body=b"", *fields):
        bearer = [f"Authorization: Bearer {key}"] if key else []
        lines = [f"{method} {target} HTTP/1.1", "Host: localhost", "User-Agent: recorder/1.0",
                 *bearer, *fields]
        head = "".join(line + "\r\n" for line in lines)
        length = f"Content-Length: {len(body)}\r\n" if body or method in ("POST", "PUT") else ""
        reply = self.exchange(method, (head + length + "\r\n").encode() + body)
        self.exchanges.append({"head": (head + length + "\r\n").encode().decode("latin-1"),
                               "body": body.decode("latin-1"), "reply": reply})
        return reply

    def exchange(self, method, data):
        number = len(self.exchanges) % 2
        if self.sockets[number] is None:
            self.sockets[number] = socket.create_connection(self.address, timeout=60)
        connection, reply = self.sockets[number], http.client.HTTPResponse(
            self.sockets[number], method=method)
        connection.sendall(data)
        ending, body = "whole", b""
        try:
            reply.begin()
            body = reply.read()
        except http.client.IncompleteRead as error:
            ending, body = "truncated", error.partial
        except http.client.RemoteDisconnected:
            ending = "empty"
        except ConnectionResetError:
            ending = "reset"
        if ending != "whole" or reply.will_close:
            connection.close()
            self.sockets[number] = None
        if ending in ("empty", "reset"):
            return {"ending": ending}
        headers = sorted([name.lower(), value] for name, value in reply.getheaders()
                         if name.lower() not in UNSENT)
        if reply.chunked:  # a packing of the wire alone, in which the length is not said
            headers = sorted([*headers, ["content-length", str(len(body))]])
        return {"status": reply.status, "ending": ending, "headers": headers,
                "body": body.decode("latin-1")}

    def look(self):
        """Keeps what the journal says, before something forgets it."""
        head = (f"GET /__mock/journal?all=true HTTP/1.1\r\nHost: localhost\r\n"
                f"Authorization: Bearer {self.ready['control_token']}\r\n\r\n")
        journal = json.loads(self.exchange("GET", head.encode())["body"].encode("latin-1"))
        self.seen.update((entry["number"], entry) for entry in journal["entries"])

    def close(self):
        for connection in filter(None, self.sockets):
            connection.close()


class Client:
    """One key, and what it knows of its world."""

    def __init__(self, recorder, key, chance):
        self.recorder, self.key, self.chance = recorder, key, chance
        self.agents, self.jobs = ["no-agent"], ["job_nope"]
        self.messages, self.files, self.cursors = ["cmsg_nope"], ["att_nope"], [""]

    def call(self, method, path, body=None, *fields):
        """The reply's JSON, if it is one."""
        data = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        fields = fields or (("Content-Type: application/json",) if data else ())
        reply = self.recorder.send(method, path if path.startswith("/__mock") else API + path,
                                   self.key, data, *fields)
        try:
            return json.loads(reply["body"].encode("latin-1"))
        except (KeyError, ValueError):
            return {}

    def pick(self, things):
        return self.chance.choice(things)

    def known(self, things):
        """Mostly one that there is; the first one is none."""
        return self.pick(things[1:] if things[1:] and self.chance.random() < .9 else things[:1])

    def path(self, text):
        return urllib.parse.quote(text, safe="")

    def learn(self, answer):
        if isinstance(answer, dict):
            for name, known in (("job_id", self.jobs), ("message_id", self.messages),
                                ("attachment_id", self.files)):
                known += [answer[name]] if isinstance(answer.get(name), str) else []

    def look_around(self):
        agents = self.call("GET", "/agents")
        self.agents += [agent["agent_id"] for agent in agents if isinstance(agents, list)] or ["my-agent"]

    def start(self):
        body = {"agent_id": self.known(self.agents), "prompt": self.pick(PROMPTS)}
        if self.chance.random() < .2:
            body["attachment_ids"] = [self.known(self.files)]
        self.learn(self.call("POST", "/conversations/start", body))

    def go_on(self):
        self.learn(self.call("POST", f"/conversations/{self.known(self.jobs)}/continue",
                             {"prompt": self.pick(PROMPTS)}))

    def poll(self):
        message = self.messages[-1] if self.chance.random() < .7 else self.known(self.messages)
        self.call(self.pick(["GET"] * 9 + ["HEAD"]), f"/messages/{message}")

    def play_out(self, prompt):
        turn = self.call("POST", "/conversations/start", {"agent_id": self.agents[-1], "prompt": prompt})
        self.call("POST", "/__mock/clock", {"advance_ms": 60_000})
        self.call("GET", f"/messages/{turn.get('message_id')}")
        self.call("GET", f"/conversations/{turn.get('job_id')}/messages")

    def timeline(self):
        query = self.pick(["", "", "?limit=2", "?limit=1&offset=1", "?limit=x", "?unknown=1"])
        self.call("GET", f"/conversations/{self.known(self.jobs)}/messages{query}")

    def conversations(self):
        query = self.pick(["", "?limit=1", "?status=completed", "?status=bad", "?offset=-1",
                           "?sort=updated_at_asc", "?updated_after=2026-04-12T00:00:00Z",
                           "?limit=2&cursor=" + self.path(self.known(self.cursors))])
        answer = self.call("GET", f"/agents/{self.path(self.known(self.agents))}/conversations{query}")
        if isinstance(answer, dict) and isinstance(answer.get("next_cursor"), str):
            self.cursors.append(answer["next_cursor"])

    def agent(self):
        name = f"agent-{self.chance.randrange(4)}"
        call = self.pick([("GET", "/agents", None), ("GET", f"/agents/{self.path(self.known(self.agents))}", None),
                          ("POST", "/agents", {"agent_id": name, "name": "Näme"}),
                          ("PATCH", f"/agents/{name}", {"description": self.pick(PROMPTS)}),
                          ("POST", f"/agents/{name}/deploy", None), ("DELETE", f"/agents/{name}", None),
                          ("GET", "/agents/acme%2Fops", None), ("GET", "/agents/acme/ops", None)])
        self.call(*call)

    def upload(self):
        content = bytes(self.chance.randrange(256) for _ in range(self.chance.choice([0, 1, 300])))
        body = (b'--xyz\r\nContent-Disposition: form-data; name="file"; filename="a.bin"\r\n'
                b"Content-Type: application/octet-stream\r\n\r\n" + content + b"\r\n--xyz--\r\n")
        self.learn(self.call("POST", "/attachments", body, "Content-Type: multipart/form-data; boundary=xyz"))
        self.call("GET", f"/attachments/{self.known(self.files)}")

    def nonsense(self):
        self.call(*self.pick([
            ("POST", "/conversations/start", b"{not json", "Content-Type: application/json"),
            ("POST", "/conversations/start", b'{"prompt": "\xff"}'),
            ("POST", "/conversations/start", {"agent_id": 3}), ("GET", "/nothing"),
            ("GET", API + "/agents"), ("PUT", "/agents", {}), ("GET", "/messages/%zz"),
            ("OPTIONS", "/agents"), ("GET", "/agents?a=%ff&b"), ("POST", "/attachments", b"none")]))

    def without_key(self):
        self.recorder.send("GET", API + "/agents", self.pick(["", "nr_revoked", "ccagent_1"]))

    def control(self):
        self.call(*self.pick([
            ("GET", "/__mock/journal"), ("GET", "/__mock/verdicts"), ("GET", "/__mock/unmatched"),
            ("POST", "/__mock/clock", {"advance_ms": self.chance.choice([100, 2000, 60_000])}),
            ("POST", "/__mock/clock", {"advance_ms": 5000}), ("POST", "/__mock/jobs", JOB),
            ("POST", "/__mock/faults", {"at": "any", "times": 1, "do": self.pick(FAULTS)}),
            ("POST", "/__mock/faults", {"at": "any", "times": 1, "do": self.pick(FAULTS)}),
            ("POST", "/__mock/faults", {"at": "nothing", "do": {}}), ("GET", "/__mock/nothing"),
            ("PUT", "/__mock/world", {"agents": 3}), ("GET", "/__mock/openapi.json")]))

    def act(self):
        weighed = [(self.start, 3), (self.go_on, 2), (self.poll, 8), (self.timeline, 3),
                   (self.conversations, 2), (self.agent, 2), (self.upload, 1), (self.nonsense, 1),
                   (self.without_key, 1), (self.control, 3)]
        self.pick([act for act, weight in weighed for _ in range(weight)])()


def play(recorder, count, seed, prompts):
    """Each of the prompts, then `count` acts of three keys, and what the fake says of each in the end."""
    chance = random.Random(seed)
    clients = [Client(recorder, f"nr_identity{number}", chance) for number in range(3)]
    for client in clients:
        client.look_around()
    for prompt in prompts:
        clients[0].play_out(prompt)
    for client, _ in zip(itertools.cycle(clients), range(count)):
        client.act()
    for client in clients:
        client.call("GET", "/__mock/journal")
        client.call("GET", "/__mock/verdicts")
    recorder.look()
    clients[0].call("PUT", "/__mock/world", WORLD)
    for client in clients:
        for _ in range(12):
            client.act()
    clients[1].call("POST", "/__mock/revoke")
    clients[1].act()
    recorder.look()
    clients[1].call("POST", "/__mock/reset")
    clients[1].act()
    for report in ("journal", "verdicts"):
        recorder.send("GET", f"/__mock/{report}?all=true", recorder.ready["control_token"])
    recorder.look()


def say_when(recorder):
    """Adds when and over which connection each request came. The control API, which is in no
    journal, was called right after what stands before it."""
    numbers, seen = itertools.count(1), {"received_us": 1, "connection": 1}
    for exchange in recorder.exchanges:
        if " /__mock" not in exchange["head"].partition("\r\n")[0]:
            seen = recorder.seen[next(numbers)]
        exchange.update(received_us=seen["received_us"], connection=seen["connection"])


def options_of(run):
    return [text for name, value in run["options"].items() for text in (f"--{name}", str(value))]


def record(program, run, count):
    with tempfile.TemporaryDirectory() as folder:
        return record_in(folder, program, run, count)


def record_in(folder, program, run, count):
    world = run["world"]
    if not isinstance(world, str):
        file, world = pathlib.Path(folder, "world.json"), json.dumps(world)
        file.write_text(world)
    command = [program, "serve", "--port", "0", "--log", "none", "--with-parent", "--judge", "warn",
               "--world", world if world.startswith("builtin:") else file, *options_of(run)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        recorder = Recorder(json.loads(process.stdout.readline()))
        try:
            play(recorder, count, run["options"]["seed"], run.get("prompts", []))
            say_when(recorder)
        finally:
            recorder.close()
            process.terminate()
    options = {**run["options"], "judge": True, "control_token": recorder.ready["control_token"]}
    return {"world": world, "options": options, "exchanges": recorder.exchanges}


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    program, file = sys.argv[1:]
    runs = [record(program, run, 250) for run in RUNS]
    pathlib.Path(file).write_text(json.dumps({"runs": runs}), encoding="ascii")
    exchanges = [exchange for run in runs for exchange in run["exchanges"]]
    endings = {exchange["reply"]["ending"] for exchange in exchanges}
    print(f"identity: {len(exchanges)} exchanges, which end {', '.join(sorted(endings))}")


if __name__ == "__main__":
    main()
