"""No file names a path that exists on one person's machine only."""
import pathlib
import re

import tree

# Assembled, so that this file does not find itself.
PRIVATE = re.compile("|".join((r"(?<![\w.])/" + r"home/\w", r"(?<![\w.])/" + r"Users/\w",
                               r"(?<![\w.])/" + r"root/\w", r"(?<![\w.:])/" + r"work/\w")))
BINARY = (".png", ".pdf", ".gz", ".zip", ".bin", ".jpg")


def private_paths(path, text):
    return [f"{path}:{number}: {line.strip()[:80]}"
            for number, line in enumerate(text.splitlines(), 1) if PRIVATE.search(line)]


def main():
    texts = [p for p in tree.files(pathlib.Path(".")) if not p.name.endswith(BINARY)]
    problems = [found for path in texts
                for found in private_paths(path, path.read_text(errors="replace"))]
    tree.finish("private paths", len(texts), problems)


if __name__ == "__main__":
    main()
