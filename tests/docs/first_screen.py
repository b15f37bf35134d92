"""Whether README's table of languages says what their pages say:  first_screen.py README

Each piece of code in a row has to stand in the page that the row links.
"""
import pathlib
import re
import sys

FEWEST = 6  # languages


def main():
    readme = pathlib.Path(sys.argv[1])
    rows = re.findall(r"^\| \[[^\]]+\]\((docs/in-[\w-]+\.md)\) \|(.*)\|$", readme.read_text(), re.MULTILINE)
    wrong = 0
    for page, cells in rows:
        text = (readme.parent / page).read_text()
        for code in re.findall(r"`([^`]+)`", cells):
            if code not in text:
                wrong += 1
                print(f"{page} has no {code}")
    print(f"{len(rows)} languages")
    return 1 if wrong or len(rows) < FEWEST else 0


if __name__ == "__main__":
    sys.exit(main())
