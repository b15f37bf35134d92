#!/usr/bin/env python3
"""Checks the syntax of every source of a configured build, without making anything of it.

    .ci/syntax.py build/alone

Faster than a build: the compiler only reads. Exits with 1 when a source does not compile, or when
there is none.
"""
import concurrent.futures
import json
import os
import pathlib
import shlex
import subprocess
import sys


def command_of(entry):
    """The entry's own command without what it would write."""
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
    return [*kept, "-fsyntax-only"]


def check(entry):
    run = subprocess.run(command_of(entry), cwd=entry["directory"], text=True,
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return entry["file"] if run.returncode else None, run.stdout


def is_ours(entry, root):
    """Not what CMake writes and nobody reads, but for the files that put several of ours together."""
    path = pathlib.Path(entry["file"])
    return "Unity" in path.parts or pathlib.Path(root) not in path.parents


def main():
    root = os.path.abspath(sys.argv[1])
    entries = [entry for entry in json.loads(pathlib.Path(root, "compile_commands.json").read_text())
               if is_ours(entry, root)]
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for bad, output in pool.map(check, entries):
            if bad:
                failed += 1
                print(f"{bad}:\n{output}")
    print(f"{len(entries)} sources read, {failed} wrong")
    return 1 if failed or not entries else 0


if __name__ == "__main__":
    sys.exit(main())
