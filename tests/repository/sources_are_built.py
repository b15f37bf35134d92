"""Every .cc file is in a CMake target; argument 1 lists the sources of all targets."""
import pathlib
import sys

import tree

# Built by others: a project of its own against the installed tree, and the packages.
STANDALONE = ("tests/consumer/", "packaging/")
# Needs libFuzzer: built by the preset "asan" only, which CI runs.
FUZZER = "tests/fuzz/fuzz.cc"


def forgotten(sources, listed):
    return [f"{path}: is in no CMake target, so nothing compiles or runs it"
            for path in sources
            if path not in listed and not path.startswith(STANDALONE) and path != FUZZER]


def main():
    root = pathlib.Path(".").resolve()
    listed = {pathlib.Path(line).relative_to(root).as_posix()
              for line in pathlib.Path(sys.argv[1]).read_text().splitlines()
              if line.startswith(f"{root}/")}
    sources = [path.relative_to(root).as_posix() for path in tree.files(root, ".cc")]
    tree.finish("sources", len(sources), forgotten(sources, listed))


if __name__ == "__main__":
    main()
