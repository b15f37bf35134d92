"""The fake as a program."""
import os
import pathlib
import select
import signal
import subprocess
import sys
import textwrap
import urllib.error
import urllib.request

import nairi_mock
import pytest
from nairi_mock.served import PROGRAM


def is_gone(url):
    try:
        urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url + "/agents", timeout=60)
    except urllib.error.HTTPError:
        return False
    except OSError:
        return True


def run(code, **options):
    """Another Python that runs the code."""
    return subprocess.Popen([sys.executable, "-c", textwrap.dedent(code)], stdout=subprocess.PIPE,
                            text=True, **options)


def test_it_is_there_in_the_block_and_gone_behind_it():
    with nairi_mock.serve() as server:
        assert not is_gone(server.base_url)
    assert is_gone(server.base_url)
    assert not pathlib.Path(f"/proc/{server.pid}").exists()
    server.close()  # again is nothing


def test_it_is_gone_when_the_block_is_left_by_an_error():
    with pytest.raises(KeyError):
        with nairi_mock.serve() as server:
            raise KeyError
    assert is_gone(server.base_url)


@pytest.mark.parametrize("end", ["pass", "raise KeyError", "sys.exit(3)"])
def test_it_ends_with_a_python_that_forgot_it(end):
    with run(f"""
            import nairi_mock, sys
            server = nairi_mock.serve()
            print(server.base_url, flush=True)
            {end}""", stderr=subprocess.DEVNULL) as python:
        url = python.stdout.read().strip()
    assert url and is_gone(url)


def test_it_ends_with_a_python_that_is_killed():
    with run("""
            import nairi_mock, os
            server = nairi_mock.serve()
            print(server.base_url, server.pid, flush=True)
            input()""", stdin=subprocess.PIPE) as python:
        url, pid = python.stdout.readline().split()
        ending = os.pidfd_open(int(pid))
        python.send_signal(signal.SIGKILL)
    assert select.select([ending], [], [], 60)[0], "it still runs"
    os.close(ending)
    assert is_gone(url)


def test_a_fork_that_ends_leaves_it_alone():
    with nairi_mock.serve() as server:
        child = os.fork()
        if child == 0:
            server.close()
            os._exit(0)
        os.waitpid(child, 0)
        assert not is_gone(server.base_url)


def test_two_never_meet():
    with nairi_mock.serve() as one, nairi_mock.serve() as two:
        assert one.base_url != two.base_url
        one.ask("my-agent", "Hello")
        assert len(two.journal()) == 0


def test_an_environment_with_a_proxy_is_no_obstacle(monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    with nairi_mock.serve() as server:
        assert server.session().get(server.base_url + "/agents").status_code == 200
        assert server.httpx_client().get("/agents").status_code == 200


@pytest.mark.parametrize("what", ["serve('builtin:refund')", "serve({'agents': 3})", "Fake()",
                                  "serve({})", "Fake(clock='sundial')"])
def test_nothing_is_left_open(what):
    code = f"""
        import gc, nairi_mock
        try:
            with nairi_mock.{what} as fake:
                fake.journal()
        except (nairi_mock.WorldError, ValueError):
            pass
        gc.collect()"""
    done = subprocess.run([sys.executable, "-W", "error", "-X", "dev", "-c", textwrap.dedent(code)],
                          capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_its_log_can_be_read():
    with nairi_mock.serve() as server:
        server.ask("my-agent", "Hello")
        server.close()
        assert "polls-until-terminal" in server.log()


def test_the_program_is_a_command():
    command = pathlib.Path(sys.executable).parent / "nairi-mock"
    text = subprocess.run([command, "--version"], check=True, capture_output=True, text=True).stdout
    assert nairi_mock.version() in text
    ran = subprocess.run([command, "run", "--", "sh", "-c", "exit 7"])
    assert ran.returncode == 7
    module = subprocess.run([sys.executable, "-m", "nairi_mock", "world", "--list"],
                            check=True, capture_output=True, text=True)
    assert "refund" in module.stdout


def test_the_program_needs_no_library():
    headers = subprocess.run(["readelf", "-d", PROGRAM], check=True, capture_output=True, text=True).stdout
    assert headers and "NEEDED" not in headers
