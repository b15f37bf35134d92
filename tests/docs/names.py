"""What the pages name exists: files of ours, and what holds each row of docs/assumptions.md and each
claim of docs/security.md."""
import pathlib
import re
import sys

FILE = re.compile(r"`((?:client|cmake|contracts|docs|fixtures|server|tests)/[\w./-]+)`")
FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
WRITTEN_BY_THE_PAGE = re.compile(r"^<!-- file: *(\S+) *-->$", re.MULTILINE)
ROW = re.compile(r"^\| (?!situation \||limit \||claim \|)(?!-).*\|$", re.MULTILINE)
TEST = re.compile(r"\bTEST(?:_F|_P)?\(\s*(\w+),\s*(\w+)\)")


def missing_files(page):
    named = set(FILE.findall(FENCE.sub("", page))) - set(WRITTEN_BY_THE_PAGE.findall(page))
    return [f"there is no {name}" for name in sorted(named) if not pathlib.Path(name).exists()]


def unheld_rows(page, tests):
    """links_resolve.py looks for the cases."""
    found = []
    for row in ROW.findall(page):
        held_by = row.rstrip("| ").rpartition("|")[2]
        named = re.findall(r"`([^`]+)`", held_by)
        named = [name for name in named if not name.startswith("tests/")]  # missing_files() looks for it
        found += [f"there is no test {name}" for name in named if name not in tests]
        if "`" not in held_by and "contracts/cases/" not in held_by:
            found.append(f"nothing holds: {row}")
    return found


def main():
    tests = {".".join(name) for path in pathlib.Path("tests").rglob("*.cc")
             for name in TEST.findall(path.read_text())}
    pages = [*pathlib.Path(".").glob("*.md"), *pathlib.Path("docs").glob("*.md")]
    problems = [f"{page}: {problem}"
                for page in pages for problem in missing_files(page.read_text())]
    rows = 0
    for name in ("docs/assumptions.md", "docs/security.md"):
        page = pathlib.Path(name).read_text()
        problems += [f"{name}: {problem}" for problem in unheld_rows(page, tests)]
        rows += len(ROW.findall(page))
    for problem in problems:
        print(problem)
    print(f"names: {len(pages)} pages, {rows} assumptions and claims checked, {len(problems)} wrong")
    sys.exit(1 if problems or not pages or not rows else 0)


if __name__ == "__main__":
    main()
