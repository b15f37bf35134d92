"""Every relative link of the Markdown files leads to a file, and to a heading where it names one."""
import pathlib
import re

import tree

LINK = re.compile(r"\]\(([^)\s]+)\)|\b(?:src|srcset|href)=\"([^\"\s]+)\"")
CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)
HEADING = re.compile(r"^#+\s+(.*)$", re.MULTILINE)


def anchors(text):
    """The ids that a forge makes of a page's headings."""
    prose = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    return {re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-")
            for title in HEADING.findall(prose)}


def broken(path, text):
    problems = []
    for target in map("".join, LINK.findall(CODE.sub("", text))):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        file = path.parent / name if name else path
        if not file.exists():
            problems.append(f"{path}: link to {target}: no such file")
        elif anchor and file.suffix == ".md" and anchor not in anchors(file.read_text()):
            problems.append(f"{path}: link to {target}: no such heading")
    return problems


def main():
    pages = tree.files(pathlib.Path("."), ".md")
    tree.finish("links", len(pages), [p for page in pages for p in broken(page, page.read_text())])


if __name__ == "__main__":
    main()
