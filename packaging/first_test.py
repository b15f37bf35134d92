#!/usr/bin/env python3
"""A first test in six languages, from an empty folder:  first_test.py DIST [--only LANGUAGE…]

Of each language's page in docs/ it takes the first file that the page shows, which is the test, and
the first block of sh, which says how to get there from the packages in DIST: what is measured is
what a newcomer does. The test has to pass, to fail where it is made to expect something else, and to
have at most ten lines. Nothing comes from the network, and nothing of ours from elsewhere than DIST.
"""
import argparse
import dataclasses
import os
import pathlib
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
import pages  # noqa: E402

DOCS = pathlib.Path(__file__).resolve().parent.parent / "docs"
MOST_LINES = 10
RUNS = "first_test.py: all is set up, the test runs"


@dataclasses.dataclass
class Language:
    page: str
    expected: str  # a part of the test that is exchanged for `wrong`, so that it has to fail
    wrong: str
    failing: str   # what its framework then says


LANGUAGES = {
    "c++": Language("in-cpp-tests.md", "billing-agent", "no-such-agent", "1 FAILED TEST"),
    "javascript": Language("in-javascript-tests.md", "Refunded", "Kept", "fail 1"),
    "python": Language("in-python-tests.md", "Refunded", "Kept", "1 failed"),
    "go": Language("in-go-tests.md", "Refunded", "Kept", "--- FAIL: TestRefund"),
    "ruby": Language("in-ruby-tests.md", "Refunded", "Kept", "1 failures, 0 errors"),
    "bash": Language("in-shell-tests.md", "Refunded", "Kept", "expected Kept"),
}


class Wrong(Exception):
    """A first test that does not do what it should."""


def environment(home):
    """A newcomer's: nothing of ours, an empty home, and no network for package managers."""
    kept = {name: value for name, value in os.environ.items()
            if not name.startswith(("NAIRI_", "PYTHON"))}
    path = ["/usr/bin", "/bin", *kept["PATH"].split(":")]  # Debian's python3 before others
    offline = {"GOPROXY": "off", "GOTOOLCHAIN": "local", "GOFLAGS": "", "PIP_NO_INDEX": "1",
               "npm_config_offline": "true", "npm_config_update_notifier": "false"}
    return {**kept, **offline, "HOME": str(home), "PATH": ":".join(dict.fromkeys(path)),
            "PIP_DISABLE_PIP_VERSION_CHECK": "1"}


def first_test(language):
    """The test of a page, by name and text, and what is typed to run it."""
    page = DOCS / language.page
    if not page.exists():
        raise Wrong(f"there is no docs/{language.page}")
    files, commands = pages.files(page), pages.commands(page)
    if not files or not commands:
        raise Wrong(f"docs/{language.page} needs a block behind <!-- file: NAME -->, and one of sh")
    name, text = next(iter(files.items()))
    if language.expected not in text:
        raise Wrong(f"docs/{language.page}: its first test says nothing of {language.expected}")
    return pathlib.Path(name).name, text, commands[0].strip()


def follow(language, folder, dist, right):
    """Follows the page from an empty folder: with the test as it is, or so that it has to fail."""
    name, text, commands = first_test(language)
    folder.mkdir()
    (folder / "dist").symlink_to(dist)
    (folder / name).write_text(text if right else text.replace(language.expected, language.wrong))
    *setup, test = commands.splitlines()
    script = "\n".join(["set -eu", *setup, f"echo '{RUNS}'", test])
    began = time.monotonic()
    done = subprocess.run(["bash", "-c", script], cwd=folder, text=True, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          env=environment(folder.parent / "home"))
    return done, time.monotonic() - began


def run(language, dist):
    """Answers seconds and lines."""
    with tempfile.TemporaryDirectory() as temporary:
        done, seconds = follow(language, pathlib.Path(temporary, "right"), dist, right=True)
        if done.returncode != 0:
            raise Wrong(f"the first test did not pass (exit {done.returncode}):\n{done.stdout}")
        done, _ = follow(language, pathlib.Path(temporary, "wrong"), dist, right=False)
        if done.returncode == 0:
            raise Wrong(f"the test passes though it expects {language.wrong}:\n{done.stdout}")
        if language.failing not in done.stdout.partition(RUNS)[2]:
            raise Wrong(f"expected {language.failing!r} where the test fails, got:\n{done.stdout}")
    return seconds, sum(1 for line in first_test(language)[1].splitlines() if line.strip())


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("dist", type=pathlib.Path)
    parser.add_argument("--only", nargs="+", choices=LANGUAGES, default=list(LANGUAGES))
    arguments = parser.parse_args()
    if not arguments.dist.is_dir():
        sys.exit(f"first_test: there is no folder {arguments.dist}; make dist makes it")
    problems = []
    print(f"{'language':12} {'seconds':>7} {'lines':>5}")
    for name in arguments.only:
        try:
            seconds, lines = run(LANGUAGES[name], arguments.dist.resolve())
        except Wrong as wrong:
            problems.append(f"{name}: {wrong}")
            print(f"{name:12} failed", flush=True)
            continue
        print(f"{name:12} {seconds:7.1f} {lines:5}", flush=True)
        if lines > MOST_LINES:
            problems.append(f"{name}: {lines} lines, where {MOST_LINES} should do")
    for problem in problems:
        print(problem, file=sys.stderr)
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
