"""The files of the project, and how a guard reports."""
import pathlib
import sys

# What is in the folder but is not the project: build trees, packages, git's own, editors' folders.
OUTSIDE = {"build", "dist", ".git", ".ccache", ".vscode", ".idea", "node_modules", "__pycache__"}


def files(root, *suffixes):
    """Every file below root whose name ends so (any, when none is given), in order."""
    found = []
    for path in sorted(pathlib.Path(root).iterdir()):
        if path.name in OUTSIDE or path.name.startswith("build-"):
            continue
        if path.is_dir():
            found += files(path, *suffixes)
        elif not suffixes or path.name.endswith(suffixes):
            found.append(path)
    return found


def finish(what, checked, problems):
    """Exits with 1 when there is a problem, or when there was nothing to look at."""
    for problem in problems:
        print(problem)
    print(f"{what}: {checked} checked, {len(problems)} wrong")
    sys.exit(1 if problems or not checked else 0)
