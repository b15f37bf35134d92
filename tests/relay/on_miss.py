"""nairi-contract record --on-miss: worlds answer, and the service gets only what no script of them knows.

    on_miss.py path/to/nairi-contract path/to/nairi-mock

What goes to the service is counted there: at tests/foreign/server.py, and at a service that refuses.
"""
import concurrent.futures
import contextlib
import http.client
import http.server
import json
import pathlib
import signal
import subprocess
import sys
import tempfile
import threading
import unittest
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "foreign"))
import seed  # noqa: E402
import server as foreign  # noqa: E402
import turns  # noqa: E402

CONTRACT, MOCK = sys.argv[1:3]
del sys.argv[1:3]
AGENT = "helper"
OVER = ("completed", "failed")
MOST_READS = 2000


@contextlib.contextmanager
def in_a_thread(server):
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


class Foreign(foreign.Server):
    """The foreign server, with a list of the calls that reached it."""

    def __init__(self):
        super().__init__(pace=turns.Pace(5, 10))
        self.calls, self.requests = [], []
        self.RequestHandlerClass = type("CountedCall", (foreign.Call,), {"handle_any": self.counted()})
        for method in ("GET", "POST", "PATCH", "DELETE", "PUT", "HEAD", "OPTIONS"):
            setattr(self.RequestHandlerClass, f"do_{method}", self.RequestHandlerClass.handle_any)

    def counted(self):
        def handle_any(call):
            self.requests.append(call)
            self.calls.append((call.command, call.path.removeprefix(foreign.PREFIX), call.headers.get("authorization")))
            foreign.Call.handle_any(call)
        return handle_any

    def starts(self):
        return [call for call in self.calls if call[:2] == ("POST", "/conversations/start")]


class Refusing(http.server.BaseHTTPRequestHandler):
    """Answers each prompt with the next status of the server's list."""
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        status = self.server.statuses.pop(0)
        text = json.dumps(self.server.says).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        pass


def refusing(*statuses, says=None):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Refusing)
    server.statuses, server.says = list(statuses), says or {"error": "not now"}
    server.base_url = f"http://127.0.0.1:{server.server_port}{foreign.PREFIX}"
    return in_a_thread(server)


class Recorder:
    """`nairi-contract record --on-miss` at work, in a with statement; `said` is what it told until its end."""

    def __init__(self, target, folder, *options, key=seed.KEY):
        self.key, self.said = key, ""
        self.process = subprocess.Popen(
            [CONTRACT, "record", "--on-miss", "--target", target, "--out", folder, *options],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.url = urllib.parse.urlsplit(json.loads(self.process.stdout.readline())["base_url"])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        out, self.said = self.process.communicate()
        self.said += out

    def call(self, method, path, body=None, headers=None, key=None):
        connection = http.client.HTTPConnection(self.url.hostname, self.url.port, timeout=30)
        sent = {"Authorization": f"Bearer {key or self.key}", "Content-Type": "application/json"} | (headers or {})
        data = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
        connection.request(method, self.url.path + path, data, sent)
        reply = connection.getresponse()
        text = reply.read()
        connection.close()
        return reply.status, json.loads(text), reply.headers.get("X-Mock-Hint", "")

    def upload(self):
        """The id of a file that the fake keeps."""
        form = (b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n'
                b'Content-Type: text/plain\r\n\r\nA\r\n--x--\r\n')
        status, uploaded, _ = self.call("POST", "/attachments", form,
                                        {"Content-Type": "multipart/form-data; boundary=x"})
        assert status < 300, uploaded
        return uploaded["attachment_id"]

    def start(self, prompt, agent=AGENT, **more):
        return self.call("POST", "/conversations/start", {"agent_id": agent, "prompt": prompt} | more)

    def answer_to(self, told):
        """Polls the prompt until it is over; the last thing that the agent said."""
        for _ in range(MOST_READS):
            status, message, _ = self.call("GET", f"/messages/{told['message_id']}")
            assert status == 200, (status, message)
            if message["status"] in OVER:
                break
        status, timeline, _ = self.call("GET", f"/conversations/{told['job_id']}/messages")
        assert status == 200, timeline
        return [it["content"] for it in timeline["messages"] if it["role"] == "assistant"][-1]

    def converse(self, prompt, *more):
        """What the agent answers to each prompt of a new conversation."""
        status, told, hint = self.start(prompt)
        assert status < 300, (status, told, hint)
        answers = [self.answer_to(told)]
        for further in more:
            status, told, hint = self.call("POST", f"/conversations/{told['job_id']}/continue", {"prompt": further})
            assert status < 300, (status, told, hint)
            answers.append(self.answer_to(told))
        return answers


class OnMiss(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder, self.out = folder.name, str(pathlib.Path(folder.name, "recording"))

    def world(self, *scripts):
        path = pathlib.Path(self.folder, "own.json")
        path.write_text(json.dumps({
            "agents": [{"agent_id": AGENT}],
            "turns": [{"when": {"prompt": {"equals": prompt}},
                       "timeline": [{"status": "completed", "reply": reply}]} for prompt, reply in scripts]}))
        return str(path)

    def record(self, service, *options, **more):
        return Recorder(service.base_url, self.out, *options, **more)


class Growing(OnMiss):
    def test_the_next_run_misses_nothing(self):
        with in_a_thread(Foreign()) as service:
            with self.record(service, "--max-conversations", "1") as recorder:
                first = recorder.converse("What is new?")
            self.assertEqual(len(service.starts()), 1)
            self.assertIn("0 conversations answered by worlds, 1 of at most 1 by the service", recorder.said)
            service.calls.clear()
            with self.record(service, "--max-conversations", "1") as recorder:
                self.assertEqual(recorder.converse("What is new?"), first)
            self.assertEqual(service.calls, [])
            self.assertIn("1 conversation answered by worlds, 0 of at most 1 by the service", recorder.said)

    def test_conversations_are_added_one_by_one(self):
        prompts = ["One", "Two", "Three"]
        with in_a_thread(Foreign()) as service:
            for so_far in range(1, len(prompts) + 1):
                service.calls.clear()
                with self.record(service, "--max-conversations", "1") as recorder:
                    for prompt in prompts[:so_far]:
                        self.assertIn(f'"{prompt}"', recorder.converse(prompt)[0])
                self.assertEqual(len(service.starts()), 1)
            service.calls.clear()
            with self.record(service) as recorder:
                for prompt in prompts:
                    recorder.converse(prompt)
            self.assertEqual(service.calls, [])

    def test_further_prompts_go_where_the_conversation_is(self):
        prompts = ["What is new?", "And what else?"]
        with in_a_thread(Foreign()) as service:
            with self.record(service, "--max-conversations", "1") as recorder:
                first = recorder.converse(*prompts)
            self.assertIn("1 of at most 1 by the service with 1 further prompt\n", recorder.said)
            self.assertEqual(len(service.starts()), 1)
            service.calls.clear()
            with self.record(service) as recorder:
                self.assertEqual(recorder.converse(*prompts), first)
            self.assertEqual(service.calls, [])

    def test_prompts_of_which_secrets_were_taken_out_are_known_again(self):
        options = ["--max-conversations", "2", "--redact", "ACME-[0-9]+"]
        prompts = ["Customer ACME-1 (really?) is angry", f"What may {seed.KEY} do?"]
        with in_a_thread(Foreign()) as service:
            with self.record(service, *options) as recorder:
                for prompt in prompts:
                    recorder.converse(prompt)
            self.assertEqual(len(service.starts()), 2)
            service.calls.clear()
            for _ in range(2):
                with self.record(service, *options) as recorder:
                    for prompt in prompts:
                        recorder.converse(prompt)
                self.assertEqual(service.calls, [])
                self.assertIn("2 conversations answered by worlds, 0 of at most 2 by the service", recorder.said)
        world = pathlib.Path(self.out, "world.json")
        subprocess.run([MOCK, "check", str(world)], check=True, capture_output=True)
        self.assertNotRegex(world.read_text(), f"ACME-1|{seed.KEY}")

    def test_a_prompt_that_was_taken_out_whole_does_not_stand_for_all_others(self):
        with in_a_thread(Foreign()) as service:
            for prompt in ("ACME-1", "What is new?"):
                service.calls.clear()
                with self.record(service, "--max-conversations", "1", "--redact", "ACME-[0-9]+") as recorder:
                    recorder.converse(prompt)
                self.assertEqual(len(service.starts()), 1)

    def test_an_ordinary_recording_is_served_from(self):
        code = ("import json, os, urllib.request as r\n"
                "q = r.Request(os.environ['NAIRI_BASE_URL'] + '/agents',\n"
                f"              headers={{'Authorization': 'Bearer {seed.KEY}'}})\n"
                "r.urlopen(q).read()")
        with in_a_thread(Foreign()) as service:
            subprocess.run([CONTRACT, "record", "--target", service.base_url, "--out", self.out, "--",
                            sys.executable, "-c", code], check=True, capture_output=True)
            service.calls.clear()
            with self.record(service) as recorder:
                status, agents, _ = recorder.call("GET", "/agents")
            self.assertEqual((status, service.calls), (200, []))
            self.assertIn(AGENT, [it["agent_id"] for it in agents])


class Limit(OnMiss):
    def test_nothing_is_passed_on_unless_it_is_said(self):
        with in_a_thread(Foreign()) as service:
            with self.record(service) as recorder:
                status, told, hint = recorder.start("What is new?")
            self.assertEqual((status, service.calls), (404, []))
            self.assertIn("no script answers this prompt", told["error"])
            self.assertIn("0 of 0 conversations went to the service; --max-conversations 1 lets one more through", hint)
            self.assertIn("no conversation goes to the service: --max-conversations is 0", recorder.said)
            self.assertIn("1 start was refused", recorder.said)

    def test_a_refusal_says_what_matched_nearest(self):
        with in_a_thread(Foreign()) as service:
            with self.record(service, "--world", self.world(("Hi", "Hello"), ("Bye", "Ciao"))) as recorder:
                _, _, hint = recorder.start("Grüezi \"you\"")
        self.assertIn('the nearest is /turns/0 of', hint)
        self.assertIn('own.json: prompt equals "Hi", got "Gr\\u00fcezi \\"you\\""', hint)

    def test_a_world_that_a_key_was_given_counts_as_one(self):
        scripts = [{"when": {"prompt": {"equals": f"Prompt {n}"}}, "timeline": [{"status": "completed"}]}
                   for n in range(3)]
        world = json.dumps({"agents": [{"agent_id": AGENT}], "turns": scripts})
        with in_a_thread(Foreign()) as service:
            with self.record(service) as recorder:
                connection = http.client.HTTPConnection(recorder.url.hostname, recorder.url.port, timeout=30)
                connection.request("PUT", "/__mock/world", world,
                                   {"Authorization": f"Bearer {seed.KEY}", "Content-Type": "application/json"})
                self.assertLess(connection.getresponse().status, 300)
                connection.close()
                self.assertEqual(recorder.start("Prompt 2")[0], 200)
                status, _, hint = recorder.start("Prompt 3")
            self.assertEqual((status, service.calls), (404, []))
            self.assertIn("of the key's own world: prompt equals", hint)

    def test_many_at_once_do_not_go_beyond_it(self):
        with in_a_thread(Foreign()) as service:
            with self.record(service, "--max-conversations", "3") as recorder:
                with concurrent.futures.ThreadPoolExecutor(10) as pool:
                    statuses = [it[0] for it in pool.map(recorder.start, (f"Prompt {n}" for n in range(20)))]
            self.assertEqual(len(service.starts()), 3)
            self.assertEqual((statuses.count(202), statuses.count(404)), (3, 17))
            self.assertIn("17 starts were refused", recorder.said)

    def test_what_the_service_refuses_costs_nothing(self):
        with in_a_thread(Foreign()) as service:
            with self.record(service, "--max-conversations", "1") as recorder:
                self.assertEqual(recorder.start("Hi", agent="no-such-agent")[0], 404)
                self.assertEqual(len(service.starts()), 1)
                recorder.converse("What is new?")
            self.assertEqual(len(service.starts()), 2)

    def test_what_may_have_begun_counts(self):
        with refusing(429, 503) as service:
            with self.record(service, "--max-conversations", "1") as recorder:
                statuses = [recorder.start("Hi")[0] for _ in range(3)]
            self.assertEqual((statuses, service.statuses), ([429, 503, 404], []))

    def test_a_service_that_is_not_there_costs_nothing(self):
        with refusing() as service:
            pass
        with self.record(service, "--max-conversations", "1") as recorder:
            self.assertEqual([recorder.start("Hi")[0] for _ in range(2)], [502, 502])

    def test_what_the_service_refused_once_is_asked_again(self):
        with refusing(429, 429) as service:
            for _ in range(2):
                with self.record(service, "--max-conversations", "1") as recorder:
                    self.assertEqual(recorder.start("Hi")[0], 429)
            self.assertEqual(service.statuses, [])


class WhoAnswers(OnMiss):
    def test_worlds_come_first(self):
        with in_a_thread(Foreign()) as service:
            with self.record(service, "--world", self.world(("Hi", "Hello")), "--max-conversations", "1") as recorder:
                self.assertEqual(recorder.converse("Hi"), ["Hello"])
                self.assertEqual(service.calls, [])
                self.assertIn('"Hey"', recorder.converse("Hey")[0])
                self.assertEqual(recorder.converse("Hi"), ["Hello"])
            self.assertEqual(len(service.starts()), 1)
            service.calls.clear()
            with self.record(service, "--world", self.world(("Hi", "Hello"))) as recorder:
                self.assertEqual(recorder.converse("Hi"), ["Hello"])
                self.assertIn('"Hey"', recorder.converse("Hey")[0])
            self.assertEqual(service.calls, [])

    def test_faults_count_and_strike_only_calls_that_the_fake_answers(self):
        path = self.world(("Hi", "Hello"))
        world = json.loads(pathlib.Path(path).read_text())
        world["faults"] = [{"at": "start#2", "do": {"status": 503}}, {"at": "poll#1", "do": {"status": 500}}]
        pathlib.Path(path).write_text(json.dumps(world))
        with in_a_thread(Foreign()) as service:
            with self.record(service, "--world", path, "--max-conversations", "2") as recorder:
                recorder.converse("Hey")
                self.assertEqual([recorder.start(prompt)[0] for prompt in ("Hi", "Hey", "Hi")], [200, 202, 503])
            self.assertEqual(len(service.starts()), 2)

    def test_a_conversation_of_a_world_does_not_go_on_at_the_service(self):
        with in_a_thread(Foreign()) as service:
            with self.record(service, "--world", self.world(("Hi", "Hello")), "--max-conversations", "9") as recorder:
                _, told, _ = recorder.start("Hi")
                recorder.answer_to(told)
                status, refused, hint = recorder.call("POST", f"/conversations/{told['job_id']}/continue",
                                                      {"prompt": "And now?"})
            self.assertEqual((status, service.calls), (404, []))
            self.assertIn("its conversation is not at the service", refused["error"])
            self.assertIn('prompt equals "Hi", got "And now?"', hint)
            self.assertIn("1 prompt was refused in conversations that worlds began", recorder.said)

    def test_lists_agents_files_and_mistakes_are_the_fakes(self):
        with in_a_thread(Foreign()) as service:
            with self.record(service, "--world", self.world(), "--max-conversations", "9") as recorder:
                recorder.call("GET", "/agents")
                recorder.call("POST", "/agents", {"name": "New"})
                recorder.call("GET", f"/agents/{AGENT}/conversations")
                recorder.call("GET", "/messages/cmsg_01KRK1V46BXS73CSNK2VR35NPJ")
                recorder.call("GET", "/nowhere")
                self.assertEqual(recorder.start("")[0], 400)
                self.assertEqual(recorder.start("Hi", attachment_ids=["att_01KRK1V46BXS73CSNK2VR35NPJ"])[0], 400)
                status, told, hint = recorder.start("Hi", attachment_ids=[recorder.upload()])
            self.assertEqual((status, service.calls), (404, []))
            self.assertIn("its files are not at the service", told["error"])
            self.assertIn("record this one without --on-miss", hint)

    def test_files_of_the_fake_do_not_go_to_the_service_in_a_further_prompt(self):
        with in_a_thread(Foreign()) as service:
            with self.record(service, "--max-conversations", "1") as recorder:
                _, began, _ = recorder.start("What is new?")
                recorder.answer_to(began)
                path, file = f"/conversations/{began['job_id']}/continue", recorder.upload()
                service.calls.clear()
                for files in ([file], file, ["att_of_nobody"]):
                    status, told, hint = recorder.call("POST", path, {"prompt": "Read", "attachment_ids": files})
                    self.assertEqual((status, service.calls), (404, []), files)
                    self.assertIn("its files are not at the service", told["error"])
                    self.assertIn("record this one without --on-miss", hint)
                status, _, _ = recorder.call("POST", path, {"prompt": "And now?", "attachment_ids": []})
                self.assertEqual((status, len(service.calls)), (202, 1))
        self.assertIn("with 1 further prompt\n", recorder.said)
        self.assertIn("3 prompts were refused, as their files are not at the service", recorder.said)

    def test_files_of_the_service_may_be_sent_to_it_again(self):
        says = {"job_id": "job_S", "message_id": "cmsg_S", "attachment_ids": ["att_S"]}
        with refusing(202, 202, says=says) as service:
            with self.record(service, "--max-conversations", "1") as recorder:
                recorder.start("What is new?")
                status, _, _ = recorder.call("POST", "/conversations/job_S/continue",
                                             {"prompt": "Again", "attachment_ids": ["att_S"]})
            self.assertEqual((status, service.statuses), (202, []))

    def test_further_prompts_count_once_the_service_took_them(self):
        with refusing(202, 429, 400, 202, 503, says={"job_id": "job_S"}) as service:
            with self.record(service, "--max-conversations", "1") as recorder:
                recorder.start("What is new?")
                for _ in range(4):
                    recorder.call("POST", "/conversations/job_S/continue", {"prompt": "And?"})
            self.assertEqual(service.statuses, [])
        self.assertIn("1 of at most 1 by the service with 2 further prompts\n", recorder.said)

    def test_only_known_calls_about_a_thing_of_the_service_go_there(self):
        with in_a_thread(Foreign()) as service:
            with self.record(service, "--max-conversations", "1") as recorder:
                _, told, _ = recorder.start("What is new?")
                recorder.answer_to(told)
                service.calls.clear()
                job, message = "/conversations/" + told["job_id"], "/messages/" + told["message_id"]
                for path in (job, job + "/", job + "/start", job + "/../start", job + "/%2e%2e/start",
                             job + "/.%2E/start", job + "%2F..%2Fstart", job + "%2fcontinue", job + "\\..\\start",
                             job + "/continue/", job + "/continue/../../start", job + "/continue;x", job + "/%63ontinue",
                             job + "/./continue", job + "//continue", "/" + job + "/continue", "/." + job + "/continue",
                             job + "/messages", message, "/conversations/../conversations/start",
                             "/attachments/" + told["job_id"] + "/../../conversations/start"):
                    recorder.call("POST", path, {"agent_id": AGENT, "prompt": "Hi"})
                    self.assertEqual(service.calls, [], path)
                for path in (job, job + "/continue", job + "/messages/", job + "/messages/..", job + "/messages/x",
                             message + "/", message + "/x", message + "/..", message + "/../../agents",
                             message + "%2F..", "/agents/" + told["job_id"], "/attachments"):
                    recorder.call("GET", path)
                    self.assertEqual(service.calls, [], path)
                recorder.call("DELETE", message)
                self.assertEqual(service.calls, [])

    def test_a_thing_of_the_service_is_known_however_its_id_is_written(self):
        with in_a_thread(Foreign()) as service:
            with self.record(service, "--max-conversations", "1") as recorder:
                _, told, _ = recorder.start("What is new?")
                recorder.answer_to(told)
                job, message = ("%" + format(ord(told[name][0]), "02x") + told[name][1:]
                                for name in ("job_id", "message_id"))
                service.calls.clear()
                self.assertEqual(recorder.call("GET", f"/messages/{message}?x=1")[0], 200)
                self.assertEqual(recorder.call("GET", f"/conversations/{job}/messages")[0], 200)
                self.assertEqual(recorder.call("POST", f"/conversations/{job}/continue", {"prompt": "And?"})[0], 202)
                self.assertEqual(len(service.calls), 3)
        self.assertIn("with 1 further prompt\n", recorder.said)

    def test_neither_agents_nor_what_has_no_id_are_at_the_service(self):
        says = {"job_id": "job_S", "id": "", "agent": {"id": "agent_S"}}
        with refusing(202, 202, says=says) as service:
            with self.record(service, "--max-conversations", "1") as recorder:
                recorder.start("What is new?")
                self.assertEqual(recorder.call("POST", "/agents/agent_S/deploy")[0], 404)
                self.assertEqual(recorder.start("What is old?")[0], 404)
                recorder.upload()
            self.assertEqual(service.statuses, [202])

    def test_keys_go_to_the_service_with_forwarded_calls_only(self):
        with in_a_thread(Foreign()) as service:
            with self.record(service, "--world", self.world(("Hi", "Hello")), "--max-conversations", "1") as recorder:
                recorder.call("GET", "/agents", key="nr_of_somebody_else")
                recorder.converse("Hi")
                recorder.converse("What is new?")
            self.assertEqual({key for _, _, key in service.calls}, {f"Bearer {seed.KEY}"})

    def test_ids_of_both_are_told_apart_even_if_the_service_is_a_fake(self):
        command = [MOCK, "serve", "--port", "0", "--log", "none", "--world", self.world(("Hey", "From the service"))]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as service:
            base_url = json.loads(service.stdout.readline())["base_url"]
            world = self.world(("Hi", "Hello"))
            with Recorder(base_url, self.out, "--world", world, "--max-conversations", "2") as recorder:
                told = [recorder.start(prompt)[1] for prompt in ("Hi", "Hey", "Hi", "Hey")]
                answers = [recorder.answer_to(one) for one in told]
            service.terminate()
        self.assertEqual(answers, ["Hello", "From the service"] * 2)
        self.assertEqual(len({one["job_id"] for one in told}), 4)

    def test_replies_are_asked_for_unpacked_as_ids_are_read_in_them(self):
        with in_a_thread(Foreign()) as service:
            with self.record(service, "--max-conversations", "1") as recorder:
                recorder.call("POST", "/conversations/start", {"agent_id": AGENT, "prompt": "Hey"},
                              {"Accept-Encoding": "gzip, br"})
            self.assertEqual([call.headers["Accept-Encoding"] for call in service.requests], ["identity"])


class CommandLine(OnMiss):
    def refused(self, *options):
        ended = subprocess.run([CONTRACT, "record", "--target", "http://127.0.0.1:1", "--out", self.out, *options],
                               capture_output=True, text=True, timeout=60)
        self.assertEqual((ended.returncode, ended.stdout), (2, ""), ended.stderr)
        return ended.stderr

    def test_its_options_need_it(self):
        self.assertIn("--on-miss", self.refused("--max-conversations", "1"))
        self.assertIn("--on-miss", self.refused("--world", "own.json"))

    def test_its_number_is_whole_and_its_world_a_file(self):
        self.assertIn("--max-conversations", self.refused("--on-miss", "--max-conversations", "-1"))
        self.assertIn("standard input", self.refused("--on-miss", "--world", "-"))

    def test_worlds_with_mistakes_are_said(self):
        path = pathlib.Path(self.folder, "bad.json")
        path.write_text('{"turn": []}')
        self.assertIn("turns", self.refused("--on-miss", "--world", str(path)))


if __name__ == "__main__":
    unittest.main()
