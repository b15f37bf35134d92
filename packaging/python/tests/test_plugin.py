"""The fixture `nairi` in other people's tests."""
import pathlib
import subprocess
import sys
import textwrap

import pytest
from nairi_mock import pytest_plugin

ASK = """
    def test_refunds(nairi):
        assert nairi.ask("billing-agent", "Refund cus_123").startswith("Refunded cus_123")
"""
LEAVES = """
    def start(nairi):
        client = nairi.httpx_client()
        turn = client.post("/conversations/start", json={"agent_id": "my-agent", "prompt": "x"}).json()
        return client.get("/messages/" + turn["message_id"]).json()["status"]

    def test_leaves(nairi):
        assert start(nairi) == "pending"
"""


@pytest.fixture(params=["served", "in process"])
def suite(pytester, request, monkeypatch):
    """Runs tests with a fake of either kind."""
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)

    def run(tests, *options, ini=""):
        pytester.makepyfile(test_it=textwrap.dedent(tests))
        pytester.makeini(f"[pytest]\nnairi_in_process = {request.param == 'in process'}\n{ini}")
        return pytester.runpytest_subprocess("-p", "no:cacheprovider", *options)
    return run


def test_a_good_client_passes(suite):
    suite(ASK).assert_outcomes(passed=1)


def test_a_client_that_breaks_a_rule_fails_its_test_with_the_evidence(suite):
    result = suite(LEAVES)
    result.assert_outcomes(failed=1)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines([
        "*RuleBroken: the client broke polls-until-terminal", "*MUST broken: polls-until-terminal",
        "*#2 GET /messages/cmsg_* pending*", "*What the fake saw of this test*",
        "#1 POST /api/public/v1/conversations/start * 200",
        "FAILED test_it.py::test_leaves - nairi_mock.errors.RuleBroken: the client*"])


def test_warn_only_warns(suite):
    result = suite(LEAVES, ini="nairi_judge = warn")
    result.assert_outcomes(passed=1, warnings=1)
    result.stdout.fnmatch_lines(["*NairiWarning: the client broke polls-until-terminal*"])


def test_warn_fails_where_warnings_are_errors(suite):
    suite(LEAVES, "-W", "error", ini="nairi_judge = warn").assert_outcomes(failed=1)


@pytest.mark.parametrize("options, ini", [(["--nairi-judge=off"], ""), ([], "nairi_judge = off"),
                                          (["--nairi-judge=off"], "nairi_judge = warn")])
def test_off_says_nothing(suite, options, ini):
    suite(LEAVES, *options, ini=ini).assert_outcomes(passed=1)


@pytest.mark.parametrize("mark, outcome", [('@pytest.mark.nairi(judge="off")', "passed"),
                                           ("@pytest.mark.xfail", "xpassed")])
def test_one_test_may_be_excused(suite, mark, outcome):
    tests = textwrap.dedent(LEAVES).replace("def test", f"{mark}\ndef test")
    suite(f"import pytest\n{tests}").assert_outcomes(**{outcome: 1})


def test_a_test_may_change_the_judge(suite):
    suite(textwrap.dedent(LEAVES) + "    nairi.judge = 'off'\n").assert_outcomes(passed=1)


def test_a_test_that_fails_by_itself_shows_what_the_fake_saw(suite):
    result = suite("""
        def test_fails(nairi):
            nairi.httpx_client().get("/agents/no-agent")
            assert False
    """)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*What the fake saw of this test*",
                                 "#1 GET /api/public/v1/agents/no-agent * 404", "*hint: *no-agent*"])


def test_each_test_has_a_key_of_its_own(suite):
    suite("""
        import pytest

        @pytest.mark.parametrize("number", range(3))
        def test_starts_alone(nairi, number):
            assert nairi.journal() == []
            nairi.ask("my-agent", "Hello")
            assert len(nairi.journal()) >= 3
    """).assert_outcomes(passed=3)


def test_keys_are_the_same_in_each_run(suite, pytester):
    tests = """
        import pathlib

        def test_key(nairi):
            turn = nairi.httpx_client().post("/conversations/start", json={"agent_id": "my-agent", "prompt": "x"})
            known = pathlib.Path("known")
            assert not known.exists() or known.read_text() == turn.text
            known.write_text(turn.text)
    """
    for _ in range(2):
        suite(tests).assert_outcomes(passed=1)


@pytest.mark.parametrize("workers", ["0", "2"])
def test_tests_in_parallel_never_meet(suite, workers):
    result = suite("""
        import pytest

        @pytest.mark.parametrize("number", range(20))
        def test_asks(nairi, number):
            assert nairi.ask("my-agent", f"Hello {number}") == f"my-agent heard: Hello {number}"
            assert len({entry["organization"] for entry in nairi.journal()}) == 1

        def test_leaves(nairi):
            client = nairi.httpx_client()
            turn = client.post("/conversations/start", json={"agent_id": "my-agent", "prompt": "x"})
            client.get("/messages/" + turn.json()["message_id"])
    """, "-n", workers)
    result.assert_outcomes(passed=20, failed=1)
    result.stdout.fnmatch_lines(["*MUST broken: polls-until-terminal"])


def test_a_world_of_the_ini_file_is_beside_it(suite, pytester):
    pytester.makefile(".json", world='{"agents": [{"agent_id": "mine"}]}')
    tests = """
        def test_agents(nairi):
            assert [one["agent_id"] for one in nairi.httpx_client().get("/agents").json()] == ["mine"]
    """
    suite(tests, ini="nairi_world = world.json").assert_outcomes(passed=1)
    suite(tests, "--nairi-world", str(pytester.path / "world.json")).assert_outcomes(passed=1)


def test_a_marker_says_how_to_play(suite, pytester):
    pytester.makefile(".json", world='{"agents": [{"agent_id": "mine"}]}')
    suite("""
        import pytest

        pytestmark = pytest.mark.nairi(world={"agents": [{"agent_id": "a"}]})

        def agents(nairi):
            return [one["agent_id"] for one in nairi.httpx_client().get("/agents").json()]

        def test_module(nairi):
            assert agents(nairi) == ["a"]

        @pytest.mark.nairi(world="world.json", seed=7)
        def test_path_beside_the_test(nairi):
            assert agents(nairi) == ["mine"]

        @pytest.mark.nairi(world="builtin:refund", clock="virtual")
        def test_built_in(nairi):
            nairi.advance(1000)

        @pytest.mark.nairi(faults={"at": "agents#1", "do": {"status": 503}})
        def test_faults(nairi):
            assert nairi.httpx_client().get("/agents").status_code == 503
            assert agents(nairi) == ["a"]

        def test_faults_are_over(nairi):
            assert agents(nairi) == ["a"]
    """).assert_outcomes(passed=5)


@pytest.mark.parametrize("marker, text", [
    ("wrold=1", "@pytest.mark.nairi takes world, faults*got wrold"),
    ("judge='maybe'", "judge takes one of fail, warn, off; got 'maybe'"),
    ("world={'agents': 3}", "world:1:12: /agents: expected an array, got the number 3"),
    ("world='no.json'", "*no.json: can't read the world file*"),
    ("clock='sundial'", "*sundial*"), ("faults={'at': 'x'}", "*x*")])
def test_a_marker_that_is_wrong_is_an_error(suite, marker, text):
    result = suite(f"""
        import pytest

        @pytest.mark.nairi({marker})
        def test_it(nairi):
            pass
    """)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([f"*{text}*"])


def test_an_ini_file_that_is_wrong_is_an_error(suite):
    result = suite(ASK, ini="nairi_judge = maybe")
    result.stderr.fnmatch_lines(["*nairi_judge takes one of fail, warn, off; got 'maybe'*"])


def test_the_environment_tells_clients_where_the_fake_is(suite):
    suite("""
        import os

        def test_environment(nairi):
            assert os.environ["NAIRI_BASE_URL"] == nairi.base_url
            assert os.environ["NAIRI_API_KEY"] == nairi.api_key
            assert nairi.root_url.split("/")[2].split(":")[0] in os.environ["no_proxy"]

        def test_it_is_over():
            assert "NAIRI_BASE_URL" not in os.environ
    """).assert_outcomes(passed=2)


def test_tests_of_unittest_and_async_ones_are_judged_too(suite):
    suite("""
        import asyncio
        import unittest

        import pytest

        class Tests(unittest.TestCase):
            @pytest.fixture(autouse=True)
            def given(self, nairi):
                self.nairi = nairi

            def test_leaves(self):
                client = self.nairi.httpx_client()
                turn = client.post("/conversations/start", json={"agent_id": "my-agent", "prompt": "x"})
                client.get("/messages/" + turn.json()["message_id"])

        def test_async(nairi):
            async def call():
                async with nairi.httpx_async_client() as client:
                    return (await client.get("/agents")).status_code
            assert asyncio.run(call()) == 200
    """).assert_outcomes(passed=1, failed=1)


def test_a_test_that_runs_again_starts_anew():
    fakes = pytest_plugin._Fakes()
    for _ in range(2):
        fake = fakes.one({"in_process": True}, "nr_same")
        assert fake.journal() == []
        fake.ask("my-agent", "Hello", "nr_same")
    fakes.close()


def test_more_tests_than_a_fake_knows_keys(suite):
    suite("""
        import pytest
        from nairi_mock import pytest_plugin

        pytest_plugin._TESTS_OF_A_FAKE = 2

        @pytest.mark.parametrize("number", range(5))
        def test_agents(nairi, number):
            assert nairi.httpx_client().get("/agents").status_code == 200
            assert len(nairi.fake.journal()) == number % 2 + 1
    """).assert_outcomes(passed=5)


def test_an_adapter_is_in_process_only(suite):
    suite("""
        import nairi_mock, pytest, requests

        def test_adapter(nairi):
            if nairi.in_process:
                session = requests.Session()
                session.mount("https://api.nairi.ai", nairi.requests_adapter())
                url = "https://api.nairi.ai/api/public/v1/agents"
                reply = session.get(url, headers={"Authorization": "Bearer " + nairi.api_key})
                assert reply.status_code == 200
            else:
                with pytest.raises(nairi_mock.Error, match="on a port"):
                    nairi.requests_adapter()
    """).assert_outcomes(passed=1)


def test_a_fake_that_is_gone_fails_the_test(suite):
    result = suite("""
        def test_stops(nairi):
            nairi.fake.close()
    """)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*StartError: *"])


def test_its_program_ends_with_the_run(pytester):
    pytester.makepyfile("""
        import pathlib

        def test_pid(nairi):
            pathlib.Path("pid").write_text(str(nairi.fake.pid))
    """)
    pytester.runpytest_inprocess("-p", "no:cacheprovider").assert_outcomes(passed=1)
    assert not pathlib.Path("/proc", (pytester.path / "pid").read_text()).exists()


def test_an_old_pytest_is_named():
    code = "import pytest; del pytest.StashKey; import nairi_mock.pytest_plugin"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert "wants pytest 7 or later, got 7" in done.stderr
