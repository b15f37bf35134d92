"""Each row of docs/assumptions.md names a contract case or a test, and the test exists."""
import pathlib
import re
import sys

TEST = re.compile(r"\bTEST(?:_F|_P)?\(\s*(\w+),\s*(\w+)\)")


def main():
    tests = {".".join(name) for path in pathlib.Path("tests").rglob("*.cc")
             for name in TEST.findall(path.read_text())}
    page = pathlib.Path("docs/assumptions.md").read_text()
    rows = [line for line in page.splitlines() if re.match(r"\| (?!situation|limit)", line)]
    problems = []
    for row in rows:
        held_by = row.rstrip("| ").rpartition("|")[2]
        named = re.findall(r"`([^`]+)`", held_by)
        problems += [f"there is no test {name}" for name in named if name not in tests]
        if not named and "contracts/cases/" not in held_by:
            problems.append(f"nothing holds: {row}")
    for problem in problems:
        print(f"docs/assumptions.md: {problem}")
    print(f"assumptions: {len(rows)} checked, {len(problems)} wrong")
    sys.exit(1 if problems or not rows else 0)


if __name__ == "__main__":
    main()
