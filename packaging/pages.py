#!/usr/bin/env python3
"""Writes what a page shows into a folder, so that a test can run it:  pages.py PAGE FOLDER

Each block behind <!-- file: NAME --> becomes the file NAME. As a module: `files` and `commands`.
"""
import pathlib
import re
import sys

BLOCK = re.compile(r"^(?:<!-- file: *(?P<name>\S+) *-->\n)?```(?P<language>\w*)\n(?P<text>.*?)^```$",
                   re.MULTILINE | re.DOTALL)


def blocks(page):
    return list(BLOCK.finditer(pathlib.Path(page).read_text()))


def files(page):
    """The named blocks of a page, in order: name → text."""
    return {block["name"]: block["text"] for block in blocks(page) if block["name"]}


def commands(page):
    """What the page tells its reader to type into a shell: its blocks of sh, in order."""
    return [block["text"] for block in blocks(page) if block["language"] == "sh"]


def write(page, folder):
    written = files(page)
    if not written:
        sys.exit(f"{page} has no block behind <!-- file: NAME -->")
    for name, text in written.items():
        file = pathlib.Path(folder, name)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: pages.py PAGE FOLDER")
    write(*sys.argv[1:])
