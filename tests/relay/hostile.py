"""nairi-contract record before a service that behaves badly: the client sees what the service sent, and what was
written loads: in drift, and as a world.

    hostile.py path/to/nairi-contract path/to/nairi-mock
"""
import json
import pathlib
import signal
import socket
import socketserver
import struct
import subprocess
import sys
import tempfile
import threading
import unittest
import urllib.parse

CONTRACT, MOCK = sys.argv[1:3]
del sys.argv[1:3]
JOB, PROMPT = "job_01KRK1V46BXS73CSNK2VR35NPJ", "cmsg_01KRK1V46BXS73CSNK2VR35NPK"
AT = "2026-04-12T18:45:12.000Z"
START = ("POST", "/conversations/start", json.dumps({"agent_id": "helper", "prompt": "Hi"}))
POLL = ("GET", f"/messages/{PROMPT}", "")
TIMELINE = ("GET", f"/conversations/{JOB}/messages", "")


def http(status, body, *fields, length=None):
    head = [f"HTTP/1.1 {status}", *fields, f"Content-Length: {len(body) if length is None else length}"]
    return "\r\n".join([*head, "", body]).encode()


def good(value):
    return http("200 OK", json.dumps(value), "content-type: application/json")


def message(status):
    return {"id": PROMPT, "role": "user", "content": "Hi", "status": status, "created_at": AT, "job_id": JOB}


HTML = "<html><body>Bad gateway</body></html>"
STARTED = good({"job_id": JOB, "message_id": PROMPT})
PENDING = good(message("pending"))
# What is asked, what the service sends, what it does then, and how the recording calls that.
EXCHANGES = [
    (START, http("429 Too Many Requests", '{"error":"slow down"}', "Content-Type: application/json", "Retry-After: 1"),
     "close", "whole"),
    (START, STARTED, "close", "whole"),
    (POLL, http("502 Bad Gateway", HTML, "Content-Type: text/html"), "close", "whole"),
    (POLL, http("200 OK", HTML, "Content-Type: text/html"), "close", "whole"),
    (POLL, b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + PENDING, "close", "whole"),
    (POLL, http("429 Too Many Requests", "", "retry-after: Wed, 21 Oct 2026 07:28:00 GMT"), "close", "whole"),
    (POLL, PENDING[:40], "stall", "abandoned"),
    (POLL, PENDING[:-9], "close", "cut"),
    (POLL, PENDING[:-9], "reset", "reset"),
    (POLL, b"", "reset", "reset"),
    (POLL, b"", "close", "cut"),
    (POLL, b"SSH-2.0-OpenSSH_9.2\r\n", "close", "cut"),
    (POLL, http("200 OK", '{"id":', "content-type: application/json"), "close", "whole"),
    (POLL, http("200 OK", json.dumps([[["deep"]]] * 9), "content-type: application/json"), "close", "whole"),
    (POLL, http("500 Internal Server Error", "", "X-Odd: \t\x01"), "close", "whole"),
    (POLL, good(message("completed")), "close", "whole"),
    (TIMELINE, good({"messages": [message("completed")]}), "close", "whole"),
]


def reset(connection):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


class Call(socketserver.StreamRequestHandler):
    def handle(self):
        size = 0
        while (line := self.rfile.readline().strip()):
            name, _, value = line.partition(b":")
            size = int(value) if name.lower() == b"content-length" else size
        self.rfile.read(size)
        _, sent, then, _ = self.server.script.pop(0)
        self.request.sendall(sent)
        if then == "stall":
            self.request.recv(1)  # until the client goes away
        elif then == "reset":
            # What was sent has to arrive before the reset, which would overtake it.
            self.server.seen.acquire()
            reset(self.request)


class Service(socketserver.ThreadingTCPServer):
    """Sends what its script says, an entry a request. `seen` is released when the client has all of a reply."""
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Call)
        self.script, self.seen = list(EXCHANGES), threading.Semaphore(0)

    def shutdown_request(self, request):
        request.close()  # a shutdown before it would come before the reset

    def __enter__(self):
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.shutdown()
        self.server_close()


def call(service, port, asked, sent, then):
    """All bytes that come, and how they end."""
    method, path, body = asked
    head = [f"{method} /api/public/v1{path} HTTP/1.1", "Host: 127.0.0.1", "Authorization: bearer nr_hostile",
            "Connection: close", "Content-Type: application/json", f"Content-Length: {len(body)}"]
    came = b""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as client:
        client.sendall("\r\n".join([*head, "", body]).encode())
        if then == "reset" and not sent:
            service.seen.release()
        while True:
            if then == "stall" and len(came) == len(sent):
                return came, "stalled"
            try:
                piece = client.recv(65536)
            except ConnectionResetError:
                return came, "reset"
            came += piece
            if then == "reset" and len(came) == len(sent):
                service.seen.release()
            if not piece:
                return came, "closed"


def call_all(service, port):
    return [call(service, port, asked, sent, then) for asked, sent, then, _ in EXCHANGES]


class Hostile(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.out = pathlib.Path(cls.folder.name, "recording")
        with Service() as service:
            cls.direct = call_all(service, service.server_address[1])
        with Service() as service:
            target = f"http://127.0.0.1:{service.server_address[1]}"
            recorder = subprocess.Popen([CONTRACT, "record", "--target", target, "--out", str(cls.out)],
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            port = urllib.parse.urlsplit(json.loads(recorder.stdout.readline())["base_url"]).port
            cls.through = call_all(service, port)
            recorder.send_signal(signal.SIGTERM)
            cls.said = recorder.communicate()[1]

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def recorded(self):
        lines = [json.loads(line) for line in pathlib.Path(self.out, "traffic.jsonl").read_text().splitlines()[1:]]
        return sorted(lines, key=lambda line: line["number"])

    def test_the_client_sees_what_the_service_sent(self):
        for exchange, direct, through in zip(EXCHANGES, self.direct, self.through):
            self.assertEqual(through, direct, exchange)
        self.assertEqual(self.direct[7][0], EXCHANGES[7][1])

    def test_each_exchange_is_recorded_with_its_ending(self):
        self.assertIn(f"{len(EXCHANGES)} exchanges were added", self.said)
        self.assertEqual([line["ending"] for line in self.recorded()], [ending for *_, ending in EXCHANGES])
        statuses = [line["reply"]["status"] for line in self.recorded()]
        self.assertEqual(statuses, [429, 200, 502, 200, 200, 429, 200, 200, 200, 0, 0, 0, 200, 200, 500, 200, 200])

    def test_drift_reads_the_recording(self):
        report = pathlib.Path(self.folder.name, "drift.json")
        ended = subprocess.run([CONTRACT, "drift", str(self.out), "--json", str(report)],
                               capture_output=True, text=True)
        self.assertEqual(ended.returncode, 1, ended.stdout + ended.stderr)  # a reply that is no JSON breaks a contract
        self.assertIn(f"{len(EXCHANGES)} exchanges", ended.stdout)
        json.loads(report.read_text())

    def test_the_world_loads_and_answers(self):
        world = str(self.out / "world.json")
        ended = subprocess.run([MOCK, "check", "--no-hints", world], capture_output=True, text=True)
        self.assertEqual(ended.returncode, 0, ended.stdout + ended.stderr)
        self.assertIn("1 turn script", ended.stdout)

    def test_the_scheme_of_the_key_is_kept_as_it_was_sent(self):
        headers = [dict(line["request"]["headers"])["authorization"] for line in self.recorded()]
        self.assertEqual(headers, ["bearer key-1"] * len(EXCHANGES))

    def test_the_scheme_settles_whether_its_case_matters(self):
        ledger = pathlib.Path(self.folder.name, "fidelity.json")
        subprocess.run([CONTRACT, "drift", str(self.out), "--ledger", str(ledger)], capture_output=True)
        self.assertIn('"scheme-case"', ledger.read_text())


if __name__ == "__main__":
    unittest.main()
