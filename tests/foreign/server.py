"""A second implementation of the API, written from docs/REFERENCE.md alone.

    server.py --port 0 --states-file states.json

It keeps every statement graded [S], [D] or [C], and where REFERENCE says [A], or nothing, it does
something else than our fake, so that a judge who only recognizes the fake is found out:

  Basics: the scheme is compared with case, "bearer" is 401
  Basics: another organization's message answers 400
  Basics: unknown and foreign conversations and attachments answer 400
  Basics: unknown request fields are refused (400), and so are fields that come twice
  Basics: every object has additive fields, and its fields come in another order
  Errors: all texts differ but `job is not an API job`
  Errors: the key is checked before the route, the body before the ids of the path and the agent
  Errors: an ULID of more than 128 bits is well formed
  Errors: a wrong method and HEAD answer 404; a JSON body needs its content type
  start, continue: answer 202; null stands for an optional field left out
  start, continue: an eleventh attachment answers 404
  continue: a completed or abandoned conversation answers 404
  continue: a conversation in error stays so until the retry succeeds
  continue: ask_mode is over with its own prompt
  continue: a second prompt is played at once, beside the first
  messages: the timeline of a Slack, Discord or web job answers 400
  messages: progress has the status pending
  messages: the answer is listed a moment before its prompt is completed
  messages: an empty turn has an assistant message without content
  agent not deployed: what it is asked fails
  list: conversations of other origins are left out, `origin` is shown
  list: next_cursor is left out at the end; a walk keeps the page size and shows frozen statuses
  list: an empty parameter counts as none, but for status; any offset is good
  agents: slugs of new ones end in a number and may keep a slash; instances_count is required
  agents: a new one is deployed; a deleted one takes its conversations along
  agents: the text of a deploy is another, and the work behind it takes 100 ms
  attachments: upload answers 200; the limit is 50,000,000 bytes, beyond it 400
  attachments: a file without a name is called unnamed; names that are not UTF-8 are patched up
"""
import argparse
import json
import pathlib
import sys
import traceback
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import api
import seed
import turns
from organization import Refusal

PREFIX = "/api/public/v1"
MAX_BODY_BYTES = api.MAX_FILE_BYTES + 100_000  # a file and what multipart puts around it


class Call(BaseHTTPRequestHandler):
    """One request; the base class reads it, api.answer() decides."""
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # head and body of an answer leave together

    def handle_any(self):
        try:
            self.body = self.read_body()
            self.organization = self.organization_of_key()
            path, _, query = self.path.partition("?")
            self.path = path.removeprefix(PREFIX) if path.startswith(PREFIX) else ""
            self.query = dict(urllib.parse.parse_qsl(query, keep_blank_values=True))
            self.method = self.command
            self.all_organizations = self.server.organizations.values()
            self.reply(*api.answer(self))
        except Refusal as refusal:
            self.reply(refusal.status, {"error": str(refusal)})
        except ConnectionError:
            self.close_connection = True
        except Exception:
            traceback.print_exc()
            self.reply(500, {"error": "that was our mistake"})

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = handle_any

    def read_body(self):
        if "transfer-encoding" in self.headers:
            self.close_connection = True
            raise Refusal(400, "the length of the body has to be told beforehand")
        length = self.headers.get("content-length", "0")
        if not length.isdecimal():
            self.close_connection = True
            raise Refusal(400, "content-length has to be a number")
        if int(length) <= MAX_BODY_BYTES:
            return self.rfile.read(int(length))
        left = min(int(length), 2 * MAX_BODY_BYTES)  # who is still sending does not read yet
        while left and (piece := self.rfile.read(min(left, 1 << 16))):
            left -= len(piece)
        self.close_connection = True
        raise Refusal(400, "the body is too large")

    def organization_of_key(self):
        scheme, _, key = self.headers.get("authorization", "").partition(" ")
        organization = self.server.organizations.get(key.strip())
        if scheme != "Bearer" or not organization:
            raise Refusal(401, "who are you?")
        return organization

    def reply(self, status, body=None):
        text = b"" if body is None else json.dumps(body, ensure_ascii=False).encode(errors="replace")
        self.send_response(status)
        if body is not None:
            self.send_header("Content-Type", "application/json; charset=utf-8")
        if self.close_connection:
            self.send_header("Connection", "close")
        if status != 204:
            self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(text)
        self.wfile.flush()

    def send_error(self, code, message=None, explain=None):
        """What the base class refuses by itself is an error of the API as well."""
        self.close_connection = True
        self.command = getattr(self, "command", None) or "GET"
        self.reply(404 if code == 501 else 400, {"error": "this request makes no sense"})

    def log_message(self, *_):
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port=0, pace=turns.Pace()):
        self.organizations, self.states = seed.seeded(pace)
        super().__init__(("127.0.0.1", port), Call)

    @property
    def base_url(self):
        return f"http://127.0.0.1:{self.server_port}{PREFIX}"


def main():
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--port", type=int, default=0, help="0: a free one")
    options.add_argument("--states-file", type=pathlib.Path, help="where to write what can be tested")
    options.add_argument("--queued-ms", type=int, default=turns.Pace.queued_ms)
    options.add_argument("--pending-ms", type=int, default=turns.Pace.pending_ms)
    asked = options.parse_args()
    server = Server(asked.port, turns.Pace(asked.queued_ms, asked.pending_ms))
    if asked.states_file:
        asked.states_file.write_text(json.dumps(server.states, indent=2) + "\n")
    print(json.dumps({"base_url": server.base_url}), flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        sys.exit(0)


if __name__ == "__main__":
    main()
