"""Pages as files: nairi-mock --report and nairi-contract --html.

    report.py path/to/nairi-mock path/to/nairi-contract folder/with/recordings
"""
import base64
import hashlib
import html.parser
import http.client
import http.server
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import unittest
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "support"))
from hidden import forms  # noqa: E402

MOCK, CONTRACT, RECORDINGS = sys.argv[1:4]
del sys.argv[1:4]
MOST = 16 * 1024 * 1024
KEY = "nr_live_0123456789abcdef"
HOSTILE = '</script><script>alert(1)</script><!-- <img src=x onerror=alert(1)> {{data}} /*{{view.js}}*/ \u2028 "\\'


class Page(html.parser.HTMLParser):
    """What a browser makes of a file: its elements, their attributes, and what stands in them."""

    def __init__(self, path):
        super().__init__(convert_charrefs=True)
        self.text = pathlib.Path(path).read_text(encoding="utf-8")
        self.elements = []  # [name, attributes, text]
        self.feed(self.text)
        self.close()
        self.data = json.loads(self.only("script", id="data"))

    def handle_starttag(self, tag, attrs):
        self.elements.append([tag, dict(attrs), ""])

    def handle_endtag(self, tag):
        self.elements.append(["/" + tag, {}, ""])  # what follows is not its text

    def handle_data(self, data):
        if self.elements:
            self.elements[-1][2] += data

    def all(self, tag, **attributes):
        return [text for name, has, text in self.elements
                if name == tag and all(has.get(key) == value for key, value in attributes.items())]

    def only(self, tag, **attributes):
        found = self.all(tag, **attributes)
        assert len(found) == 1, f"{len(found)} of {tag} {attributes}"
        return found[0]

    def run(self, name):
        found = [run for run in self.data["runs"] if run["name"] == name]
        assert len(found) == 1, [run["name"] for run in self.data["runs"]]
        return found[0]


def run(program, *words, **options):
    return subprocess.run([program, *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, timeout=250, **options)


def call(base_url, method, path, body=None, key=KEY, headers=None):
    url = urllib.parse.urlsplit(base_url)
    connection = http.client.HTTPConnection(url.hostname, url.port)
    try:
        connection.request(method, url.path + path, None if body is None else json.dumps(body),
                           {"Authorization": f"Bearer {key}", "Content-Type": "application/json", **(headers or {})})
        reply = connection.getresponse()
        return reply.status, reply.read()
    finally:
        connection.close()


def start(base_url, prompt, key=KEY):
    return call(base_url, "POST", "/conversations/start", {"agent_id": "billing-agent", "prompt": prompt}, key)


class Case(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.file = str(self.folder / "page.html")

    def serve(self, *words):
        process = subprocess.Popen([MOCK, "serve", "--port", "0", "--log", "none", *words],
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.kill)
        return process, json.loads(process.stdout.readline())

    def end(self, process, number=signal.SIGTERM):
        process.send_signal(number)
        return process.communicate(timeout=60)[1]


class Served(Case):
    def test_each_key_is_a_run_with_its_exchanges_and_verdicts(self):
        process, line = self.serve("--report", self.file, "--judge", "warn")
        start(line["base_url"], "one", "nr_first")
        start(line["base_url"], "two", "nr_second")
        call(line["base_url"], "GET", "/agents", key="nr_second")
        self.end(process)
        page = Page(self.file)
        self.assertEqual(page.data["page"], 1)
        self.assertEqual(page.data["mode"], "file")
        self.assertEqual(page.data["title"], "nairi-mock serve")
        self.assertTrue(page.data["by"].startswith("nairi-mock "))
        self.assertRegex(page.data["at"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
        self.assertEqual(page.data["root"], "")  # nobody listens there any more
        self.assertEqual(page.data["remarks"], [])
        self.assertEqual(sorted(run["name"] for run in page.data["runs"]), ["organization 1", "organization 2"])
        first, second = page.run("organization 1"), page.run("organization 2")
        self.assertEqual([json.loads(one["body"])["prompt"] for one in first["journal"]["entries"]], ["one"])
        self.assertEqual([one["operation"] for one in second["journal"]["entries"]], ["start", "agents"])
        self.assertIn("job_id", json.loads(second["journal"]["entries"][0]["reply_body"]))
        for one in (first, second):
            rules = {verdict["rule"]: verdict["outcome"] for verdict in one["verdicts"]["verdicts"]}
            self.assertIn("polls-until-terminal", rules)
            self.assertEqual(one["verdicts"]["traffic"]["requests"], len(one["journal"]["entries"]))

    def test_each_key_has_its_state_and_the_prompts_that_no_script_matched(self):
        process, line = self.serve("--report", self.file)
        start(line["base_url"], "a prompt that nobody wrote a script for")
        self.end(process)
        run = Page(self.file).run("organization 1")
        prompts = [job["messages"][0]["content"] for job in run["state"]["jobs"] if job["messages"]]
        self.assertIn("a prompt that nobody wrote a script for", prompts)
        self.assertIn("prompts", run["unmatched"])

    def test_it_is_written_whichever_signal_ends_the_server(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGQUIT, signal.SIGHUP):
            with self.subTest(number=number):
                process, line = self.serve("--report", self.file)
                start(line["base_url"], number.name)
                self.end(process, number)
                [entry] = Page(self.file).run("organization 1")["journal"]["entries"]
                self.assertEqual(json.loads(entry["body"])["prompt"], number.name)
                os.unlink(self.file)

    def test_nobody_judged_where_there_is_no_judge(self):
        process, line = self.serve("--report", self.file)
        start(line["base_url"], "one")
        self.end(process)
        run = Page(self.file).run("organization 1")
        self.assertEqual(run["result"], "")
        self.assertNotIn("verdicts", run)

    def test_runs_that_resets_ended_keep_their_verdicts(self):
        process, line = self.serve("--report", self.file, "--judge", "warn")
        for _ in range(3):  # a prompt that is sent again and again
            start(line["base_url"], "one")
            call(line["control_url"], "POST", "/reset")
        self.end(process)
        ended = Page(self.file).run("ended by resets")
        self.assertEqual(ended["verdicts"]["traffic"]["requests"], 3)

    def test_what_came_from_outside_stays_text(self):
        process, line = self.serve("--report", self.file)
        start(line["base_url"], HOSTILE)
        call(line["base_url"], "GET", "/agents?" + urllib.parse.quote(HOSTILE), headers={"X-Hostile": "</script><b>"})
        self.end(process)
        page = Page(self.file)
        self.assertEqual(page.all("img") + page.all("b"), [])
        self.assertEqual(len(page.all("script", type="application/json")), 2)
        entry = page.run("organization 1")["journal"]["entries"][0]
        self.assertEqual(json.loads(entry["body"])["prompt"], HOSTILE)

    def test_its_policy_lets_its_own_scripts_run_and_nothing_else(self):
        process, _ = self.serve("--report", self.file)
        self.end(process)
        page = Page(self.file)
        [policy] = [has["content"] for name, has, _ in page.elements
                    if name == "meta" and has.get("http-equiv") == "Content-Security-Policy"]
        rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
        self.assertEqual(rules["default-src"], "'none'")
        self.assertEqual(rules["connect-src"], "'none'")

        def digest(text):
            return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"
        scripts = [text for name, has, text in page.elements if name == "script" and "type" not in has]
        self.assertGreater(len(scripts), 1)
        self.assertEqual(set(rules["script-src"].split()), {digest(text) for text in scripts})
        self.assertEqual(set(rules["style-src"].split()), {digest(text) for text in page.all("style")})

    def test_it_refers_to_nothing_outside_of_itself(self):
        process, line = self.serve("--report", self.file)
        start(line["base_url"], "one")
        self.end(process)
        page = Page(self.file)
        for name, has, _ in page.elements:
            self.assertNotIn(name, ("link", "base", "iframe", "img", "object", "embed"))
            for attribute in ("src", "srcset", "href", "action", "formaction", "poster", "ping"):
                self.assertTrue(has.get(attribute, "#").startswith("#"), f"{name} {attribute}={has.get(attribute)}")
        self.assertIsNone(re.search(r"url\(|@import", page.only("style")))

    def test_no_key_is_in_it(self):
        process, line = self.serve("--report", self.file, "--judge", "warn")
        start(line["base_url"], f"my key is {KEY}")
        call(line["base_url"], "GET", f"/agents?key={KEY}", headers={"X-Api-Key": KEY, "Cookie": f"k={KEY}"})
        call(line["base_url"], "GET", f"/agents/{KEY}")
        self.end(process)
        text = Page(self.file).text
        for secret in (KEY, line["control_token"], line["api_key"]):
            self.assertFalse(secret in text, secret)

    def test_a_key_that_is_in_every_word_leaves_the_page_whole(self):
        for key in ("e", '"', "name", "journal"):
            process, line = self.serve("--report", self.file, "--judge", "warn")
            start(line["base_url"], "one", key)
            self.end(process)
            run = Page(self.file).run("organization 1")
            self.assertEqual([entry["status"] for entry in run["journal"]["entries"]], [200], key)
            self.assertEqual(run["verdicts"]["traffic"]["requests"], 1, key)
            self.assertGreater(len(run["state"]["jobs"]), 0, key)

    def test_what_does_not_fit_is_left_out_and_that_is_said(self):
        process, line = self.serve("--report", self.file)
        url = urllib.parse.urlsplit(line["base_url"])
        connection = http.client.HTTPConnection(url.hostname, url.port)
        body = json.dumps({"agent_id": "billing-agent", "prompt": "<" * 4000})
        for _ in range(800):
            connection.request("POST", url.path + "/conversations/start", body,
                               {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"})
            connection.getresponse().read()
        connection.close()
        said = self.end(process)
        page = Page(self.file)
        self.assertLessEqual(len(page.text.encode()), MOST)
        self.assertGreater(len(page.text.encode()), MOST * 0.98)
        remark, of_state = page.data["remarks"]
        self.assertRegex(remark, r"^\d+ of 800 exchanges were left out: the file may have 16 MiB$")
        self.assertEqual(of_state, "the state of 1 of 1 runs was left out: the file may have 16 MiB")
        self.assertIn(remark, said)
        entries = page.run("organization 1")["journal"]["entries"]
        self.assertEqual(entries[-1]["number"], 800)
        self.assertEqual(len(entries), 800 - int(remark.split()[0]))

    def test_what_made_room_in_the_journal_is_said(self):
        process, line = self.serve("--report", self.file, "--journal-max", "2")
        for prompt in ("one", "two", "three"):
            start(line["base_url"], prompt)
        self.end(process)
        [remark] = Page(self.file).data["remarks"]
        self.assertTrue(remark.startswith("1 exchange made room for newer ones in the journal"), remark)


class Run(Case):
    def test_title_is_the_command_without_its_key_and_the_exit_code_its_own(self):
        ended = run(MOCK, "run", "--report", self.file, "--", "sh", "-c", f"exit 7 # {KEY}")
        self.assertEqual(ended.returncode, 7)
        self.assertEqual(Page(self.file).data["title"], "nairi-mock run -- sh -c exit 7 # [redacted]")

    def test_it_is_written_when_a_signal_ends_the_command(self):
        ended = run(MOCK, "run", "--report", self.file, "--", "sh", "-c", "kill -TERM $$")
        self.assertEqual(ended.returncode, 128 + signal.SIGTERM)
        self.assertEqual(Page(self.file).data["runs"], [])

    def test_where_nothing_can_be_written_nothing_is_run(self):
        (self.folder / "folder").mkdir()
        for path in ("/nowhere/page.html", str(self.folder / "folder"), "/dev/null"):
            with self.subTest(path=path):
                ended = run(MOCK, "run", "--report", path, "--", "touch", str(self.folder / "ran"))
                self.assertEqual(ended.returncode, 2)
                self.assertIn("--report: ", ended.stderr)
                self.assertIn(path, ended.stderr)
                self.assertFalse((self.folder / "ran").exists())

    def test_nothing_but_the_page_is_left_in_the_folder_and_links_stay(self):
        (self.folder / "real.html").write_text("old")
        os.symlink("real.html", self.file)
        run(MOCK, "run", "--report", self.file, "--", "true")
        self.assertEqual(sorted(os.listdir(self.folder)), ["page.html", "real.html"])
        self.assertTrue(os.path.islink(self.file))
        Page(self.file)


# Says that all is done, whatever was asked.
LIAR = ("sh", "-c", """cat >/dev/null; echo '{"id": "x", "outcome": "completed", "status": "completed", "answer": "?"}'""")


# Sends secrets wherever one can stand, and tells of one before.
BLAB = """
import json, os, sys, urllib.request
secret = "bl" + "ab-"
print(secret + "password", file=sys.stderr)
body = {"agent_id": "my-agent", "prompt": "hi", "password": secret + "password"}
headers = {"Authorization": "Bearer " + os.environ["NAIRI_API_KEY"], "Content-Type": "application/json",
           "X-Auth": secret + "auth", "X-Token": "scheme " + secret + "token"}
target = f"/conversations/start?secret={secret}query&api%5Fkey={secret}encoded&limit=1"
url = os.environ["NAIRI_BASE_URL"] + target
urllib.request.urlopen(urllib.request.Request(url, json.dumps(body).encode(), headers))
"""


def outcome_of(kind, seen):
    """What the page calls what the report for programs lists among `kind`."""
    if kind == "settles":
        return "confirmed" if seen["verdict"] == "confirmed" else "refuted"
    return {"contradicts": "contradicted", "adds": "added"}[kind]


class Contract(Case):
    def test_client_has_each_case_with_journal_and_verdicts(self):
        ended = run(CONTRACT, "client", "--case", "client/*", "--html", self.file, "--json", self.file + ".json")
        self.assertEqual(ended.returncode, 0, ended.stdout + ended.stderr)
        page = Page(self.file)
        cases = json.loads(pathlib.Path(self.file + ".json").read_text())["cases"]
        self.assertGreater(len(cases), 1)
        self.assertEqual(sorted(one["name"] for one in page.data["runs"]), sorted(one["name"] for one in cases))
        self.assertTrue(page.data["title"].startswith("nairi-contract client"))
        for one in page.data["runs"]:
            self.assertEqual(one["result"], "passed")
            numbers = [entry["number"] for entry in one["journal"]["entries"]]
            self.assertEqual(numbers, list(range(1, len(numbers) + 1)))
            self.assertEqual(one["verdicts"]["traffic"]["requests"], len(numbers))
            times = [entry["received_us"] for entry in one["journal"]["entries"]]
            self.assertEqual(times, sorted(times))
        self.assertTrue(any(one["journal"]["entries"][-1]["received_us"] > one["journal"]["entries"][0]["received_us"]
                            for one in page.data["runs"] if len(one["journal"]["entries"]) > 1))

    def test_client_tells_no_secret_wherever_it_was_sent(self):
        run(CONTRACT, "client", "--case", "lifecycle/completes", "--html", self.file, "--", sys.executable, "-c", BLAB)
        page = Page(self.file)
        entry, = page.data["runs"][0]["journal"]["entries"]
        self.assertRegex(entry["target"], r"start\?secret=\[redacted\]&api%5Fkey=\[redacted\]&limit=1$")
        headers = {header["name"].lower(): header["value"] for header in entry["headers"]}
        self.assertEqual({headers[name] for name in ("authorization", "x-auth", "x-token")}, {"[redacted]"})
        self.assertEqual(headers["content-type"], "application/json")
        body = json.loads(entry["body"])
        self.assertEqual(body["prompt"], "hi")
        self.assertRegex(body["password"], r"^key-\d+$")
        self.assertIn(f"stderr: {body['password']}", page.data["runs"][0]["findings"])
        told = [seen["exchange"] for verdict in page.data["runs"][0]["verdicts"]["verdicts"]
                for seen in verdict["evidence"]]
        self.assertRegex(" ".join(told), r"api(_|%5F)key=\[redacted\]&limit")
        self.assertNotIn("blab", page.text)

    def test_failed_cases_come_first_with_what_the_text_says_of_them(self):
        ended = run(CONTRACT, "client", "--case", "lifecycle/*", "--html", self.file, "--", *LIAR)
        self.assertEqual(ended.returncode, 1, ended.stdout + ended.stderr)
        page = Page(self.file)
        results = [one["result"] for one in page.data["runs"]]
        self.assertEqual(results[0], "failed")
        self.assertEqual(results, sorted(results, key=["failed", "warned", "not checked", "passed"].index))
        failed = page.data["runs"][0]
        self.assertTrue(any(verdict["outcome"] == "broken" and verdict["rule"] == "result-matches-terminal"
                            for verdict in failed["verdicts"]["verdicts"]))
        self.assertIn(f"FAILED {failed['name']} ", ended.stdout)
        self.assertTrue(any(": wanted " in finding and ", got " in finding for finding in failed["findings"]))

    def test_client_writes_it_when_a_signal_ends_it(self):
        began = self.folder / "began"
        os.mkfifo(began)
        process = subprocess.Popen(
            [CONTRACT, "client", "--jobs", "1", "--case", "lifecycle/*", "--html", self.file, "--",
             "sh", "-c", f"echo > {began}; exec sleep 200"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        began.read_text()
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=100)
        self.assertEqual(process.returncode, 128 + signal.SIGTERM)
        self.assertRegex(Page(self.file).data["remarks"][0], r"^\d+ of \d+ cases were not run$")

    def test_server_has_the_exchanges_of_each_case(self):
        ended = run(CONTRACT, "server", "--case", "lifecycle/*", "--html", self.file)
        self.assertEqual(ended.returncode, 0, ended.stdout + ended.stderr)
        page = Page(self.file)
        self.assertGreater(len(page.data["runs"]), 1)
        for one in page.data["runs"]:
            self.assertEqual([line["number"] for line in one["recording"]],
                             list(range(1, len(one["recording"]) + 1)))
            for line in one["recording"]:
                self.assertGreater(line["reply"]["status"], 0)
                self.assertTrue(line["reply"]["headers"])

    def test_server_tells_no_key_in_any_form(self):
        with Echo() as target:
            run(CONTRACT, "server", "--target", target, "--api-key", KEY, "--case", "agents/*", "--html", self.file)
        page = Page(self.file)
        self.assertTrue(any(one.get("recording") for one in page.data["runs"]))
        text = page.text.lower()
        for form in forms(KEY):
            self.assertFalse(form.decode().lower() in text, form)

    def test_explore_has_the_failing_schedules(self):
        ended = run(CONTRACT, "explore", "--runs", "4", "--html", self.file, "--", *LIAR)
        self.assertEqual(ended.returncode, 1, ended.stdout + ended.stderr)
        page = Page(self.file)
        self.assertTrue(page.data["runs"])
        for one in page.data["runs"]:
            self.assertTrue(one["name"].startswith("explore/seed-1-run-"))
            self.assertEqual(one["result"], "failed")
            self.assertIn("this is the shortest", one["findings"][-1])
            self.assertIn("entries", one["journal"])

    def drift(self, *recordings):
        """The page, and the report for programs."""
        run(CONTRACT, "drift", *recordings, "--html", self.file, "--json", self.file + ".json")
        return Page(self.file), json.loads(pathlib.Path(self.file + ".json").read_text())

    def test_drift_has_the_recording_and_findings_that_point_into_it(self):
        recordings = [str(folder) for folder in sorted(pathlib.Path(RECORDINGS).iterdir()) if folder.is_dir()]
        page, _ = self.drift(*recordings)
        self.assertEqual(sorted(one["name"] for one in page.data["runs"]), sorted(recordings))
        for one in page.data["runs"]:
            _, alone = self.drift(one["name"])
            told = {(verdict["rule"], verdict["outcome"], verdict["evidence"][0]["number"], verdict["evidence_count"])
                    for verdict in one["verdicts"]["verdicts"]}
            wanted = {(seen["id"], outcome_of(kind, seen), seen["exchange"], seen["broken"] or seen["held"])
                      for kind in ("contradicts", "adds", "settles") for seen in alone[kind]}
            self.assertTrue(wanted)
            self.assertEqual(told, wanted)
        for one in page.data["runs"]:
            kept = (pathlib.Path(one["name"]) / "traffic.jsonl").read_text().splitlines()[1:]
            self.assertEqual(one["recording"], [json.loads(line) for line in kept])
            numbers = {line["number"] for line in one["recording"]}
            for verdict in one["verdicts"]["verdicts"]:
                self.assertIn(verdict["evidence"][0]["number"], numbers)

    def test_drift_judges_a_copy_of_a_recording_as_the_recording(self):
        for recording in filter(pathlib.Path.is_dir, sorted(pathlib.Path(RECORDINGS).iterdir())):
            copy = shutil.copytree(recording, self.folder / recording.name)
            page, _ = self.drift(str(recording), str(copy))
            first, second = [one | {"name": ""} for one in page.data["runs"]]
            self.assertEqual(first, second)

    def test_nothing_but_the_page_is_left_in_the_folder_and_links_stay(self):
        (self.folder / "real.html").write_text("old")
        os.symlink("real.html", self.file)
        run(CONTRACT, "server", "--case", "agents/list", "--html", self.file)
        self.assertEqual(sorted(os.listdir(self.folder)), ["page.html", "real.html"])
        self.assertTrue(os.path.islink(self.file))
        Page(self.file)

    def test_where_nothing_can_be_written_nothing_is_run(self):
        for words in (("client",), ("server",), ("explore", "--runs", "1")):
            with self.subTest(command=words[0]):
                ended = run(CONTRACT, *words, "--html", "/nowhere/page.html")
                self.assertEqual(ended.returncode, 2)
                self.assertEqual(ended.stdout, "")
                self.assertIn("can't write /nowhere/page.html", ended.stderr)


class Echo:
    """A service that answers with the key that it was called with, in each form."""

    def __enter__(self):
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self):
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                whole = [form.decode() for form in list(forms(KEY))[:4]]
                packed = [base64.b64encode(b"a" * shift + KEY.encode()).decode() for shift in range(3)]
                text = json.dumps({"error": whole + packed}).encode()
                self.send_response(403)
                self.send_header("Content-Type", "application/json")
                self.send_header("X-Key", KEY)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = answer

            def log_message(self, *words):
                pass
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{self.server.server_port}"

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


if __name__ == "__main__":
    unittest.main()
