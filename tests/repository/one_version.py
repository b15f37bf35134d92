"""The version stands in CMakeLists.txt alone; pages that show it show that one."""
import pathlib
import re

import tree

# Where a reader sees a version, so that it has to be written out.
SHOWN = (".md", "contracts/openapi.json")
SHOWN_HOW = re.compile(r"(?:nairi-mock[-_:@/]v?|\bVERSION[=:] *|/v|\"version\": \")(\d+\.\d+\.\d+)(?!\.?\d)")
# Of others: what is installed by npm.
OTHERS = ("package-lock.json",)


def version_of(listing):
    return re.search(r"^project\(nairi_mock VERSION (\d+\.\d+\.\d+)", listing, re.MULTILINE)[1]


def strays(path, text, version):
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        if path.endswith(SHOWN):
            wrong = any(shown != version for shown in SHOWN_HOW.findall(line))
            expected = f"shows a version that is not {version}"
        else:
            wrong = re.search(rf"(?<![\d.]){re.escape(version)}(?![\d.])", line)
            expected = "names the version; take it from CMakeLists.txt (packaging/version.sh)"
        if wrong:
            found.append(f"{path}:{number}: {expected}: {line.strip()[:80]}")
    return found


def main():
    version = version_of(pathlib.Path("CMakeLists.txt").read_text())
    paths = [path for path in tree.files(pathlib.Path("."))
             if path.as_posix() != "CMakeLists.txt" and not path.name.endswith(OTHERS)]
    problems = [found for path in paths
                for found in strays(path.as_posix(), path.read_text(errors="replace"), version)]
    tree.finish("versions", len(paths), problems)


if __name__ == "__main__":
    main()
