"""Services for a survey to meet: one that keeps a list of what it was asked, and bad ones."""
import http.server
import json
import pathlib
import socketserver
import sys
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "foreign"))

import server as foreign  # noqa: E402
import turns  # noqa: E402


class Running:
    """A server in a thread, as a context."""

    def __init__(self, server):
        self.server = server
        self.url = f"http://127.0.0.1:{server.server_address[1]}"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


class Foreign(Running):
    """tests/foreign/server.py; `asked` has each request: (method, path)."""

    def __init__(self, pace=turns.Pace()):
        self.asked = []
        super().__init__(foreign.Server(0, pace))
        this = self

        class Call(foreign.Call):
            def handle_any(self):
                this.asked.append((self.command, self.path.removeprefix(foreign.PREFIX)))
                this.before(self)
                super().handle_any()

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = handle_any

        self.server.RequestHandlerClass = Call
        self.states = self.server.states
        self.organization = self.server.organizations[foreign.seed.KEY]

    def before(self, call):
        """Tests put in here what is to happen before a request is answered."""

    def jobs(self):
        with self.organization.lock:
            return {job_id: json.dumps(job, default=str, sort_keys=True)
                    for job_id, job in self.organization.jobs.items()}

    def agents(self):
        with self.organization.lock:
            return json.dumps(self.organization.agents, sort_keys=True)


class Answers(Running):
    """Answers every request by `answer(handler)`: (status, headers, body)."""

    def __init__(self, answer):
        self.asked = []
        this = self

        class Call(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_any(self):
                self.rfile.read(int(self.headers.get("content-length", 0)))
                this.asked.append((self.command, self.path))
                status, headers, body = answer(self)
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(body)

            do_GET = do_POST = do_PUT = do_OPTIONS = do_HEAD = handle_any

            def log_message(self, *_):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Call)
        server.daemon_threads = True
        super().__init__(server)


class Silent(Running):
    """Takes connections and never answers."""

    def __init__(self):
        class Call(socketserver.BaseRequestHandler):
            def handle(self):
                while self.request.recv(1 << 16):
                    pass

        server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Call)
        server.daemon_threads = True
        super().__init__(server)
