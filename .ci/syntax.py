#!/usr/bin/env python3
"""Checks the syntax of every source of a configured build, without making anything of it.

    .ci/syntax.py build/alone

Faster than a build: the compiler only reads, and the header that takes it longest it reads once.
Exits with 1 when a source does not compile, or when there is none.
"""
import concurrent.futures
import functools
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys

# Given read to those sources that include it, whether by themselves or through a header of ours, and
# to no others: they would not notice that they don't.
HEAVY = "nlohmann/json.hpp"
INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]', re.MULTILINE)


def command_of(entry):
    """The entry's own command without what it would write, and without its source, which is last."""
    words = shlex.split(entry["command"])
    kept = []
    skip = False
    for word in words:
        if skip or word in ("-c", "-MD", "-MMD"):
            skip = False
        elif word in ("-o", "-MT", "-MF"):
            skip = True
        else:
            kept.append(word)
    return kept[:-1]


@functools.cache
def included(source, folders):
    """The names of all that a source includes, by itself or through files of ours."""
    names = set()
    for name in INCLUDE.findall(source.read_text()):
        names.add(name)
        inner = next((folder / name for folder in (source.parent, *folders)
                      if (folder / name).is_file()), None)
        if inner:
            names |= included(inner, folders)
    return names


def includes_heavy(entry):
    words = shlex.split(entry["command"])
    folders = tuple(pathlib.Path(word[2:]) for word in words if word.startswith("-I"))
    return HEAVY in included(pathlib.Path(entry["file"]), folders)


class HeavyHeader:
    """HEAVY as the compiler keeps it, for each set of flags."""

    def __init__(self, root):
        self.header = pathlib.Path(root, "heavy.h")
        # What most sources would instantiate of it again is in it, too.
        self.header.write_text(f"#include <{HEAVY}>\ntemplate class nlohmann::basic_json<>;\n")
        self.kept = {}

    def prepare(self, entry):
        command = tuple(command_of(entry))
        if command in self.kept or not includes_heavy(entry):
            return
        kept = self.header.with_suffix(f".{len(self.kept)}.pch")
        subprocess.run([*command, "-fpch-instantiate-templates", "-x", "c++-header", self.header,
                        "-o", kept], cwd=entry["directory"], check=True)
        self.kept[command] = kept

    def flags(self, entry):
        kept = self.kept.get(tuple(command_of(entry)))
        return ["-include-pch", kept] if kept and includes_heavy(entry) else []


def check(entry, heavy):
    command = [*command_of(entry), *heavy.flags(entry), "-fsyntax-only", entry["file"]]
    run = subprocess.run(command, cwd=entry["directory"], text=True, stdout=subprocess.PIPE,
                         stderr=subprocess.STDOUT)
    return entry["file"] if run.returncode else None, run.stdout


def is_ours(entry, root):
    """Not what CMake writes, and nobody reads."""
    return pathlib.Path(root) not in pathlib.Path(entry["file"]).parents


def main():
    root = os.path.abspath(sys.argv[1])
    entries = [entry for entry in json.loads(pathlib.Path(root, "compile_commands.json").read_text())
               if is_ours(entry, root)]
    heavy = HeavyHeader(root)
    for entry in entries:
        heavy.prepare(entry)
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for bad, output in pool.map(lambda entry: check(entry, heavy), entries):
            if bad:
                failed += 1
                print(f"{bad}:\n{output}")
    print(f"{len(entries)} sources read, {failed} wrong")
    return 1 if failed or not entries else 0


if __name__ == "__main__":
    sys.exit(main())
