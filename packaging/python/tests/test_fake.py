"""A fake does the same in process and on a port."""
import json
import threading
import time

import nairi_mock
import pytest

WORLD = {"agents": [{"agent_id": "ops"}],
         "turns": [{"timeline": [{"status": "pending", "ms": 1000, "polls": 1},
                                 {"status": "completed", "reply": "Done: {{prompt}}"}]}]}


def start(fake, agent="my-agent", prompt="Hello", key=None):
    reply = fake.session(key).post(fake.base_url + "/conversations/start",
                                   json={"agent_id": agent, "prompt": prompt})
    assert reply.status_code == 200, reply.text
    return reply.json()


def status(fake, turn):
    return fake.session().get(f"{fake.base_url}/messages/{turn['message_id']}").json()["status"]


def answer(fake, turn):
    path = f"{fake.base_url}/conversations/{turn['job_id']}/messages"
    return fake.session().get(path).json()["messages"][-1]["content"]


def test_a_conversation_is_played(fake):
    turn = start(fake)
    while status(fake, turn) != "completed":
        pass
    assert answer(fake, turn) == "my-agent heard: Hello"
    assert not fake.verdicts().broken()


def test_it_can_be_asked_without_a_client(fake):
    assert fake.ask("billing-agent", "Refund cus_123") == 'Refunded cus_123 as asked: "Refund cus_123"'
    assert not fake.verdicts().broken()
    with pytest.raises(nairi_mock.Error, match="the turn is failed: .*card declined"):
        fake.ask("my-agent", "Please fail")
    with pytest.raises(nairi_mock.ControlError, match="agent not found"):
        fake.ask("no-agent", "Hello")


def test_it_gives_up_on_a_turn_that_never_ends(fake):
    began = time.monotonic()
    with pytest.raises(nairi_mock.Error, match="the turn is queued"):
        fake.ask("sleepy-agent", "Hello")
    assert time.monotonic() - began < 30


@pytest.mark.parametrize("clock", ["poll", "virtual", "wall"])
def test_it_can_be_asked_under_any_clock(make, clock):
    fake = make(WORLD, clock=clock)
    assert fake.ask("ops", "Hello") == "Done: Hello"


@pytest.mark.parametrize("form", ["dict", "text", "path", "string"])
def test_a_world_may_be_given_as(make, tmp_path, form):
    file = tmp_path / "world.json"
    file.write_text(json.dumps(WORLD))
    fake = make({"dict": WORLD, "text": json.dumps(WORLD), "path": file, "string": str(file)}[form])
    assert [agent["agent_id"] for agent in fake.httpx_client().get("/agents").json()] == ["ops"]


def test_files_of_a_world_are_beside_it(make, tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.bin").write_bytes(b"\x00\xff\n")
    turns = [{"timeline": [{"status": "completed", "reply": "here", "attachments": ["in/a.bin"]}]}]
    file = tmp_path / "world.json"
    file.write_text(json.dumps({**WORLD, "turns": turns}))
    fake = make(file)
    turn = start(fake, "ops")
    status(fake, turn)
    client = fake.httpx_client()
    last = client.get(f"/conversations/{turn['job_id']}/messages").json()["messages"][-1]
    assert client.get(f"/attachments/{last['attachment_ids'][0]}").json()["data"] == "AP8K"


def test_a_file_that_is_missing_is_named(make, tmp_path):
    turns = [{"timeline": [{"status": "completed", "reply": "x", "attachments": ["no.pdf"]}]}]
    file = tmp_path / "world.json"
    file.write_text(json.dumps({**WORLD, "turns": turns}))
    with pytest.raises(nairi_mock.WorldError, match=r"world\.json:1:\d+: .*no\.pdf.*no such file"):
        make(file)


def test_a_file_that_cannot_be_read_has_a_reason(make, tmp_path):
    (tmp_path / "folder").mkdir()
    turns = [{"timeline": [{"status": "completed", "reply": "x", "attachments": ["folder"]}]}]
    file = tmp_path / "world.json"
    file.write_text(json.dumps({**WORLD, "turns": turns}))
    with pytest.raises(nairi_mock.WorldError, match=r"can't read the attachment \"folder\": .*(folder|directory)$"):
        make(file)


def test_every_mistake_of_a_world_is_a_diagnostic(make):
    with pytest.raises(nairi_mock.WorldError) as caught:
        make({"agents": [{"agent_id": "a", "nam": "x"}, {"agent_id": "a"}]})
    assert caught.value.diagnostics == [
        'world:1:31: /agents/0: unknown key "nam"; did you mean "name"?',
        'world:1:57: /agents/1/agent_id: duplicate "a": /agents/0/agent_id has it already']


@pytest.mark.parametrize("world, text", [
    ("no-such.json", "no-such.json: can't read the world file"), ("builtin:no", 'no world "no"'),
    ("{", "world:1:2:"), (b"\xff\xfe", None), ({"agents": {1, 2}}, "what JSON can say")])
def test_a_world_that_is_none_is_refused(make, world, text):
    with pytest.raises(nairi_mock.WorldError if text else TypeError, match=text):
        make(world)


@pytest.mark.parametrize("option, value", [("clock", "sundial"), ("seed", -1), ("keys", "some"),
                                           ("mutate", "all"), ("speed", 2), ("journal_max", -1),
                                           ("cors_origins", ["x"])])
def test_an_option_that_is_wrong_is_named(make, option, value):
    with pytest.raises(ValueError, match=option.split("_")[-1].rstrip("s")):
        make(**{option: value})


def test_a_ledger_is_followed(make, tmp_path):
    ledger = tmp_path / "fidelity.json"
    seen = {"count": 1, "first": "2026-11-26", "last": "2026-11-26"}
    ledger.write_text(json.dumps({"fidelity": 1, "statements": {
        "bad-sort": {"verdict": "refuted", "refuted": seen, "knob": {"bad_query_status": 422}}}}))
    fake = make(fidelity=str(ledger))
    path = fake.base_url + "/agents/my-agent/conversations?sort=up"
    assert fake.session().get(path).status_code == 422


def test_the_virtual_clock_stands_still_until_it_is_moved(make):
    fake = make(WORLD, clock="virtual")
    turn = start(fake, "ops")
    assert (status(fake, turn), status(fake, turn)) == ("pending", "pending")
    fake.advance(1000)
    assert status(fake, turn) == "completed"


def test_only_the_virtual_clock_can_be_moved(fake):
    with pytest.raises(nairi_mock.ControlError, match="clock") as caught:
        fake.advance(1)
    assert caught.value.status == 400


def test_same_seed_key_and_calls_give_the_same_ids(make):
    first, same, other = (make(seed=seed) for seed in (7, 7, 8))
    ids = [start(fake, key="nr_same")["job_id"] for fake in (first, same, other)]
    assert ids[0] == ids[1] != ids[2]


def test_keys_never_meet(fake):
    one, two = fake.new_key(), fake.new_key()
    turn = start(fake, key=one)
    path = f"{fake.base_url}/conversations/{turn['job_id']}/messages"
    assert fake.session(one).get(path).status_code == 200
    assert fake.session(two).get(path).status_code == 404
    assert len(fake.journal(one)) == 2 and len(fake.journal(two)) == 1
    assert len(fake.journal()) == 3
    assert len(fake.for_key(two).journal()) == 1


def test_listed_keys_are_those_of_the_world(make):
    fake = make(keys="listed")
    assert fake.session().get(fake.base_url + "/agents").status_code == 200
    assert fake.session("nr_other_one").get(fake.base_url + "/agents").status_code == 401
    with pytest.raises(ValueError, match="world alone has keys"):
        fake.new_key()


def test_the_journal_says_what_was_sent(fake):
    start(fake)
    entry, = fake.journal()
    assert entry["operation"] == "start" and json.loads(entry["body"])["prompt"] == "Hello"


def test_a_reset_forgets(fake):
    start(fake)
    fake.reset()
    assert fake.journal() == []


def test_a_revoked_key_is_not_let_in(fake):
    fake.revoke()
    assert fake.session().get(fake.base_url + "/agents").status_code == 401


def test_faults_strike(fake):
    fake.add_faults({"at": "agents#1", "do": {"status": 503, "retry_after_s": 3}})
    first, second = (fake.session().get(fake.base_url + "/agents") for _ in range(2))
    assert (first.status_code, first.headers["Retry-After"]) == (503, "3")
    assert second.status_code == 200


def test_a_fault_that_is_none_is_refused(fake):
    with pytest.raises(nairi_mock.ControlError, match="start"):
        fake.add_faults([{"at": "strat#1", "do": {"status": 503}}])


def test_a_job_of_slack_can_be_made(fake):
    job = fake.add_job({"agent_id": "my-agent", "origin": "slack"})
    reply = fake.session().post(f"{fake.base_url}/conversations/{job}/continue", json={"prompt": "Hi"})
    assert (reply.status_code, reply.json()) == (400, {"error": "job is not an API job"})


def test_another_world_can_be_set(fake):
    fake.set_world(WORLD)
    assert [agent["agent_id"] for agent in fake.httpx_client().get("/agents").json()] == ["ops"]
    with pytest.raises(nairi_mock.WorldError) as caught:
        fake.set_world({"agents": 3, "turns": 4})
    assert len(caught.value.diagnostics) == 2


def test_a_world_can_be_set_for_one_key(fake):
    mine = fake.for_key(fake.new_key())
    mine.set_world(WORLD)
    assert len(mine.httpx_client().get("/agents").json()) == 1
    assert len(fake.httpx_client().get("/agents").json()) > 1


def test_prompts_that_no_script_matched_are_told(make):
    fake = make({"agents": [{"agent_id": "ops"}],
                 "turns": [{"when": {"prompt": {"contains": "Refund"}},
                            "timeline": [{"status": "completed", "reply": "ok"}]}]})
    start(fake, "ops", "Hello")
    assert [one["prompt"] for one in fake.unmatched()] == ["Hello"]


def test_states_name_the_things_of_the_world(fake):
    assert fake.states()["agent"] == "my-agent"


def test_a_broken_rule_has_its_evidence(fake):
    turn = start(fake)
    assert status(fake, turn) != "completed"  # and it never looks again
    verdict, = fake.verdicts().broken()
    assert verdict.rule == "polls-until-terminal" and verdict.evidence_count == len(verdict.evidence)
    with pytest.raises(nairi_mock.RuleBroken, match="(?s)MUST broken: polls-until.*GET /messages/cmsg_"):
        fake.verdicts().check()
    assert fake.verdicts()["auth-on-every-call"].outcome == "kept"
    with pytest.raises(KeyError, match="polls-until-terminal"):
        fake.verdicts()["no-such-rule"]


def test_a_closed_fake_says_so(fake):
    fake.close()
    with pytest.raises(nairi_mock.StartError, match="closed|does not answer"):
        fake.journal()


def test_threads_may_share_a_fake(fake):
    keys = [fake.new_key() for _ in range(8)]
    wrong = []

    def converse(key):
        ids = {start(fake, key=key)["job_id"] for _ in range(10)}
        if len(ids) != 10 or len(fake.journal(key)) != 10:
            wrong.append(key)

    threads = [threading.Thread(target=converse, args=(key,)) for key in keys]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_a_call_that_runs_while_its_fake_is_closed_ends():
    fake = nairi_mock.Fake()
    ended = []

    def call():
        try:
            while True:
                fake.handle("GET", "/api/public/v1/agents", {"Authorization": "Bearer nr_test"})
        except nairi_mock.StartError:
            ended.append(True)

    threads = [threading.Thread(target=call) for _ in range(4)]
    for thread in threads:
        thread.start()
    fake.close()
    for thread in threads:
        thread.join()
    assert len(ended) == 4


def test_handle_takes_plain_values():
    with nairi_mock.Fake() as fake:
        reply = fake.handle("POST", "/api/public/v1/conversations/start",
                            {"Authorization": "Bearer nr_test"}, b'{"prompt": "x"}')
        assert reply.status == 400 and b"agent_id" in reply.body
        assert ("Content-Type", "application/json") in reply.headers
        with pytest.raises(ValueError, match="line breaks"):
            fake.handle("GET", "/", {"X": "1\r\nY: 2"})


def test_errors_survive_pickle():
    import pickle
    for error in (nairi_mock.WorldError(["a", "b"]), nairi_mock.ControlError(400, "no")):
        copy = pickle.loads(pickle.dumps(error))
        assert (str(copy), copy.__dict__) == (str(error), error.__dict__)
