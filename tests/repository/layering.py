"""Reads the #include lines: no layer includes what it may not (CONTRIBUTING.md, "Layers")."""
import pathlib
import re
import sys

import tree

INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]', re.MULTILINE)

SERVER_OWN = r"nairi/mock/|engine/|world/|http/"
CLIENT_OWN = r"nairi/(?!mock/|testing/|contracts/)"
BRIDGE = r"nairi/(testing|contracts)/"
# What has a will of its own: sockets, threads, clocks and randomness.
IMPURE = (r"httplib\.h|asio|openssl/ssl|sys/socket|netinet/|arpa/|poll\.h|sys/epoll|unistd\.h"
          r"|thread$|future$|condition_variable$|ctime$|time\.h$|sys/time|random$")
# <chrono> has calendars too, which are pure; asking it for the time is not.
ASKS_THE_TIME = re.compile(r"_clock::now\b")

PURE = r"server/(engine|world)/"

# (files of, may not include, why). A lock is no thread: <mutex> stays allowed in the engine.
RULES = [
    (r"server/", CLIENT_OWN + "|" + BRIDGE, "the server includes nothing of client/ or contracts/"),
    (r"client/", SERVER_OWN + "|" + BRIDGE, "the client includes nothing of server/ or contracts/"),
    (PURE, IMPURE + "|http/", "the engine and its worlds are pure"),
    (r"(?!server/http/|client/src/|tests/)", r"httplib\.h", "cpp-httplib stays in the adapters"),
    (r"(?!server/http/|tests/)", r"asio", "sockets stay in server/http"),
    (r"(server|client|contracts)/", r"gtest/|gmock/|valijson|benchmark/", "test libraries stay in tests/"),
    (r"[^/]+/include/", r"nlohmann/|httplib\.h|asio|re2/|fmt/|CLI/|openssl/",
     "public headers show no library but tl::expected"),
]


def violations(path, text):
    """What one file includes against the rules."""
    found = []
    for included in INCLUDE.findall(text):
        for files_of, forbidden, why in RULES:
            if re.match(files_of, path) and re.match(forbidden, included):
                found.append(f"{path}: includes {included}: {why}")
    if re.match(PURE, path) and ASKS_THE_TIME.search(text):
        found.append(f"{path}: asks a clock for the time: the engine is told it")
    return found


def main():
    root = pathlib.Path(".")
    sources = tree.files(root, ".h", ".cc")
    problems = [v for path in sources for v in violations(path.as_posix(), path.read_text())]
    tree.finish("layering", len(sources), problems)


if __name__ == "__main__":
    sys.exit(main())
