"""The foreign server keeps what REFERENCE states, and differs where it only assumes."""
import base64
import http.client
import json
import threading
import unittest
import urllib.parse

import server

UNKNOWN = "01ARZ3NDEKTSV4RRFFQ69G5FAV"


class ForeignServer(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = server.Server()
        threading.Thread(target=cls.server.serve_forever, daemon=True).start()
        cls.states = cls.server.states

    @classmethod
    def tearDownClass(cls):
        cls.server.shutdown()
        cls.server.server_close()

    def setUp(self):
        self.connection = http.client.HTTPConnection("127.0.0.1", self.server.server_port)
        self.addCleanup(self.connection.close)

    def call(self, method, path, body=None, authorization="Bearer " + server.seed.KEY,
             content_type="application/json"):
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
        self.connection.request(method, server.PREFIX + path, body,
                                {"Authorization": authorization, "Content-Type": content_type})
        reply = self.connection.getresponse()
        text = reply.read()
        return reply.status, json.loads(text) if text else None

    def status(self, *call, **options):
        return self.call(*call, **options)[0]

    def timeline(self, job):
        return self.call("GET", f"/conversations/{job}/messages")[1]["messages"]

    def turn(self, prompt, job=None, **fields):
        """Plays one turn to its end; answers its job and the statuses that it passed through."""
        path, who = (f"/conversations/{job}/continue", {}) if job else (
            "/conversations/start", {"agent_id": self.states["agent"]})
        status, started = self.call("POST", path, {"prompt": prompt, **who, **fields})
        self.assertEqual(status, 202, started)
        seen = []
        while not seen or seen[-1] not in ("completed", "failed"):
            seen.append(self.call("GET", f"/messages/{started['message_id']}")[1]["status"])
        return started["job_id"], sorted(set(seen), key=seen.index)

    def test_a_turn_is_queued_then_pending_then_completed(self):
        job, seen = self.turn(self.states["slow_prompt"])
        self.assertEqual(seen, ["queued", "pending", "completed"])
        self.assertIn(self.states["slow_prompt"], self.timeline(job)[-1]["content"])

    def test_a_failed_turn_has_its_system_message_and_can_be_tried_again(self):
        job, seen = self.turn(self.states["failing_prompt"])
        self.assertEqual(seen[-1], "failed")
        self.assertEqual(self.timeline(job)[-1]["content"], "nairid encountered error: division by zero")
        self.assertEqual(self.turn("Again", job)[1][-1], "completed")

    def test_a_follow_up_knows_the_turns_before_it(self):
        job, _ = self.turn("Name a colour")
        self.turn("Another", job)
        self.assertIn("Name a colour", self.timeline(job)[-1]["content"])

    def test_deltas_are_a_prefix_of_the_answer(self):
        for prompt in ("Tell me", self.states["silent_prompt"]):
            messages = self.timeline(self.turn(prompt)[0])
            envelopes = [json.loads(m["content"]) for m in messages if m["role"] == "progress"]
            text = "".join(envelope.get("text_delta", "") for envelope in envelopes)
            self.assertTrue(messages[-1]["content"].startswith(text))
            self.assertEqual(text, text.strip())

    def test_tools_run_but_not_in_ask_mode(self):
        for ask_mode in (False, True):
            job, _ = self.turn(self.states["tools_prompt"], ask_mode=ask_mode)
            self.assertEqual(any("tool_name" in m for m in self.timeline(job)), not ask_mode)

    def test_usage_is_reported_whole_or_not_at_all(self):
        names = set(server.turns.USAGE)
        for prompt, expected in ((self.states["usage_prompt"], names), ("Hello", set())):
            self.assertEqual(names & set(self.timeline(self.turn(prompt)[0])[-1]), expected)

    def test_a_closing_turn_completes_its_conversation(self):
        job, _ = self.turn(self.states["closing_prompt"])
        self.assertTrue(self.timeline(job)[-1]["content"].startswith("Job complete - "))
        self.assertEqual(self.status("POST", f"/conversations/{job}/continue", {"prompt": "More"}), 404)

    def test_jobs_of_other_origins_are_not_api_jobs(self):
        for name in ("slack_job", "discord_job", "web_job"):
            answer = self.call("POST", f"/conversations/{self.states[name]}/continue", {"prompt": "Hi"})
            self.assertEqual(answer, (400, {"error": "job is not an API job"}))

    def test_a_walk_by_cursor_sees_each_conversation_once_while_they_change(self):
        path = f"/agents/{self.states['agent']}/conversations?limit=2&sort=updated_at_desc"
        before = {job["id"] for job in self.call("GET", path + "&limit=100")[1]["conversations"]}
        page, seen = self.call("GET", path)[1], []
        while True:
            seen += [job["id"] for job in page["conversations"]]
            if "next_cursor" not in page:
                break
            self.turn("Move up", self.states["legacy_job"])
            page = self.call("GET", path + "&cursor=" + urllib.parse.quote(page["next_cursor"]))[1]
        self.assertEqual(len(seen), len(set(seen)))
        self.assertEqual(set(seen), before)

    def test_an_agent_is_found_by_slug_and_id_and_with_a_slash(self):
        slug = self.states["agent_with_slash"]
        for name in (slug, slug.replace("/", "%2F"), self.states["agent_id"]):
            self.assertEqual(self.status("GET", f"/agents/{name}"), 200)
            self.assertEqual(self.status("GET", f"/agents/{name}/conversations"), 200)

    def test_a_file_comes_back_unchanged(self):
        data = b"a\0b\xff\r\n--a"
        body = ('--b\r\nContent-Disposition: form-data; name="other"\r\n\r\nx\r\n'
                '--b\r\nContent-Disposition: form-data; name="file"; filename="€ %22x\\".txt"\r\n'
                '\r\n').encode() + data + b"\r\n--b--\r\n"
        _, uploaded = self.call("POST", "/attachments", body,
                                content_type="multipart/form-data; boundary=b")
        file = self.call("GET", f"/attachments/{uploaded['attachment_id']}")[1]
        self.assertEqual((file["filename"], base64.b64decode(file["data"])), ('€ "x".txt', data))

    def test_bad_and_unknown_ids_and_those_of_others(self):
        for path, expected in ((f"/messages/cmsg_{UNKNOWN}", 404), ("/messages/cmsg_1", 400),
                               (f"/messages/{self.states['other_message']}", 400),
                               (f"/conversations/job_{UNKNOWN}/messages", 400),
                               (f"/conversations/{self.states['other_job']}/messages", 400),
                               (f"/attachments/{self.states['other_attachment']}", 400),
                               ("/agents/nobody", 404), ("/agents/cci_x", 400)):
            self.assertEqual(self.status("GET", path), expected, path)

    def test_keys(self):
        for authorization in ("", "bearer " + server.seed.KEY, "Bearer nr_foreign_revoked"):
            self.assertEqual(self.status("GET", "/agents", authorization=authorization), 401)

    def test_bad_bodies_and_queries_are_refused(self):
        for body in (b"{", b"[]", b'{"prompt": "x", "agent_id": 1}', b"[" * 100_000,
                     b'{"agent_id": "helper", "prompt": ""}', b"\xff"):
            self.assertEqual(self.status("POST", "/conversations/start", body), 400, body[:40])
        for query in ("limit=0", "limit=101", "offset=-1", "status=active,", "sort=x", "cursor=x",
                      "updated_after=yesterday"):
            self.assertEqual(self.status("GET", "/agents/helper/conversations?" + query), 400, query)


if __name__ == "__main__":
    unittest.main()
