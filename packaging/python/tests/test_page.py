"""The page "In Python tests" is true: its files are run as they stand there."""
import os
import pathlib
import shutil

import pytest

PAGE = pathlib.Path(os.environ["NAIRI_TEST_PAGE"])


def files(pattern):
    return sorted(str(file.relative_to(PAGE)) for file in PAGE.rglob(pattern))


def run(pytester, monkeypatch, *options):
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)
    shutil.copytree(PAGE, pytester.path, dirs_exist_ok=True)
    return pytester.runpytest_subprocess("-p", "no:cacheprovider", *options)


def test_the_page_has_tests():
    assert len(files("test_*.py")) >= 4


@pytest.mark.parametrize("file", files("test_*.py"))
def test_what_it_shows_passes(pytester, monkeypatch, file):
    result = run(pytester, monkeypatch, file)
    outcomes = result.parseoutcomes()
    assert outcomes.pop("passed", 0) > 0 and not outcomes, result.stdout.str()


def test_what_it_says_of_a_broken_rule_is_printed(pytester, monkeypatch):
    said = (PAGE / "broken.txt").read_text().splitlines()
    result = run(pytester, monkeypatch, "broken.py")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines([line.replace("[", "[[]").replace("…", "*") for line in said],
                                consecutive=True)
