"""nairi-contract record: what it writes of secrets (nothing), and what is there after kill -9 (all that loads).

    record.py path/to/nairi-contract
"""
import base64
import contextlib
import gzip
import http.client
import http.server
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import threading
import unittest
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "support"))
from hidden import forms  # noqa: E402

PROGRAM = sys.argv.pop(1)
KILLS = 100
KILLS_EACH = 10
KEY = "nr_live_0123456789abcdef"

# Where a secret may be, each with one of its own.
SECRETS = {
    "key": KEY, "plain key": "plain-secret-0001", "api key header": "header-secret-0002",
    "cookie": "cookie-secret-0003", "set-cookie": "setcookie-secret-0004",
    "query": "query-secret-0005", "body": "body-secret-0006", "reply": "nr_reply_secret_0007",
    "agent": "ccagent_secret0008", "daemon": "eksecd_secret0009", "nairid": "nairid_secret0010",
    "basic": "basic-secret-0011", "token header": "token-secret-0012", "file": "file-secret-0013",
    "download": "download-secret-0014", "given": "cust-4242", "jwt": "eyJhbGciOi.eyJzdWIiOi.c2lnbmF0dXJl",
    "vault": "vault-secret-0015", "variable": "variable-secret-0016", "number": "1234500017",
    "list": "list-secret-0018", "pwd": "pwd-secret-0019", "phrase": "phrase-secret-0020",
    "form": "form-secret-0021", "raw file": "raw-secret-0022", "elsewhere": "elsewhere-secret-0023",
    "nested": "nested-secret-0024", "url": "url-secret-0025", "cut": "cut-secret-0026",
}


class Service(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def answer(self):
        size = int(self.headers.get("Content-Length") or 0)
        sent = self.rfile.read(size)
        if self.headers.get("Content-Encoding") == "gzip":
            sent = gzip.decompress(sent)
        body = {"echo": sent.decode("latin-1"), "token": SECRETS["body"],
                "text": f"use {SECRETS['reply']}, {KEY} or {base64.b64encode(b'x:' + KEY.encode()).decode()}",
                "path": self.path}
        if "/attachments" in self.path:
            body = {"filename": "a.txt", "data": base64.b64encode(SECRETS["download"].encode()).decode()}
        text = json.dumps(body).encode()
        if "/elsewhere" in self.path:
            text = b"{}"
        if "wide" in self.path:
            text = json.dumps({"echo": f"the key is {KEY}"}).encode("utf-16" if "mark" in self.path else "utf-16-le")
        if "att_raw" in self.path:
            text = SECRETS["raw file"].encode()
        self.send_response(200)
        if "packed" in self.path:
            self.send_header("Content-Encoding", "br")
        self.send_header("Content-Type", "application/json")
        self.send_header("Set-Cookie", f"sid={SECRETS['set-cookie']}; Path=/")
        self.send_header("X-Session-Token", SECRETS["token header"])
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    do_GET = do_POST = do_PUT = do_DELETE = answer

    def log_message(self, *words):
        pass


@contextlib.contextmanager
def service():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Service)
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # recorders are killed
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


class Recorder:
    def __init__(self, target, folder, *options):
        self.process = subprocess.Popen(
            [PROGRAM, "record", "--target", target, "--out", folder, *options],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env={**os.environ, "NAIRI_API_KEY": SECRETS["plain key"]})
        line = self.process.stdout.readline()
        if not line:
            raise AssertionError(self.process.stderr.read())
        self.url = json.loads(line)["base_url"]

    def call(self, method, path, body=None, headers=None):
        url = urllib.parse.urlsplit(self.url)
        connection = http.client.HTTPConnection(url.hostname, url.port)
        connection.request(method, url.path + path, body, headers or {"Authorization": f"Bearer {KEY}"})
        reply = connection.getresponse()
        text = reply.read()
        connection.close()
        return reply.status, text

    def end(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        out, err = self.process.communicate()
        return out + err


def exchanges(folder):
    """The whole lines of traffic.jsonl, after its head; a line that is cut off is left out."""
    lines = pathlib.Path(folder, "traffic.jsonl").read_bytes().split(b"\n")[:-1]
    head, *rest = [json.loads(line) for line in lines]
    assert head["recording"] == 1, head
    return rest


class Secrets(unittest.TestCase):
    def make_calls(self, recorder):
        basic = base64.b64encode(f"me:{SECRETS['basic']}".encode()).decode()
        call = recorder.call
        call("GET", "/agents")
        call("GET", "/agents", headers={"Authorization": f"bearer {SECRETS['plain key']}"})
        call("GET", "/agents", headers={"Authorization": f"Basic {basic}"})
        call("GET", "/agents", headers={"X-Api-Key": SECRETS["api key header"],
                                        "Cookie": f"a=1; sid={SECRETS['cookie']}"})
        encoded = "".join(f"%{byte:02X}" for byte in KEY.encode())
        call("GET", f"/agents/{encoded}?api_key={SECRETS['query']}&x={KEY}")
        text = " ".join(SECRETS[name] for name in ("agent", "daemon", "nairid", "given", "jwt", "plain key",
                                                   "basic", "cookie", "api key header"))
        escaped = "".join(f"\\u{byte:04x}" for byte in KEY.encode())
        call("POST", "/conversations/start",
             '{"prompt":"%s %s %s","password":"%s"}' % (text, escaped, KEY.encode().hex(), SECRETS["body"]),
             {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"})
        form = (f'--x\r\nContent-Disposition: form-data; name="file"; filename="{KEY}.txt"\r\n'
                f'Content-Type: text/plain\r\n\r\n{SECRETS["file"]}\r\n--x--\r\n')
        call("POST", "/attachments", form, {"Authorization": f"Bearer {KEY}",
                                            "Content-Type": "multipart/form-data; boundary=x"})
        call("GET", "/attachments/att_1")
        self.make_further_calls(call)

    @staticmethod
    def make_further_calls(call):
        head = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
        call("POST", "/conversations/start", gzip.compress(json.dumps({"prompt": f"my {KEY}"}).encode()),
             {**head, "Content-Encoding": "gzip"})
        wide = KEY.encode("utf-16-le")
        call("POST", "/conversations/start", json.dumps(
            {"prompt": wide.decode("latin-1"), "packed": base64.b64encode(wide).decode(),
             "twice": base64.b64encode(base64.b64encode(b"me:" + KEY.encode())).decode()}), head)
        call("GET", "/wide")
        call("GET", "/wide-mark")
        call("POST", "/vaults/vlt_1/secrets", json.dumps({"env_key": "A", "value": SECRETS["vault"]}), head)
        call("POST", "/agents/helper/env-vars", json.dumps({"key": "A", "value": SECRETS["variable"]}), head)
        call("POST", "/conversations/start", json.dumps(
            {"password": int(SECRETS["number"]), "tokens": [{"x": SECRETS["list"]}], "pwd": SECRETS["pwd"],
             "passphrase": SECRETS["phrase"], "prompt": json.dumps({"token": SECRETS["nested"]}),
             "url": f"https://me:{SECRETS['url']}@example.org/"}), head)
        call("POST", "/conversations/start", f"pwd={SECRETS['form']}&a=b", head)
        call("POST", "/conversations/start", f'{{"password":"{SECRETS["cut"]}', head)
        call("GET", "/attachments/att_raw")
        call("POST", "/elsewhere", f'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
             f'{SECRETS["elsewhere"]}\r\n--x--\r\n',
             {**head, "Content-Type": "multipart/form-data; boundary=x"})

    def test_are_in_no_file_and_no_output(self):
        with service() as target, tempfile.TemporaryDirectory() as folder:
            recorder = Recorder(target, folder, "--redact", "cust-[0-9]+")
            self.make_calls(recorder)
            printed = recorder.end()
            self.assertEqual(len(exchanges(folder)), 19)
            kept = {str(path): path.read_bytes() for path in pathlib.Path(folder).rglob("*") if path.is_file()}
            kept["printed"] = printed.encode()
            self.assertGreaterEqual(len(kept), 3)
            for where, text in kept.items():
                for name, secret in SECRETS.items():
                    for form in forms(secret):
                        self.assertNotIn(form.lower(), text.lower(), f"{name} in {where}")

    def test_have_one_placeholder_each(self):
        with service() as target, tempfile.TemporaryDirectory() as folder:
            recorder = Recorder(target, folder)
            for key in (KEY, "nr_other", KEY):
                recorder.call("GET", "/agents", headers={"Authorization": f"Bearer {key}"})
            recorder.call("GET", "/agents", headers={"Accept": "*/*"})
            recorder.end()
            first, other, again, none = [it["key"] for it in exchanges(folder)]
            self.assertEqual((first, again, none), ("key-2", "key-2", ""))  # key-1 is NAIRI_API_KEY
            self.assertRegex(other, "^key-[0-9]+$")
            self.assertNotEqual(other, first)

    def test_contents_of_files_are_kept_where_asked_for(self):
        with service() as target, tempfile.TemporaryDirectory() as folder:
            recorder = Recorder(target, folder, "--with-files")
            recorder.call("GET", "/attachments/att_1")
            recorder.end()
            self.assertIn(base64.b64encode(SECRETS["download"].encode()).decode(),
                          exchanges(folder)[0]["reply"]["body"]["text"])


    def test_in_a_kept_file_leave_the_file_out(self):
        with service() as target, tempfile.TemporaryDirectory() as folder:
            recorder = Recorder(target, folder, "--with-files", "--redact", "download-[a-z]+")
            recorder.call("GET", "/attachments/att_1")
            recorder.end()
            body = exchanges(folder)[0]["reply"]["body"]
            self.assertEqual((json.loads(body["text"])["data"], body["left_out"]), ("", True))

    def test_are_looked_for_in_what_can_be_unpacked_alone(self):
        with service() as target, tempfile.TemporaryDirectory() as folder:
            recorder = Recorder(target, folder)
            head = {"Authorization": f"Bearer {KEY}", "Accept-Encoding": "br, gzip;q=0.5, zstd"}
            recorder.call("GET", "/agents", headers=head)
            recorder.call("GET", "/agents/packed", headers={**head, "Accept-Encoding": "br"})
            printed = recorder.end()
            plain, packed = exchanges(folder)
            self.assertEqual([dict(it["request"]["headers"])["accept-encoding"] for it in (plain, packed)],
                             ["gzip;q=0.5", "identity"])
            self.assertTrue(packed["reply"]["body"]["left_out"])
            self.assertIn("1 of the replies came in a coding that can't be unpacked", printed)
            drift = subprocess.run([PROGRAM, "drift", folder], capture_output=True, text=True)
            self.assertIn("the body was not kept", drift.stdout + drift.stderr)


class Killed(unittest.TestCase):
    """Each recording is gone on with a few times: what a kill left is taken up by the next."""

    def test_leaves_what_loads(self):
        with service() as target:
            for first in range(0, KILLS, KILLS_EACH):
                with tempfile.TemporaryDirectory() as folder:
                    self.kill_often(target, folder, range(first, first + KILLS_EACH))

    def kill_often(self, target, folder, turns):
        before = 0
        for turn in turns:
            recorder = Recorder(target, folder)
            calls = [threading.Thread(target=self.call_until_the_end, args=(recorder,)) for _ in range(2)]
            for call in calls:
                call.start()
            for _ in range(turn % 4):
                recorder.call("GET", "/agents")
            recorder.end(signal.SIGKILL)
            for call in calls:
                call.join()
            now = exchanges(folder)
            self.assertGreaterEqual(len(now), before)
            numbers = [it["number"] for it in now]
            self.assertEqual(len(set(numbers)), len(numbers))
            json.loads(pathlib.Path(folder, "world.json").read_text())
            before = len(now)
        last = Recorder(target, folder)
        last.call("GET", "/agents")
        last.end()
        self.assertEqual(len(exchanges(folder)), before + 1)

    @staticmethod
    def call_until_the_end(recorder):
        with contextlib.suppress(OSError, http.client.HTTPException):
            while True:
                recorder.call("POST", "/conversations/start", json.dumps({"prompt": "x" * 2000}))


class Commands(unittest.TestCase):
    def record(self, target, folder, *words):
        return subprocess.run([PROGRAM, "record", "--target", target, "--out", folder, *words],
                              capture_output=True, text=True, env={**os.environ, "NAIRI_API_KEY": KEY})

    def record_anew(self, *command):
        with service() as target, tempfile.TemporaryDirectory() as folder:
            return self.record(target, folder, "--", *command)

    def test_find_the_recorder_and_the_users_key(self):
        with service() as target, tempfile.TemporaryDirectory() as folder:
            code = ("import os, urllib.request as r\n"
                    "q = r.Request(os.environ['NAIRI_BASE_URL'] + '/agents',\n"
                    "              headers={'Authorization': 'Bearer ' + os.environ['NAIRI_API_KEY']})\n"
                    "r.urlopen(q).read()\nraise SystemExit(7)")
            ended = self.record(target, folder, "--", sys.executable, "-c", code)
            self.assertEqual((ended.returncode, ended.stdout), (7, ""), ended.stderr)
            self.assertIn("1 exchange was added", ended.stderr)
            self.assertNotIn("called nothing", ended.stderr)
            [exchange] = exchanges(folder)
            self.assertEqual((exchange["key"], exchange["request"]["target"]), ("key-1", "/agents"))

    def test_that_do_not_come_to_the_recorder_are_told_what_to_ask(self):
        ended = self.record_anew("true")
        self.assertEqual(ended.returncode, 0)
        self.assertIn("0 exchanges were added", ended.stderr)
        self.assertIn("true called nothing: it has to ask NAIRI_BASE_URL", ended.stderr)

    def test_that_are_not_there_are_said(self):
        ended = self.record_anew("/no/such/program")
        self.assertEqual(ended.returncode, 127)
        self.assertIn('can\'t run "/no/such/program"', ended.stderr)
        self.assertNotIn("called nothing", ended.stderr)

    def test_of_another_service_do_not_go_on_with_a_recording(self):
        with service() as target, service() as other, tempfile.TemporaryDirectory() as folder:
            self.assertEqual(self.record(target, folder, "--", "true").returncode, 0)
            ended = self.record(other, folder, "--", "true")
            self.assertEqual(ended.returncode, 2)
            self.assertIn("choose another --out", ended.stderr)

    def test_share_no_folder(self):
        with service() as target, tempfile.TemporaryDirectory() as folder:
            first = Recorder(target, folder)
            ended = self.record(target, folder, "--", "true")
            first.end()
            self.assertEqual(ended.returncode, 2)
            self.assertIn("another recorder", ended.stderr)


if __name__ == "__main__":
    unittest.main()
