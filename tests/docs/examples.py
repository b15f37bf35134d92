"""Takes the C++ examples out of a page, one file each:  examples.py PAGE FILE…

As many as there are files: a page that has more or fewer is refused, so that none goes uncompiled.
"""
import pathlib
import re
import sys


def main():
    page, files = sys.argv[1], sys.argv[2:]
    text = pathlib.Path(page).read_text()
    blocks = list(re.finditer(r"^```cpp\n(.*?)^```$", text, re.MULTILINE | re.DOTALL))
    if len(blocks) != len(files):
        sys.exit(f"{page} has {len(blocks)} C++ examples, and {len(files)} are compiled")
    for block, file in zip(blocks, files):
        line = text.count("\n", 0, block.start(1)) + 1
        pathlib.Path(file).write_text(f'#line {line} "{page}"\n{block[1]}')


if __name__ == "__main__":
    main()
