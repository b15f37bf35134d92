#!/usr/bin/env python3
"""Runs the consoles of a page, and compares what they print with what the page says.

    consoles.py PAGE --bin FOLDER [--python PYTHON] [--mend]

A console is a ```console block: commands behind "$ ", each followed by the lines that it prints.
A command goes on in the next line after "\\" or "|", and may end with a comment. "# exits with 1"
there is its exit code; without it the code is 0. A line "…" stands for any lines, "…" in a line for
any text. Everything else is compared exactly, but for what varies from run to run (VARIES).

The consoles of a page are one session of bash in an empty folder that looks like a clone: build/bin
leads to the programs, tests/ and the Makefile to ours. Comments in the page steer it:

    <!-- file: NAME -->        writes the block that follows into a file
    <!-- files of: PAGE -->    writes all files of another page
    <!-- run: COMMAND -->      does what the text tells the reader to do; whatever it prints
    <!-- not run: REASON -->   excuses the console that follows, and says how it is kept true

A ```sh block is run as well; it has to succeed, whatever it prints.

--mend writes new numbers into the page, such as how many cases there are. Words are for people.
"""
import argparse
import dataclasses
import itertools
import os
import pathlib
import queue
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading

ROOT = pathlib.Path(__file__).resolve().parents[2]

# What differs between two runs of a command: compared by its form. Nothing else is.
VARIES = [
    (r"\b\d+\.\d{3} s\b", "<seconds>"),
    (r'\btime="\d+\.\d{3}"', 'time="<seconds>"'),
    (r"\b(at|after) \d+ ms\b", r"\1 <milliseconds>"),
]
# Ports that pages name. A run uses free ones instead.
PORTS = ["4747", "4748", "8071"]
# Programs that are not ours, and Debian's packages of them.
PROGRAMS = {"curl": "curl", "jq": "jq", "make": "make", "python3": "python3"}
# A server that a page starts without "&" is in a terminal of its own.
SERVER = re.compile(r"(make serve|(build/bin/)?nairi-mock serve)\b")
# Nothing is built here.
MAKE = 'make() { command make --no-print-directory -o quick "$@"; }'
PATIENCE_S = 240
# What the shell says after each command, with its exit code.
MARK = "<consoles.py: it has ended>"

PART = re.compile(r"^<!-- (?P<key>file|files of|run|not run):(?P<value>.*?)-->$"
                  r"|^```(?P<language>\w*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


class Wrong(Exception):
    """A page that can't be run, or a command that does not come back."""


@dataclasses.dataclass
class Command:
    text: str
    line: int = 0
    expected: list = None  # None: whatever it prints

    @property
    def exit_code(self):
        exits = re.search(r" # .*\bexits with (\d+)", self.text)
        return int(exits[1]) if exits else 0

    @property
    def in_background(self):
        return self.text.partition(" # ")[0].rstrip().endswith("&")


@dataclasses.dataclass
class File:
    name: str
    text: str


def commands(block, first_line):
    """The commands of a console."""
    found, goes_on = [], False
    for number, line in enumerate(block.splitlines(), first_line):
        if goes_on:
            found[-1].text += "\n" + line
        elif line.startswith("$ "):
            found.append(Command(line[2:], number, []))
        elif found:
            found[-1].expected.append(line)
            continue
        else:
            raise Wrong(f'line {number}: a console begins with "$ ", not with: {line}')
        goes_on = line.endswith(("\\", "|"))
    return found


def steps(page):
    """What a page says is to be done, in order: files and commands; and how many blocks are run."""
    found, blocks, name, excused = [], 0, None, False
    for part in PART.finditer(page):
        line = page.count("\n", 0, part.start()) + 1
        key, value = part["key"], (part["value"] or "").strip()
        language, text = part["language"], part["text"]
        if key == "run":
            found.append(Command(value, line))
        elif key == "files of":
            others = steps((ROOT / value).read_text())[0]
            found += [step for step in others if isinstance(step, File)]
        elif key == "file":
            name = value
        elif key == "not run":
            if len(value.split()) < 3:
                raise Wrong(f"line {line}: an excuse without a reason")
            excused = True
        elif name:
            found.append(File(name, text))
            name = None
        elif language != "console" and re.search(r"^\$ ", text, re.MULTILINE):
            raise Wrong(f'line {line}: a console that is marked "{language}"')
        elif language in ("console", "sh"):
            if not excused:
                blocks += 1
                found += (commands(text, line + 1) if language == "console"
                          else [Command(text.rstrip(), line + 1)])
            excused = False
    return found, blocks


def form(line):
    """A line with what varies replaced by its form."""
    for pattern, name in VARIES:
        line = re.sub(pattern, name, line)
    return line.rstrip()


def same(expected, printed):
    if expected is None or printed is None:
        return False
    parts = [re.escape(part) for part in form(expected).split("…")]
    return re.fullmatch(".*".join(parts), form(printed)) is not None


def difference(expected, printed):
    """How the printed lines differ from what a page says, or ""."""
    runs = [[]]
    for line in expected:
        if line.strip() == "…":
            runs.append([])
        else:
            runs[-1].append(line)
    at = 0
    for index, run in enumerate(runs):
        if index == len(runs) - 1 and index > 0:
            at = max(at, len(printed) - len(run))
        elif index > 0:  # the first place where it stands
            at = next((place for place in range(at, len(printed) - len(run) + 1)
                       if all(map(same, run, printed[place:]))), len(printed))
        end = len(printed) if len(runs) == 1 else at + len(run)
        for wanted, got in itertools.zip_longest(run, printed[at:end]):
            if wanted is None:
                return f"the page lacks:  {got}"
            if not same(wanted, got):
                return f"the page says:   {wanted}\n  it printed:      {got or 'nothing'}"
        at = end
    return ""


def blind(line):
    return re.sub(r"\d+", "0", form(line))


def mended(line, printed):
    """A line of a page with the numbers that are printed today."""
    if "…" in line or any(same(line, other) for other in printed):
        return line
    return next((other for other in printed if blind(other) == blind(line)), line)


def held_port():
    """A port that is bound and not listened on: nobody else gets it, but a server may have it."""
    holder = socket.socket()
    holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    holder.bind(("127.0.0.1", 0))
    return holder


def end_group(process, how):
    """Ends a process and all that it started."""
    try:
        os.killpg(process.pid, how)
    except ProcessLookupError:
        pass


class Session:
    """A bash in a folder of its own. What it starts ends with it."""

    def __init__(self, programs, python):
        self.temporary = tempfile.TemporaryDirectory()
        self.folder = pathlib.Path(self.temporary.name)
        (self.folder / "build").mkdir()
        (self.folder / "build/bin").symlink_to(pathlib.Path(programs).resolve())
        for name in ("tests", "Makefile"):
            (self.folder / name).symlink_to(ROOT / name)
        first_in_path = self.folder / ".path"
        first_in_path.mkdir()
        (first_in_path / "python3").write_text(f'#!/bin/sh\nexec "{python}" "$@"\n')
        (first_in_path / "python3").chmod(0o755)
        self.holders = {name: held_port() for name in PORTS}
        self.environment = {name: value for name, value in os.environ.items()
                            if not name.startswith(("NAIRI_", "MAKE"))}
        self.environment.update(
            PATH=f"{first_in_path}:{self.folder}/build/bin:{os.environ['PATH']}", LC_ALL="C.UTF-8",
            PORT=self.port("4747"), PYTHONDONTWRITEBYTECODE="1", PYTHONUNBUFFERED="1")
        self.started = []
        self.shell = self.start(["bash", "--norc", "--noprofile"], stdin=subprocess.PIPE,
                                stderr=subprocess.STDOUT)
        self.lines = queue.Queue()
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()
        self.run(Command(MAKE))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in self.started:
            end_group(process, signal.SIGTERM)
        self.reader.join(10)  # until nobody holds the shell's output any more
        for process in self.started:
            end_group(process, signal.SIGKILL)
            process.wait()
        self.reader.join(10)
        if not self.reader.is_alive():
            for stream in [self.shell.stdin, *(process.stdout for process in self.started)]:
                stream.close()
        for holder in self.holders.values():
            holder.close()
        self.temporary.cleanup()

    def start(self, command, **options):
        self.started.append(subprocess.Popen(
            command, cwd=self.folder, env=self.environment, stdout=subprocess.PIPE, text=True,
            start_new_session=True, **options))
        return self.started[-1]

    def port(self, name):
        return str(self.holders[name].getsockname()[1])

    def as_run(self, text):
        return re.sub(r"\b(" + "|".join(PORTS) + r")\b", lambda name: self.port(name[1]), text)

    def as_shown(self, line):
        for name in PORTS:
            line = line.replace(":" + self.port(name), ":" + name)
        return line.rstrip("\n")

    def read(self):
        for line in self.shell.stdout:
            self.lines.put(line)
        self.lines.put(None)

    def next_line(self):
        try:
            line = self.lines.get(timeout=PATIENCE_S)
        except queue.Empty:
            raise Wrong(f"no end within {PATIENCE_S} s") from None
        if line is None:
            raise Wrong("the shell has ended")
        return self.as_shown(line)

    def run(self, command):
        """Runs a command: its exit code, and the lines that it printed."""
        text = self.as_run(command.text)
        if command.expected is not None and SERVER.match(text) and not command.in_background:
            return 0, [self.serve(text)]
        self.shell.stdin.write(f"{{ {text}\n}} </dev/null\necho '{MARK}' $?\n")
        self.shell.stdin.flush()
        printed = []
        while MARK not in (line := self.next_line()):
            printed.append(line)
        unfinished, _, code = line.partition(MARK)  # a last line need not have an end
        if unfinished:
            printed.append(unfinished)
        while command.in_background and not printed:
            printed.append(self.next_line())  # that the server listens
        return int(code), printed

    def serve(self, text):
        """Starts a server in a terminal of its own: what it prints when it listens."""
        server = self.start(["bash", "-c", f"{MAKE}; {text}"], stderr=subprocess.DEVNULL)
        line = server.stdout.readline()
        if not line:
            raise Wrong("the server did not start")
        return self.as_shown(line)


def missing_programs(todo, python):
    text = "\n".join(step.text for step in todo)
    absent = {name: package for name, package in PROGRAMS.items()
              if re.search(rf"\b{name}\b", text) and not shutil.which(name)}
    if re.search(r"^import requests$|tests/clients/", text, re.MULTILINE) and subprocess.run(
            [python, "-c", "import requests"], stderr=subprocess.DEVNULL, check=False).returncode:
        absent["requests of Python"] = "python3-requests"
    return [f"{name} is missing (Debian: apt install {package})" for name, package in absent.items()]


def mistakes(page, programs, python=sys.executable, mend=lambda line, text: None):
    """Runs a page. What is wrong with it, and how many blocks and commands were run.

    `mend` is told each line whose numbers are others today."""
    try:
        todo, blocks = steps(page)
        if not blocks:
            raise Wrong("no console of this page is run")
        if absent := missing_programs(todo, python):
            raise Wrong("\n".join(absent))
    except Wrong as wrong:
        return [str(wrong)], 0, 0
    found = []
    with Session(programs, python) as session:
        for step in todo:
            if isinstance(step, File):
                file = session.folder / step.name
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(session.as_run(step.text))
                continue
            try:
                code, printed = session.run(step)
            except Wrong as wrong:
                found.append(f"line {step.line}: $ {step.text}\n  {wrong}")
                break
            wrong = difference(step.expected, printed) if step.expected is not None else ""
            if code != step.exit_code:
                wrong = (f"the page says it exits with {step.exit_code}, it exits with {code}"
                         f"\n  {wrong}")
            for line, text in enumerate(step.expected or [], step.line + step.text.count("\n") + 1):
                if (right := mended(text, printed)) != text:
                    mend(line, right)
            if wrong:
                head = f"line {step.line}: $ {step.text}\n  {wrong}\n  all that it printed:"
                found.append("\n  | ".join([head, *printed]))
    return found, blocks, sum(isinstance(step, Command) for step in todo)


def main():
    arguments = argparse.ArgumentParser(description="Runs the consoles of a page.")
    arguments.add_argument("page", type=pathlib.Path)
    arguments.add_argument("--bin", required=True, help="the folder of the programs")
    arguments.add_argument("--python", default=sys.executable, help="a Python that has requests")
    arguments.add_argument("--mend", action="store_true", help="write today's numbers")
    given = arguments.parse_args()
    page = given.page.read_text()
    lines = page.splitlines()

    def mend(line, text):
        lines[line - 1] = text.rstrip()

    found, blocks, ran = mistakes(page, given.bin, given.python, mend)
    if given.mend:
        given.page.write_text("\n".join(lines) + "\n")
    for mistake in found:
        print(f"{given.page}: {mistake}")
    print(f"{given.page}: {blocks} blocks, {ran} commands, {len(found)} wrong")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
