"""What goes wrong on the wire looks in process as it does on a real one."""
import asyncio
import concurrent.futures
import re
import threading
import time

import httpx
import nairi_mock
import pytest
import requests
from nairi_mock import on_requests
from requests.adapters import HTTPAdapter
from urllib3 import Retry

FAULTS = [{"status": 503}, {"status": 429, "retry_after_s": 30, "retry_after_date": True},
          {"status": 502, "body": "<html>"}, {"redirect_to": "http://127.0.0.1:1"},
          {"malformed_json": True}, {"reset_after_bytes": 0}, {"reset_after_bytes": 30},
          {"reset_after_bytes": 400}, {"truncate_after_bytes": 0}, {"truncate_after_bytes": 17},
          {"empty_response": True}, {"encode": "chunked"}, {"encode": "gzip"},
          {"delay_ms": 10}, {"drip_bytes_per_s": 100_000},
          {"drip_bytes_per_s": 100_000, "reset_after_bytes": 400}]
TOO_SLOW = [{"delay_ms": 60_000}, {"drip_bytes_per_s": 1}]
LONG_S, SHORT_S = 60, 0.2


def by_requests(fake, read_s):
    reply = fake.session().get(fake.base_url + "/agents", timeout=(LONG_S, read_s),
                               allow_redirects=False)
    return reply.status_code, reply.content, reply.headers.get("Retry-After")


def by_httpx(fake, read_s):
    reply = fake.httpx_client(timeout=httpx.Timeout(LONG_S, read=read_s)).get("/agents")
    return reply.status_code, reply.content, reply.headers.get("Retry-After")


def by_async_httpx(fake, read_s):
    async def call():
        timeout = httpx.Timeout(LONG_S, read=read_s)
        async with fake.httpx_async_client(timeout=timeout) as client:
            return await client.get("/agents")
    reply = asyncio.run(call())
    return reply.status_code, reply.content, reply.headers.get("Retry-After")


def outcome(library, fake, read_s=LONG_S):
    """What comes, or the exception with its causes, without addresses. Sockets of asyncio give no
    texts."""
    try:
        return library(fake, read_s)
    except (requests.RequestException, httpx.HTTPError) as error:
        if library is by_async_httpx:
            return type(error).__name__
        return re.sub(r"host='[^']*', port=\d+", "host, port", repr(error))


@pytest.fixture(scope="module")
def pair():
    with nairi_mock.Fake() as fake, nairi_mock.serve() as server:
        yield fake, server


@pytest.mark.parametrize("library", [by_requests, by_httpx, by_async_httpx])
@pytest.mark.parametrize("fault", FAULTS + TOO_SLOW, ids=str)
def test_a_fault_is_the_same_in_process_and_over_a_wire(pair, library, fault):
    outcomes = []
    for fake in pair:
        mine = fake.for_key("nr_pair")
        mine.reset()
        mine.add_faults({"at": "agents#1", "do": fault})
        outcomes.append(outcome(library, mine, SHORT_S if fault in TOO_SLOW else LONG_S))
    assert outcomes[0] == outcomes[1]
    assert (fault not in TOO_SLOW) or "ReadTimeout" in outcomes[0]


@pytest.fixture
def fake():
    with nairi_mock.Fake() as fake:
        yield fake


def struck(fake, fault, at="agents#1"):
    fake.add_faults({"at": at, "do": fault})
    return fake


@pytest.mark.parametrize("fault, error", [
    ({"reset_after_bytes": 0}, requests.ConnectionError),
    ({"reset_after_bytes": 400}, requests.exceptions.ChunkedEncodingError),
    ({"empty_response": True}, requests.ConnectionError),
    ({"delay_ms": 60_000}, requests.ReadTimeout)])
def test_requests_raises_its_own(fake, fault, error):
    with pytest.raises(error):
        struck(fake, fault).session().get(fake.base_url + "/agents", timeout=5)


@pytest.mark.parametrize("fault, error", [
    ({"reset_after_bytes": 0}, httpx.ReadError), ({"reset_after_bytes": 400}, httpx.ReadError),
    ({"truncate_after_bytes": 17}, httpx.RemoteProtocolError),
    ({"empty_response": True}, httpx.RemoteProtocolError),
    ({"delay_ms": 60_000}, httpx.ReadTimeout)])
def test_httpx_raises_its_own(fake, fault, error):
    with pytest.raises(error):
        struck(fake, fault).httpx_client(timeout=5).get("/agents")


def test_nobody_waits_but_under_the_wall_clock(fake, monkeypatch):
    monkeypatch.setattr(time, "sleep", lambda seconds: pytest.fail(f"slept {seconds} s"))
    assert struck(fake, {"delay_ms": 60_000}).httpx_client(timeout=None).get("/agents").is_success


@pytest.mark.parametrize("library", [by_requests, by_httpx])
def test_delays_are_real_under_the_wall_clock(library, monkeypatch):
    slept = []
    now = [time.monotonic()]

    def sleep(seconds):
        slept.append(seconds)
        now[0] += seconds

    monkeypatch.setattr(time, "sleep", sleep)
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    with nairi_mock.Fake(clock="wall") as fake:
        assert library(struck(fake, {"delay_ms": 3000}), LONG_S)[0] == 200
        assert sum(slept) == pytest.approx(3)
        struck(fake, {"delay_ms": 90_000}, "agents#2")
        assert "ReadTimeout" in outcome(library, fake)
        assert sum(slept) == pytest.approx(3 + LONG_S)
        slept.clear()
        struck(fake, {"delay_ms": 2000, "drip_bytes_per_s": 500}, "agents#3")
        status, body, _ = library(fake, LONG_S)
        assert status == 200 and sum(slept) > 2 + len(body) / 500


@pytest.mark.parametrize("library", [by_requests, by_httpx])
def test_a_reset_drops_a_delayed_reply(library, monkeypatch):
    with nairi_mock.Fake(clock="wall") as fake:
        fake.add_faults({"at": "agents#1", "do": {"delay_ms": 200}})
        asleep = threading.Event()

        def sleep(_):
            if not asleep.is_set():
                asleep.set()
                fake.reset()  # while the reply is on its way

        monkeypatch.setattr(time, "sleep", sleep)
        assert re.search("RemoteDisconnected|RemoteProtocolError", outcome(library, fake))


def held(fake, count=1):
    """Waits until so many replies are held."""
    while len(fake.held()) != count:
        pass


@pytest.mark.parametrize("library", [by_requests, by_httpx, by_async_httpx])
def test_a_reply_is_held_until_it_is_released(pair, library):
    for fake in pair:
        mine = fake.for_key("nr_held")
        mine.reset()
        mine.add_faults({"at": "agents#1", "do": {"hold": "list", "status": 503}})
        with pytest.raises(nairi_mock.ControlError, match='no reply is held as "list"'):
            mine.release("list")
        with concurrent.futures.ThreadPoolExecutor() as pool:
            answer = pool.submit(library, mine, LONG_S)
            held(mine)
            assert (mine.held()[0]["name"], mine.held()[0]["at"]) == ("list", "agents#1")
            assert library(mine, LONG_S)[0] == 200  # others go on
            assert not answer.done()
            assert mine.release("list") == 1
            assert answer.result()[0] == 503
        held(mine, 0)


@pytest.mark.parametrize("library", [by_requests, by_httpx, by_async_httpx])
def test_who_gives_up_a_held_reply_leaves_nothing_that_is_held(pair, library):
    for fake in pair:
        mine = fake.for_key("nr_gives_up")
        mine.reset()
        mine.add_faults({"at": "agents#1", "do": {"hold": "list"}})
        assert "ReadTimeout" in outcome(library, mine, SHORT_S)
        held(mine, 0)


@pytest.mark.parametrize("library", [by_requests, by_httpx, by_async_httpx])
def test_a_reset_ends_what_is_held(pair, library):
    outcomes = []
    for fake in pair:
        mine = fake.for_key("nr_reset")
        mine.reset()
        mine.add_faults({"at": "agents#1", "do": {"hold": "list"}})
        with concurrent.futures.ThreadPoolExecutor() as pool:
            answer = pool.submit(outcome, library, mine)
            held(mine)
            mine.reset()
            outcomes.append(answer.result())
    assert outcomes[0] == outcomes[1]


def test_handle_answers_at_once_and_says_that_the_reply_is_held(fake):
    struck(fake, {"hold": "list"})
    reply = fake.handle("GET", "/api/public/v1/agents", {"Authorization": f"Bearer {fake.api_key}"})
    assert reply.is_held() and reply.status == 200
    assert fake.release("list") == 1 and not reply.is_held()


def test_retries_of_requests_work(fake):
    adapter = fake.requests_adapter(max_retries=Retry(2, status_forcelist=[503]))
    session = fake.session()
    session.mount(fake.base_url, adapter)
    fake.add_faults({"at": "agents", "times": 2, "do": {"status": 503}})
    assert session.get(fake.base_url + "/agents").status_code == 200
    assert len(fake.journal()) == 3


@pytest.mark.parametrize("url", ["https://api.nairi.ai", "http://localhost:8080"])
def test_an_adapter_may_stand_for_any_url(fake, url, monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    session = requests.Session()
    session.mount(url, fake.requests_adapter())
    reply = session.get(url + "/api/public/v1/agents", headers={"Authorization": "Bearer nr_x"})
    assert reply.status_code == 200
    host, = (field["value"] for field in fake.journal()[0]["headers"] if field["name"] == "Host")
    assert host == url.partition("://")[2]


def test_a_transport_may_stand_for_any_url(fake):
    client = httpx.Client(transport=fake.httpx_transport())
    reply = client.get("https://api.nairi.ai/api/public/v1/agents", headers={"Authorization": "Bearer nr_x"})
    assert (reply.status_code, reply.http_version) == (200, "HTTP/1.1")


def test_a_client_without_the_adapter_reaches_nothing(fake, monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(requests.ConnectionError, match=r"nairi-mock\.invalid"):
        requests.get(fake.base_url + "/agents", timeout=5)


def test_a_connection_is_used_until_it_is_closed(fake, monkeypatch):
    opened = []
    monkeypatch.setattr(on_requests._Connection, "_new_conn",
                        lambda self: opened.append(1) or on_requests._Socket(self._fake))
    session = fake.session()
    session.get(fake.base_url + "/agents")
    struck(fake, {"truncate_after_bytes": 3}, "agents#2")
    session.get(fake.base_url + "/agents")
    assert len(opened) == 1
    session.get(fake.base_url + "/agents")
    assert len(opened) == 2


def test_uploads_in_all_forms_arrive_whole(fake):
    file = b"\x00\r\n\r\n\xff" * 5000
    for client in (fake.session(), fake.httpx_client()):
        reply = client.post(fake.base_url + "/attachments", files={"file": ("a.bin", file)})
        assert reply.status_code == 201, reply.text
    chunks = iter([b'{"agent_id": "my-agent", ', b'"prompt": "In chunks"}'])
    reply = fake.session().post(fake.base_url + "/conversations/start", data=chunks)
    assert reply.status_code == 200, reply.text


def test_head_has_no_body(pair):
    for fake in pair:
        session = fake.session("nr_head")
        reply = session.head(fake.base_url + "/agents")
        assert (reply.status_code, reply.content) == (200, b"")
        assert session.get(fake.base_url + "/agents").status_code == 200  # on the same connection
        assert fake.httpx_client().head("/agents").content == b""


def test_the_control_api_may_be_called_by_a_session(fake):
    for client in (fake.session(), fake.httpx_client()):
        assert client.post(fake.control_url + "/reset").json() == {"status": "ok"}


def test_a_streamed_body_comes_in_pieces(fake):
    struck(fake, {"drip_bytes_per_s": 5000})
    reply = fake.session().get(fake.base_url + "/agents", stream=True)
    pieces = list(reply.iter_content(10))
    assert len(pieces) > 50 and b"".join(pieces).startswith(b'[{"id"')


def test_an_adapter_of_requests_is_one(fake):
    assert isinstance(fake.requests_adapter(), HTTPAdapter)
