"""Reads the #include lines: no room includes what it may not, no files include one another in a circle.

The rooms and their arrows are those of CONTRIBUTING.md, "Rooms".
"""
import pathlib
import re
import sys

import tree

INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]', re.MULTILINE)

# What others see of the server: its public headers, each with the room that it belongs to.
PUBLIC = {
    "diagnostic": "server/text",
    "api": "server/protocol",
    "cancellation": "server/protocol",
    "delivery": "server/protocol",
    "exchange": "server/protocol",
    "late_reply": "server/protocol",
    "server_figures": "server/protocol",
    "world": "server/world",
    "world_file": "server/world",
    "fidelity": "server/fidelity",
    "verdicts": "server/judge",
    "inspector/page": "server/inspector",
    "inspector/report": "server/inspector",
    "clock_mode": "server/engine/state",
    "fake_options": "server/engine/state",
    "journal": "server/engine/journal",
    "fake": "server/engine",
    "embed": "server/embed",
    "file_opener": "server/world",
    "server_options": "server/http",
    "server": "server/http",
    "relay": "server/relay",
}
# Stand for public headers alone, whatever their rooms are.
FACE_OF_SERVER = "public headers of the server"
FACE_OF_ENGINE = "nairi/mock/fake.h"
FACE_OF_CLIENT = "client/include"
FACE_OF_CONTRACTS = "contracts/include"

# Room → what it may include besides itself. What is not here is no room, and may hold no file.
ROOMS = {
    "server/text": [],
    "server/protocol": ["server/text"],
    "server/world": ["server/protocol", "server/text"],
    "server/fidelity": ["server/world", "server/protocol", "server/text"],
    "server/judge": ["server/protocol", "server/text"],
    "server/inspector": ["server/text"],
    "server/engine/lists": ["server/world"],
    "server/engine/journal": ["server/protocol", "server/text"],
    "server/engine/held": ["server/judge", "server/protocol", "server/text"],
    "server/engine/state": ["server/engine/journal", "server/engine/held", "server/engine/lists", "server/judge", "server/fidelity",
                            "server/world", "server/protocol", "server/text"],
    "server/engine/play": ["server/engine/state", "server/engine/lists", "server/fidelity",
                           "server/world", "server/protocol", "server/text"],
    "server/engine/api": ["server/engine/play", "server/engine/state", "server/engine/lists",
                          "server/fidelity", "server/world", "server/protocol", "server/text"],
    "server/engine/control": ["server/engine/play", "server/engine/state", "server/engine/journal",
                              "server/engine/held",
                              "server/inspector", "server/judge", "server/world",
                              "server/protocol", "server/text"],
    "server/engine": ["server/engine/control", "server/engine/api", "server/engine/play",
                      "server/engine/state", "server/engine/journal", "server/engine/held", "server/judge", "server/fidelity", "server/world",
                      "server/protocol", "server/text"],
    "server/embed": [FACE_OF_SERVER, "server/protocol", "server/text"],
    "server/http": [FACE_OF_ENGINE, "server/protocol", "server/text"],
    "server/relay": ["server/protocol", "server/text"],
    "server/probe": [],
    "server/cli": [FACE_OF_SERVER, "server/probe", "server/protocol", "server/text"],
    "client/include": [],
    "client/src": [FACE_OF_CLIENT],
    "client/cli": [FACE_OF_CLIENT],
}
# The harness judges with readers of its own: of the server it knows the face and the text room.
HARNESS = [FACE_OF_CONTRACTS, FACE_OF_CLIENT, FACE_OF_SERVER, "server/text"]
ROOMS |= {
    "contracts/include": [FACE_OF_CLIENT, FACE_OF_SERVER],
    "contracts/harness/cases": HARNESS,
    "contracts/harness/openapi": ["contracts/harness/cases", *HARNESS],
    "contracts/harness/server": ["contracts/harness/openapi", "contracts/harness/cases", *HARNESS],
    "contracts/harness/client": ["contracts/harness/server", "contracts/harness/openapi",
                                 "contracts/harness/cases", *HARNESS],
    "contracts/harness/pages": ["contracts/harness/recording", "contracts/harness/openapi",
                                "contracts/harness/cases", *HARNESS],
    "contracts/harness/recording": ["contracts/harness/cases", *HARNESS],
    "contracts/harness/drift": ["contracts/harness/recording", "contracts/harness/pages",
                                "contracts/harness/openapi", "contracts/harness/cases", *HARNESS],
    "contracts/harness/recorder": ["contracts/harness/recording", "contracts/harness/openapi",
                                   "contracts/harness/cases", *HARNESS],
    "contracts/harness/explore": ["contracts/harness/client", "contracts/harness/cases", *HARNESS],
    "contracts/harness/watch": ["contracts/harness/recording", "contracts/harness/openapi",
                                "contracts/harness/cases", *HARNESS],
    "contracts/harness/drift": ["contracts/harness/watch", "contracts/harness/pages",
                                "contracts/harness/recording", "contracts/harness/openapi",
                                "contracts/harness/cases", *HARNESS],
    "contracts/harness/survey": ["contracts/harness/recorder", "contracts/harness/recording",
                                 "contracts/harness/server",
                                 "contracts/harness/openapi", "contracts/harness/cases", *HARNESS],
    "contracts/harness/selftest": ["contracts/harness/pages", "contracts/harness/client",
                                   "contracts/harness/server", "contracts/harness/openapi",
                                   "contracts/harness/cases", *HARNESS],
    "contracts/testing": ["contracts/harness/pages", "contracts/harness/client",
                          "contracts/harness/server", "contracts/harness/cases", *HARNESS],
    "contracts/cli": ["contracts/harness/recorder", "contracts/harness/selftest", "contracts/harness/pages",
                      "contracts/harness/drift", "contracts/harness/recording",
                      "contracts/harness/survey",
                      "contracts/harness/explore", "contracts/harness/client", "contracts/harness/server",
                      "contracts/harness/cases", *HARNESS],
}

# What has a will of its own: sockets, threads, clocks and randomness. A lock is no thread.
IMPURE = (r"httplib\.h|asio|openssl/ssl|sys/socket|netinet/|arpa/|poll\.h|sys/epoll|unistd\.h"
          r"|thread$|future$|condition_variable$|ctime$|time\.h$|sys/time|random$")
# <chrono> has calendars too, which are pure; asking it for the time is not.
ASKS_THE_TIME = re.compile(r"_clock::now\b")
PURE = r"server/(text|protocol|world|fidelity|judge|inspector|engine)/"

# (files of, may not include, why)
LIBRARIES = [
    (PURE, IMPURE, "the engine and what it stands on are pure"),
    (r"(?!client/src/|tests/)", r"httplib\.h", "cpp-httplib is the client's HTTP"),
    (r"(?!server/(http|probe|relay)/|tests/)", r"asio",
     "sockets stay in server/http, server/relay and server/probe"),
    (r"(?!server/(http|relay)/|tests/)", r"zlib\.h", "bodies are packed where they are sent"),
    (r"(server|client|contracts)/(?!include/nairi/testing/gtest\.h)",
     r"gtest/|gmock/|valijson|benchmark/", "test libraries stay in tests/"),
    (r"[^/]+/include/", r"nlohmann/|httplib\.h|asio|re2/|fmt/|CLI/|openssl/|zlib\.h",
     "public headers show no library but tl::expected"),
]

MOST_FILES = 20  # of one folder below server/ and contracts/


def folder_of(path):
    return path.rpartition("/")[0]


def room_of(path):
    """The room that a file stands in; of a public header, the one that it speaks for."""
    public = re.fullmatch(r"server/include/nairi/mock/((?:inspector/)?\w+)\.h", path)
    if public:
        return PUBLIC.get(public.group(1), "server/include")
    if "/include/" in path:
        return path.partition("/")[0] + "/include"
    folder = folder_of(path)
    while folder not in ROOMS and folder.count("/") > 1:  # a folder within a room
        folder = folder_of(folder)
    return folder


def resolve(path, name):
    """The file of ours that an include means, whether or not it exists; None for a library's."""
    for pattern, folder in ((r"nairi/(testing/|contracts/|mock/in_process\.h)", "contracts/include/"),
                            (r"nairi/mock/", "server/include/"),
                            (r"nairi/", "client/include/"),
                            (r"(text|protocol|world|fidelity|judge|inspector|engine|http|relay|probe)/\w",
                             "server/"),
                            (r"harness/", "contracts/")):
        if re.match(pattern, name):
            return folder + name
    if name.startswith("cli/"):
        return path.partition("/")[0] + "/" + name
    if path.startswith("client/") and "/" not in name and name.endswith(".h"):
        own = folder_of(path) + "/" + name
        return own if not re.fullmatch(r"(httplib|unistd|poll|fcntl|signal)\.h", name) else None
    return None


def may_include(room, file):
    allowed = {room, *ROOMS.get(room, [])}
    if room_of(file) in allowed:
        return True
    is_face = file.startswith("server/include/")
    return is_face and (FACE_OF_SERVER in allowed or
                        (FACE_OF_ENGINE in allowed and file.endswith(FACE_OF_ENGINE)))


def violations(path, text):
    """What one file includes against the rules."""
    found = []
    room = room_of(path)
    is_ours = re.match(r"(server|client|contracts)/", path)
    if is_ours and room not in ROOMS:
        found.append(f"{path}: stands in no room: {room} is not in layering.py")
    for included in INCLUDE.findall(text):
        file = resolve(path, included)
        if is_ours and file and not may_include(room, file):
            found.append(f"{path}: includes {included}: {room} may not include {room_of(file)}")
        for files_of, forbidden, why in LIBRARIES:
            if re.match(files_of, path) and re.match(forbidden, included):
                found.append(f"{path}: includes {included}: {why}")
    if re.match(PURE, path) and ASKS_THE_TIME.search(text):
        found.append(f"{path}: asks a clock for the time: callers pass it in")
    return found


def circle(arrows):
    """One circle among arrows (from → list of to), as the list of its stations; None without one."""
    done = set()

    def walk(node, way):
        if node in way:
            return way[way.index(node):] + [node]
        if node in done:
            return None
        for target in arrows.get(node, ()):
            found = walk(target, way + [node])
            if found:
                return found
        done.add(node)
        return None

    for start in sorted(arrows):
        found = walk(start, [])
        if found:
            return found
    return None


def unit(path):
    """a.h and a.cc are one."""
    return re.sub(r"\.(h|cc)$", "", path)


def unit_of(path):
    """A public header and the source that implements it are one, too."""
    name = pathlib.PurePosixPath(path).stem
    return unit(path) if "/include/" not in path else f"{room_of(path)}/{name}"


def file_circles(texts):
    """Circles among the includes of `texts` (path → text), sources counted with their headers."""
    arrows = {}
    for path, text in texts.items():
        targets = {resolve(path, name) for name in INCLUDE.findall(text)} - {None}
        arrows.setdefault(unit_of(path), set()).update(
            {unit_of(target) for target in targets} - {unit_of(path)})
    found = circle({start: sorted(targets) for start, targets in arrows.items()})
    return [f"files include one another in a circle: {' → '.join(found)}"] if found else []


def namesakes(texts):
    """Types of two headers with one name in one namespace: the linker takes them for one."""
    headers = {}
    for path, text in texts.items():
        if not re.match(r"(server|client|contracts)/.*\.h$", path):
            continue
        namespace = re.search(r"^namespace ([\w:]+) \{", text, re.MULTILINE)
        for name in re.findall(r"^(?:struct|class|enum class) (\w+)[^;{]*\{", text, re.MULTILINE):
            headers.setdefault(((namespace or [""])[0], name), []).append(path)
    return [f"{' and '.join(paths)}: both have a {name}: the linker takes them for one"
            for (_, name), paths in sorted(headers.items()) if len(paths) > 1]


def crowded(paths):
    """Folders of the server and of the contracts with more files than a reader can overlook."""
    counts = {}
    for path in paths:
        if re.match(r"(server|contracts)/", path):
            counts[folder_of(path)] = counts.get(folder_of(path), 0) + 1
    return [f"{folder}: {count} files, at most {MOST_FILES}: are there rooms in it?"
            for folder, count in sorted(counts.items()) if count > MOST_FILES]


def main():
    texts = {path.as_posix(): path.read_text() for path in tree.files(pathlib.Path("."), ".h", ".cc")}
    problems = [v for path, text in texts.items() for v in violations(path, text)]
    rooms = circle(ROOMS)
    if rooms:
        problems.append(f"rooms include one another in a circle: {' → '.join(rooms)}")
    problems += file_circles(texts) + namesakes(texts) + crowded(texts)
    tree.finish("layering", len(texts), problems)


if __name__ == "__main__":
    sys.exit(main())
