import contextlib

import nairi_mock
import pytest

pytest_plugins = ["pytester"]


@contextlib.contextmanager
def made(way, *arguments, **options):
    with (nairi_mock.Fake if way == "in process" else nairi_mock.serve)(*arguments, **options) as fake:
        yield fake


@pytest.fixture(params=["in process", "served"])
def way(request):
    return request.param


@pytest.fixture
def make(way):
    """Makes fakes, one way and the other, that end with the test."""
    with contextlib.ExitStack() as stack:
        yield lambda *arguments, **options: stack.enter_context(made(way, *arguments, **options))


@pytest.fixture
def fake(make):
    return make()
