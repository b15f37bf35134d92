#!/usr/bin/env python3
"""Four fakes behind a balancer that runs with our configuration:

    balanced.py NAIRI_MOCK haproxy|nginx PROGRAM FOLDER_OF_CONFIGURATIONS

Hundreds of keys each have a conversation. Each key is with one fake only, and gets the bytes that a
single fake gives it. One fake ends, while a reply of it is under way, and starts again: the keys of the
others notice nothing, and its own begin anew.
"""
import http.client
import json
import pathlib
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

KEYS = [f"nr_suite_{number}" for number in range(300)]
FAKES = 4
PATIENCE = 60.0  # seconds, for what only has to happen


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Caller:
    """Keeps one connection, as a test suite would."""

    def __init__(self, port):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)

    def ask(self, method, path, key=None, body=None):
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        self.connection.request(method, path, json.dumps(body) if body else None, headers)
        reply = self.connection.getresponse()
        return reply.status, reply.read()

    def api(self, method, path, key, body=None):
        return self.ask(method, "/api/public/v1" + path, key, body)


class Fake:
    def __init__(self, program, port=0):
        self.process = subprocess.Popen(
            [program, "serve", "--port", str(port), "--seed", "7", "--log", "none", "--drain", "30s",
             "--with-parent"],
            stdout=subprocess.PIPE, text=True)
        line = json.loads(self.process.stdout.readline())
        self.port = urllib.parse.urlsplit(line["base_url"]).port
        self.caller = Caller(self.port)

    def keys(self):
        return json.loads(self.caller.ask("GET", "/__mock/health")[1])["organizations"]

    def holds(self, key):
        return json.loads(self.caller.ask("GET", "/__mock/journal", key)[1])["entries"] != []

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE)


class Balancer:
    """Runs on the ports that there are, instead of those in the file."""

    COMMANDS = {"haproxy": ["-f", "{file}"], "nginx": ["-c", "{file}", "-p", "{folder}",
                                                       "-g", "daemon off; pid {folder}/pid;"]}
    FILES = {"haproxy": "haproxy.cfg", "nginx": "nginx.conf"}

    def __init__(self, name, program, configurations, fakes):
        self.folder = tempfile.TemporaryDirectory()
        self.port = free_port()
        ports = {4700: self.port, **{4741 + i: fake.port for i, fake in enumerate(fakes)}}
        text = (pathlib.Path(configurations) / self.FILES[name]).read_text()
        text, replaced = re.subn(r"127\.0\.0\.1:(\d+)",
                                 lambda match: f"127.0.0.1:{ports[int(match[1])]}", text)
        assert replaced == 1 + len(fakes), f"{replaced} addresses in {self.FILES[name]}"
        file = pathlib.Path(self.folder.name) / "configuration"
        file.write_text(text)
        self.process = subprocess.Popen(
            [program, *(word.format(file=file, folder=self.folder.name)
                        for word in self.COMMANDS[name])], stdin=subprocess.DEVNULL)

    def is_there(self):
        assert self.process.poll() is None, "the balancer ended"
        try:
            return Caller(self.port).ask("GET", "/__mock/health")[0] == 200
        except OSError:
            return False

    def end(self):
        self.process.terminate()
        self.process.wait(PATIENCE)
        self.folder.cleanup()


def wait_until(happened, what):
    end = time.monotonic() + PATIENCE
    pause = threading.Event()
    while not happened():
        assert time.monotonic() < end, f"in {PATIENCE} s it did not come so far that {what}"
        pause.wait(0.02)


class Conversation:
    """What a key asks for, and what it was answered."""

    def __init__(self, key):
        self.key, self.answers = key, []

    def add(self, answer):
        assert answer[0] == 200, f"{self.key} got {answer[0]}: {answer[1]}"
        self.answers.append(answer[1])
        return json.loads(answer[1])

    def begin(self, caller):
        turn = self.add(caller.api("POST", "/conversations/start", self.key,
                                   {"agent_id": "my-agent", "prompt": f"I am {self.key}"}))
        self.message, self.job = turn["message_id"], turn["job_id"]
        self.go_on(caller)
        return self

    def go_on(self, caller):
        self.add(caller.api("GET", f"/messages/{self.message}", self.key))
        self.add(caller.api("GET", f"/conversations/{self.job}/messages", self.key))


def same_as_alone(program, conversations, rounds):
    """Each key's bytes are those of a single fake."""
    fake = Fake(program)
    for key, conversation in conversations.items():
        alone = Conversation(key).begin(fake.caller)
        for _ in range(rounds):
            alone.go_on(fake.caller)
        assert alone.answers == conversation.answers, f"{key}: the bytes differ from those alone"
    assert fake.end() == 0


def end_with_a_reply_under_way(balancer, fake, key):
    """The reply arrives whole although the fake is told to end before it is sent."""
    faults = {"at": "agents", "do": {"delay_ms": 1500}}
    armed = fake.caller.ask("POST", "/__mock/faults", key, faults)
    assert armed[0] == 200, armed
    answers = []
    asking = threading.Thread(target=lambda: answers.append(
        Caller(balancer.port).api("GET", "/agents", key)))
    seen = len(json.loads(fake.caller.ask("GET", "/__mock/journal", key)[1])["entries"])
    asking.start()
    wait_until(lambda: len(json.loads(fake.caller.ask("GET", "/__mock/journal", key)[1])["entries"])
               > seen, "the delayed call arrived")
    assert fake.end() == 0
    asking.join()
    assert answers and answers[0][0] == 200 and json.loads(answers[0][1]), answers


def main():
    program, name, balancer_program, configurations = sys.argv[1:]
    fakes = [Fake(program) for _ in range(FAKES)]
    balancer = Balancer(name, balancer_program, configurations, fakes)
    try:
        play(program, name, fakes, balancer)
    finally:
        balancer.end()  # the fakes end with this program


def play(program, name, fakes, balancer):
    wait_until(balancer.is_there, "the balancer answers")
    caller = Caller(balancer.port)
    conversations = {key: Conversation(key).begin(caller) for key in KEYS}

    counts = [fake.keys() for fake in fakes]
    assert sum(counts) == len(KEYS) and min(counts) > 0, f"keys are held so: {counts}"
    left, port = fakes[1], fakes[1].port
    moved = [key for key in KEYS if left.holds(key)]
    others = [key for key in KEYS if key not in moved]
    assert len(moved) == counts[1], "the journals tell of other keys than the fake holds"

    end_with_a_reply_under_way(balancer, left, moved[0])
    for key in others:
        conversations[key].go_on(caller)

    fakes[1] = again = Fake(program, port)
    # What this one learns is what its keys ask for: their runs begin anew.
    def is_back():
        caller.api("GET", "/agents", moved[0])
        return again.holds(moved[0])
    wait_until(is_back, "the fake has its keys again")
    for key in others:
        conversations[key].go_on(caller)
    for key in moved[1:]:
        conversations[key] = Conversation(key).begin(caller)
    assert again.keys() == len(moved), f"{again.keys()} keys, {len(moved)} are its own"

    same_as_alone(program, {key: conversations[key] for key in others}, rounds=2)
    same_as_alone(program, {key: conversations[key] for key in moved[1:]}, rounds=0)
    for fake in fakes:
        assert fake.end() == 0
    print(f"{len(KEYS)} keys on {FAKES} fakes behind {name}: {counts}; {len(moved)} began anew")


if __name__ == "__main__":
    main()
