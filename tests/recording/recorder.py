"""A small recorder for tests: a proxy that writes traffic.jsonl, and what it takes to compare two of them.

It stands between a client and a server, counts the exchanges, and can do something before each, such as
moving a clock or answering in the server's place.
"""
import base64
import datetime
import http.client
import json
import pathlib
import re
import ssl
import threading
import time
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PREFIX = "/api/public/v1"
KEPT = ("content-type", "retry-after", "date", "content-length")


def now_text():
    return datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def body_of(data):
    try:
        return {"text": data.decode(), "bytes": len(data)}
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(data).decode(), "bytes": len(data)}


class Call(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def handle_any(self):
        recorder = self.server
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        number = recorder.begin()
        began, at = recorder.now_us(), now_text()
        answer = recorder.fault(number, self) or self.forward(body)
        status, headers, data, ending, announced = answer
        # Before the client knows, so that whatever it does next comes behind.
        recorder.write(self, number, began, at, body, answer)
        self.pass_on(status, headers, data, ending, announced)

    do_GET = do_POST = do_PATCH = do_DELETE = do_PUT = do_HEAD = handle_any

    def forward(self, body):
        to = urllib.parse.urlsplit(self.server.upstream)
        connection = http.client.HTTPConnection(to.hostname, to.port, timeout=30)
        headers = {name: value for name, value in self.headers.items()
                   if name.lower() not in ("host", "connection", "accept-encoding")}
        try:
            connection.request(self.command, self.path, body or None, headers)
            reply = connection.getresponse()
        except (ConnectionResetError, http.client.RemoteDisconnected) as error:
            reset = isinstance(error, ConnectionResetError) and not isinstance(error, http.client.RemoteDisconnected)
            return 0, [], b"", "reset" if reset else "none", 0
        announced = int(reply.headers.get("content-length", 0))
        try:
            data, ending = reply.read(), "whole"
        except http.client.IncompleteRead as cut:
            data, ending = cut.partial, "cut"
        except ConnectionResetError:
            data, ending = b"", "reset"
        connection.close()
        return reply.status, list(reply.headers.items()), data, ending, announced

    def pass_on(self, status, headers, data, ending, announced):
        self.close_connection = self.close_connection or ending != "whole"
        if status:
            self.send_response_only(status)
            for name, value in headers:
                if name.lower() in ("content-type", "retry-after", "date"):
                    self.send_header(name, value)
            self.send_header("Content-Length", str(announced if ending != "whole" else len(data)))
            if self.close_connection:
                self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(data)
            self.wfile.flush()

    def log_message(self, *_):
        pass


class Recorder(ThreadingHTTPServer):
    """Writes FOLDER/traffic.jsonl while it is used in a with statement."""
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, upstream, folder, fault=None, before=None, certificate=None):
        super().__init__(("127.0.0.1", 0), Call)
        self.scheme = "https" if certificate else "http"
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self.socket = context.wrap_socket(self.socket, server_side=True)
        self.upstream, self.fault_of, self.before = upstream, fault, before
        self.lock, self.keys, self.count, self.zero = threading.Lock(), {}, 0, time.monotonic_ns()
        folder.mkdir(parents=True, exist_ok=True)
        self.file = open(folder / "traffic.jsonl", "w", encoding="utf-8")
        self.put({"recording": 1, "target": upstream + PREFIX, "at": now_text(), "by": "recorder.py"})

    @property
    def base_url(self):
        return f"{self.scheme}://127.0.0.1:{self.server_port}{PREFIX}"

    def __enter__(self):
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.shutdown()
        self.server_close()
        self.file.close()

    def now_us(self):
        return (time.monotonic_ns() - self.zero) // 1000

    def begin(self):
        with self.lock:
            self.count += 1
            if self.before:
                self.before(self.count)
            return self.count

    def fault(self, number, call):
        return self.fault_of(number, call) if self.fault_of else None

    def put(self, line):
        self.file.write(json.dumps(line, ensure_ascii=False) + "\n")
        self.file.flush()

    def write(self, call, number, began, at, body, answer):
        status, headers, data, ending, _ = answer
        token = call.headers.get("authorization", "").partition(" ")[2]
        with self.lock:
            key = self.keys.setdefault(token, f"key-{len(self.keys) + 1}") if token else ""
            kept = [[name.lower(), value] for name, value in headers if name.lower() in KEPT]
            asked = [[name.lower(), value] for name, value in call.headers.items() if name.lower() in KEPT]
            self.put({"number": number, "key": key, "connection": 1, "at": at, "began_us": began,
                      "ended_us": self.now_us(),
                      "request": {"method": call.command, "target": call.path.removeprefix(PREFIX),
                                  "headers": asked, "body": body_of(body)},
                      "reply": {"status": status, "headers": kept, "body": body_of(data)}, "ending": ending})


# -- What a client was told, without what differs from run to run -------------------------------------
ID = re.compile(r"\b(?:cci|job|j|cmsg|att)_[0-7][0-9A-HJKMNP-TV-Z]{25}\b")
SHOWN = ("role", "status", "content", "attachment_ids", "cost_usd", "input_tokens", "output_tokens",
         "cache_read_tokens", "cache_write_tokens", "model", "progress_type", "tool_use_id",
         "parent_tool_use_id", "tool_name", "tool_status")


def read_traffic(folder):
    lines = (folder / "traffic.jsonl").read_text(encoding="utf-8").splitlines()
    return sorted((json.loads(line) for line in lines[1:]), key=lambda exchange: exchange["number"])


class Names:
    """Ids become job#1, cmsg#2, … in the order in which they are seen."""

    def __init__(self):
        self.names = {}

    def plain(self, text):
        def name(found):
            prefix = found[0].partition("_")[0]
            return self.names.setdefault(found[0], f"{prefix}#{len(self.names) + 1}")
        return ID.sub(name, text)


def shown_message(message):
    told = {key: message[key] for key in SHOWN if key in message}
    if message.get("role") == "progress":
        told.pop("status")  # what it is differs from service to service
        try:
            told["content"] = json.dumps(json.loads(message["content"]), sort_keys=True)
        except ValueError:
            pass
    return told


def shown_body(reply):
    text = reply["body"].get("text", "")
    try:
        value = json.loads(text)
    except ValueError:
        is_json = any(name == "content-type" and "json" in value for name, value in reply["headers"])
        return "no JSON" if is_json else text
    if reply["status"] >= 400:
        return value
    if isinstance(value, dict) and "messages" in value:
        return [shown_message(message) for message in value["messages"]]
    if isinstance(value, dict) and "role" in value:
        return shown_message(value)
    if isinstance(value, dict) and "conversations" in value:
        return [{key: job[key] for key in ("id", "status")} for job in value["conversations"]]
    if isinstance(value, list):
        return [agent.get("agent_id") for agent in value]
    return {key: value[key] for key in ("job_id", "message_id", "attachment_id", "filename", "data") if key in value}


def told(folder, collapse=False):
    """The sequence of what was asked and answered. `collapse`: a poll that told nothing new counts once."""
    names, sequence = Names(), []
    for exchange in read_traffic(folder):
        asked, reply = exchange["request"], exchange["reply"]
        status = "2xx" if 200 <= reply["status"] < 300 else reply["status"]
        whole = exchange["ending"] == "whole"
        retry = [value for name, value in reply["headers"] if name == "retry-after" and value.isdigit()]
        one = [f"{asked['method']} {names.plain(asked['target'])}", status if whole else exchange["ending"], retry,
               names.plain(json.dumps(shown_body(reply), sort_keys=True)) if whole else ""]
        if not collapse or one not in sequence[-2:]:
            sequence.append(one)
    return sequence


def first_difference(recorded, replayed):
    """None when they are the same."""
    for place in range(max(len(recorded), len(replayed))):
        was = recorded[place] if place < len(recorded) else "nothing"
        now = replayed[place] if place < len(replayed) else "nothing"
        if was != now:
            where = next((i for i, (one, other) in enumerate(zip(str(was), str(now))) if one != other), 0)
            begin = max(0, where - 200)
            return (f"exchange {place + 1} of {len(recorded)}:\n  recorded {str(was)[begin:where + 300]}\n"
                    f"  replayed {str(now)[begin:where + 300]}")
    return None
