"""A survey begins the conversations that it says, changes nothing else, and keeps no secret.

    survey_test.py NAIRI_CONTRACT NAIRI_MOCK
"""
import json
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import threading
import unittest
import urllib.request

import services
from services import Answers, Foreign, Silent, foreign, turns

CONTRACT, MOCK = sys.argv[1:3]
KEY, OTHER_KEY = foreign.seed.KEY, foreign.seed.OTHER_KEY
FOREVER_MS = 1_000_000


class Survey:
    """One run of the program, and the files that it wrote."""

    def __init__(self, folder, url, *words, agent="helper", key=KEY, conversations=0, yes=True):
        self.out = pathlib.Path(folder) / "out"
        command = [CONTRACT, "survey", "--target", url, "--agent", agent, "--conversations",
                   str(conversations), "--requests-per-second", "1000", "--out", str(self.out)]
        self.process = subprocess.Popen(
            command + ["--yes"] * yes + list(words), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            # Behind "&" of a shell that has no jobs it would be ignored.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
            env={"PATH": "/usr/bin:/bin", **({"NAIRI_API_KEY": key} if key else {})}, text=True)

    def wait(self):
        self.stdout, self.stderr = self.process.communicate(timeout=300)
        self.code = self.process.returncode
        return self

    @property
    def said(self):
        return self.stdout + self.stderr

    @property
    def exchanges(self):
        lines = (self.out / "traffic.jsonl").read_text().split("\n")
        return [json.loads(line) for line in lines[1:-1]]

    @property
    def statements(self):
        return json.loads((self.out / "fidelity.json").read_text())["statements"]

    @property
    def written(self):
        return "".join(file.read_text() for file in self.out.rglob("*") if file.is_file())


class Case(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.runs = 0

    def survey(self, url, *words, **options):
        return self.begin(url, *words, **options).wait()

    def begin(self, url, *words, **options):
        self.runs += 1
        return Survey(f"{self.folder}/{self.runs}", url, *words, **options)


class AgainstAServerWrittenFromReference(Case):
    def test_so_many_conversations_are_begun_and_the_number_of_settled_guesses_grows(self):
        settled = []
        for conversations in (0, 1, 3):
            with Foreign() as service:
                before = service.jobs()
                run = self.survey(service.url, conversations=conversations)
                self.assertEqual(run.code, 0, run.said)
                self.assertEqual(len(service.jobs()) - len(before), conversations)
                self.assertIn(f"sent {len(service.asked)} requests, began {conversations} "
                              f"conversation", run.stdout)
                self.assertEqual(len(run.exchanges), len(service.asked))
                settled.append(len(run.statements))
                self.assertIn(f"settled {settled[-1]} of ", run.stdout)
        self.assertGreater(settled[0], 25)
        self.assertEqual(settled, sorted(set(settled)), "more conversations settle more")

    def test_each_exchange_is_recorded_as_later_than_the_one_before(self):
        with Foreign() as service:
            exchanges = self.survey(service.url).exchanges
            self.assertGreater(len(exchanges), 50)
            for before, after in zip(exchanges, exchanges[1:]):
                self.assertGreater(after["began_us"], before["ended_us"], after["number"])

    def test_what_was_there_is_neither_changed_nor_deleted(self):
        with Foreign() as service:
            jobs, agents = service.jobs(), service.agents()
            files = len(service.organization.files)
            run = self.survey(service.url, conversations=5)
            self.assertEqual(run.code, 0, run.said)
            self.assertEqual({job: text for job, text in service.jobs().items() if job in jobs}, jobs)
            self.assertEqual(service.agents(), agents)
            uploaded = re.search(r"uploaded (\d+) files", run.stdout)
            self.assertEqual(len(service.organization.files) - files, int(uploaded[1]))
            methods = {method for method, _ in service.asked}
            self.assertFalse(methods & {"DELETE", "PATCH"})
            self.assertNotIn(("POST", "/agents"), service.asked)
            for method, path in service.asked:
                if method == "POST" and path.endswith("/continue"):
                    self.assertNotIn(path.split("/")[2], jobs)

    def test_neither_files_nor_terminal_show_a_key(self):
        with Foreign() as service:
            # It tells everybody what it was sent.
            service.before = lambda call: setattr(call, "path", call.path.replace(
                "/nowhere", "/nowhere/" + call.headers.get("authorization", "")[7:]))
            run = self.survey(service.url, "--other-api-key", OTHER_KEY, conversations=3)
            self.assertEqual(run.code, 0, run.said)
            for secret in (KEY, OTHER_KEY):
                self.assertNotIn(secret, run.written)
                self.assertNotIn(secret, run.said)

    def test_an_error_that_repeats_the_key_is_recorded_without_it(self):
        def answer(call):
            key = call.headers.get("authorization", "")
            return 401, {"Set-Cookie": "id=c00kie"}, json.dumps({"error": f"not {key}"}).encode()

        with Answers(answer) as service:
            run = self.survey(service.url, key="nr_secret")
            self.assertEqual(run.code, 3)
            self.assertNotIn("nr_secret", run.written + run.said)
            self.assertNotIn("c00kie", run.written)
            self.assertIn("not Bearer key-1", run.written)

    def test_without_yes_it_says_what_it_would_do_and_sends_nothing(self):
        with Foreign() as service:
            run = self.survey(service.url, conversations=2, yes=False)
            self.assertEqual(run.code, 2)
            self.assertEqual(service.asked, [])
            self.assertIn("begins: 2 conversations with up to 7 prompts", run.stdout)
            self.assertIn("leaves behind: 2 conversations and 4 files", run.stdout)
            self.assertIn("say --yes to go on", run.stderr)
            self.assertFalse(run.out.exists())

    def test_the_plan_names_every_request_that_is_then_sent(self):
        listed = subprocess.run([CONTRACT, "survey", "--list", "--conversations", "3"], text=True,
                                capture_output=True, check=True).stdout
        calls = set()
        for call in re.findall(r"(?:GET|POST|PUT|HEAD|OPTIONS) /\S*?(?=, [A-Z]|\s)", listed):
            pattern = re.sub(r"\\\{\w+\\\}", "[^/?&]+", re.escape(call)).replace("…", "[^/]+")
            calls.add(pattern)
        with Foreign() as service:
            self.survey(service.url, conversations=3)
            for method, path in service.asked:
                self.assertTrue(any(re.fullmatch(call, f"{method} {path}") for call in calls),
                                f"{method} {path} is not in the list")

    def test_a_ledger_grows_from_run_to_run(self):
        ledger = f"{self.folder}/fidelity.json"
        with Foreign() as service:
            for _ in range(2):
                self.assertEqual(self.survey(service.url, "--ledger", ledger).code, 0)
        found = json.loads(pathlib.Path(ledger).read_text())["statements"]["text-of-missing-prompt"]
        self.assertEqual(found["refuted"]["count"], 4)

    def test_an_unknown_agent_is_told_with_those_that_there_are(self):
        with Foreign() as service:
            run = self.survey(service.url, agent="helpr", conversations=1)
            self.assertEqual(run.code, 2)
            self.assertIn('no agent "helpr"; it has helper, foreign/night-shift', run.stderr)
            self.assertEqual(len(service.asked), 2)

    def test_a_turn_that_never_ends_is_left_at_the_deadline(self):
        with Foreign(turns.Pace(pending_ms=FOREVER_MS)) as service:
            run = self.survey(service.url, "--turn-deadline", "1", conversations=1)
            self.assertEqual(run.code, 0, run.said)
            self.assertIn("2 turns did not end", run.stdout)

    def test_a_signal_ends_it_with_the_recording_whole(self):
        reached = threading.Event()
        with Foreign(turns.Pace(pending_ms=FOREVER_MS)) as service:
            service.before = lambda call: call.path.endswith("/start") and reached.set()
            run = self.begin(service.url, conversations=1)
            self.assertTrue(reached.wait(60))
            run.process.send_signal(signal.SIGINT)
            run.wait()
            self.assertEqual(run.code, 130, run.said)
            self.assertIn("ended by a signal", run.stderr)
            self.assertGreater(len(run.exchanges), 50)
            self.assertGreater(len(run.statements), 10)

    def test_what_is_there_already_is_not_written_over(self):
        with Foreign() as service:
            first = self.survey(service.url)
            self.runs -= 1
            count, text = len(service.asked), first.written
            again = self.survey(service.url)
            self.assertEqual(again.code, 2)
            self.assertIn("is there already", again.stderr)
            self.assertEqual((len(service.asked), again.written), (count, text))

    def test_a_ledger_of_another_service_is_refused_before_anything_is_sent(self):
        with Foreign() as service, Foreign() as other:
            ledger = f"{self.folder}/fidelity.json"
            self.survey(service.url, "--ledger", ledger)
            run = self.survey(other.url, "--ledger", ledger)
            self.assertEqual(run.code, 2)
            self.assertIn(service.url, run.stderr)
            self.assertEqual(other.asked, [])


class AgainstOurOwnFake(Case):
    def setUp(self):
        super().setUp()
        self.mock = subprocess.Popen([MOCK, "serve", "--port", "0", "--log", "none"],
                                     stdout=subprocess.PIPE, text=True)
        self.addCleanup(self.mock.wait)
        self.addCleanup(self.mock.terminate)
        self.addCleanup(self.mock.stdout.close)
        self.url = json.loads(self.mock.stdout.readline())["base_url"]

    def get(self, key, path):
        request = urllib.request.Request(self.url + path, headers={"Authorization": f"Bearer {key}"})
        with urllib.request.urlopen(request) as reply:
            return json.load(reply)

    def test_so_many_conversations_are_begun_and_the_number_of_settled_guesses_grows(self):
        settled = []
        for conversations in (0, 1, 3):
            key = f"nr_survey_{conversations}"
            path = "/agents/my-agent/conversations?limit=100"
            before = self.get(key, path)["conversations"]
            run = self.survey(self.url, agent="my-agent", key=key, conversations=conversations)
            self.assertEqual(run.code, 0, run.said)
            after = self.get(key, path)["conversations"]
            self.assertEqual(len(after) - len(before), conversations)
            self.assertLessEqual({json.dumps(job) for job in before},
                                 {json.dumps(job) for job in after})
            settled.append(len(run.statements))
        self.assertEqual(settled, sorted(set(settled)))

    def test_our_status_codes_and_texts_are_confirmed(self):
        run = self.survey(self.url, agent="my-agent", key="nr_test", conversations=1)
        for statement in ("start-status", "upload-status", "next-cursor", "text-of-missing-prompt",
                          "eleventh-attachment", "unknown-fields", "first-status"):
            self.assertEqual(run.statements[statement]["verdict"], "confirmed", statement)


class AgainstServicesThatAreOutOfOrder(Case):
    def test_a_key_that_is_refused_ends_it(self):
        with Foreign() as service:
            run = self.survey(service.url, key="nr_wrong", conversations=1)
            self.assertEqual(run.code, 3)
            self.assertIn("refuses the key", run.stderr)
            self.assertEqual(len(service.asked), 1)

    def test_without_a_key_nothing_is_sent(self):
        with Foreign() as service:
            run = self.survey(service.url, key="")
            self.assertEqual((run.code, service.asked), (2, []))
            self.assertIn("NAIRI_API_KEY", run.stderr)

    def test_a_login_page_is_not_taken_for_the_api(self):
        page = (200, {"Content-Type": "text/html"}, b"<html>Sign in</html>")
        with Answers(lambda call: page) as service:
            run = self.survey(service.url, conversations=1)
            self.assertEqual(run.code, 3)
            self.assertIn("is this the API's address?", run.stderr)
            self.assertEqual(len(service.asked), 1)

    def test_a_page_in_between_ends_nothing(self):
        with Foreign() as service:
            def page(call):
                if call.path.endswith("limit=0"):
                    call.send_response(502)
                    call.send_header("Content-Length", "6")
                    call.end_headers()
                    call.wfile.write(b"<html>")
                    raise ConnectionError
            service.before = lambda call: self.quietly(page, call)
            run = self.survey(service.url)
            self.assertEqual(run.code, 0, run.said)
            self.assertIn(502, [exchange["reply"]["status"] for exchange in run.exchanges])

    @staticmethod
    def quietly(act, call):
        try:
            act(call)
        except ConnectionError:
            call.path = "/nowhere"

    def test_a_pause_that_is_asked_for_is_made(self):
        refused = set()

        def limit(call):
            if call.path in refused or len(refused) > 3:
                return
            refused.add(call.path)
            raise foreign.Refusal(429, "slowly")

        with Foreign() as service:
            original = service.server.RequestHandlerClass.organization_of_key

            def organization_of_key(call):
                limit(call)
                return original(call)

            service.server.RequestHandlerClass.organization_of_key = organization_of_key
            service.server.RequestHandlerClass.end_headers = self.with_retry_after
            run = self.survey(service.url, conversations=1)
            self.assertEqual(run.code, 0, run.said)
            statuses = [exchange["reply"]["status"] for exchange in run.exchanges]
            self.assertEqual(statuses.count(429), 4)
            self.assertIn("began 1 conversation", run.stdout)

    @staticmethod
    def with_retry_after(call):
        call.send_header("Retry-After", "0")
        super(services.foreign.Call, call).end_headers()

    def test_a_service_that_says_come_again_tomorrow_ends_it(self):
        later = (429, {"Retry-After": "86400"}, b'{"error": "too many requests"}')
        with Answers(lambda call: later) as service:
            run = self.survey(service.url)
            self.assertEqual(run.code, 3)
            self.assertIn("limits its clients", run.stderr)
            self.assertEqual(len(service.asked), 1)
            self.assertEqual(run.exchanges[0]["reply"]["status"], 429)

    def test_a_service_that_never_answers_ends_it(self):
        with Silent() as service:
            run = self.survey(service.url, "--turn-deadline", "1")
            self.assertEqual(run.code, 3)
            self.assertIn("stopped: ", run.stderr)

    def test_nobody_there_ends_it(self):
        with Silent() as service:
            url = service.url
        run = self.survey(url)
        self.assertEqual(run.code, 3)
        self.assertIn("stopped: ", run.stderr)

    def test_a_start_that_should_be_refused_and_is_not_ends_it(self):
        def answer(call):
            if call.command == "POST" and call.path.endswith("/start"):
                body = {"job_id": "job_01KP1G66P1V0G9KT7HVPCG1NFC",
                        "message_id": "cmsg_01KP1G66P1V0G9KT7HVPCG1NFD"}
                return 200, {}, json.dumps(body).encode()
            return 200, {}, b"[]" if call.path.endswith("/agents") else b"{}"

        with Answers(answer) as service:
            run = self.survey(service.url, conversations=3)
            self.assertEqual(run.code, 1)
            self.assertIn("a start that has to be refused", run.stderr)
            starts = [path for method, path in service.asked if path.endswith("/start")]
            self.assertEqual(len(starts), 2, "GET …/start, and one POST")

    def test_a_number_out_of_range_is_refused(self):
        for conversations in (-1, 6, "many"):
            run = self.survey("http://127.0.0.1:9", conversations=conversations)
            self.assertEqual(run.code, 2)
            self.assertIn("takes a whole number from 0 to 5", run.stderr)


class FrugalCases(Case):
    def test_begin_as_many_conversations_as_was_said(self):
        with Foreign() as service:
            states = pathlib.Path(self.folder) / "states.json"
            states.write_text(json.dumps(service.states))
            before, agents = service.jobs(), service.agents()
            run = subprocess.run(
                [CONTRACT, "server", "--target", service.url, "--states", str(states), "--poll-ms",
                 "20", "--frugal", "--max-conversations", "3"], text=True, capture_output=True)
            self.assertEqual(run.returncode, 0, run.stdout)
            self.assertIn("nairi-contract: 3 conversations, ", run.stderr)
            self.assertEqual(len(service.jobs()) - len(before), 3)
            self.assertEqual(service.agents(), agents)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
