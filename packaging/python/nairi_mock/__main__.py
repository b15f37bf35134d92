"""The program nairi-mock: `nairi-mock …` or `python -m nairi_mock …`."""

import os
import sys

from .served import PROGRAM


def main() -> None:
    os.execv(PROGRAM, ["nairi-mock", *sys.argv[1:]])


if __name__ == "__main__":
    main()
