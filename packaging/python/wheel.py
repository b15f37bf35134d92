#!/usr/bin/env python3
"""Writes the wheel:  wheel.py --version VERSION --library FILE --program FILE OUT

The same input gives the same bytes. The platform's tag is what the library and the program really
need: the newest GLIBC version that they name (PEP 600), and no library that a system may lack.
"""
import argparse
import base64
import hashlib
import pathlib
import re
import stat
import subprocess
import sys
import zipfile

HERE = pathlib.Path(__file__).resolve().parent
# What every system has that manylinux means (PEP 600): glibc, and the libgcc of any C++.
EVERYWHERE = {"libc.so.6", "libm.so.6", "libdl.so.2", "libpthread.so.0", "librt.so.1",
              "libgcc_s.so.1", "ld-linux-x86-64.so.2", "ld-linux-aarch64.so.1"}
MACHINES = {"Advanced Micro Devices X86-64": "x86_64", "AArch64": "aarch64"}
OLDEST_GLIBC = (2, 17)  # which stands in no older tag

# What library and program are linked with, statically.
LINKED = ["libc6-dev", "libstdc++-12-dev", "libre2-dev", "libssl-dev", "zlib1g-dev", "libasio-dev",
          "libcli11-dev", "libexpected-dev", "nlohmann-json3-dev"]

METADATA = """\
Metadata-Version: 2.1
Name: nairi-mock
Version: {version}
Summary: An offline fake of Nairi's Conversations API, for tests without network, key or bill
License: MIT
Requires-Python: >=3.8
Classifier: Development Status :: 4 - Beta
Classifier: Framework :: Pytest
Classifier: Operating System :: POSIX :: Linux
Classifier: Programming Language :: Python :: 3
Classifier: Topic :: Software Development :: Testing
Classifier: Typing :: Typed
Provides-Extra: requests
Requires-Dist: requests; extra == "requests"
Provides-Extra: httpx
Requires-Dist: httpx; extra == "httpx"
Provides-Extra: pytest
Requires-Dist: pytest >=7; extra == "pytest"
Description-Content-Type: text/markdown

{description}"""

ENTRY_POINTS = """\
[console_scripts]
nairi-mock = nairi_mock.__main__:main

[pytest11]
nairi_mock = nairi_mock.pytest_plugin
"""


class Unfit(Exception):
    """A file that may not be in a wheel."""


def readelf(option, file):
    return subprocess.run(["readelf", "--wide", option, file], check=True, capture_output=True,
                          text=True, env={"LC_ALL": "C", "PATH": "/usr/bin:/bin"}).stdout


def needs(file):
    """The machine, and the newest GLIBC that the file names; other libraries it may not need."""
    needed = set(re.findall(r"\(NEEDED\).*\[(.*)\]", readelf("--dynamic", file)))
    if foreign := needed - EVERYWHERE:
        raise Unfit(f"{file} needs {', '.join(sorted(foreign))}, which a system may lack")
    machine = re.search(r"Machine:\s+(.*)", readelf("--file-header", file))[1].strip()
    named = re.findall(r"Name: GLIBC_(\d+)\.(\d+)", readelf("--version-info", file))
    return MACHINES[machine], max([OLDEST_GLIBC, *((int(a), int(b)) for a, b in named)])


def platform_of(files):
    """manylinux_2_35_x86_64"""
    machines, versions = zip(*map(needs, files))
    if len(set(machines)) > 1:
        raise Unfit(f"expected files for one machine, got {', '.join(machines)}")
    return "manylinux_{}_{}_{}".format(*max(versions), machines[0])


def contents(arguments, tag):
    """Path in the wheel → bytes, and whether it is a program."""
    files = {}
    for file in sorted((HERE / "nairi_mock").glob("*")):
        if file.suffix == ".py" or file.name == "py.typed":
            files[f"nairi_mock/{file.name}"] = file.read_bytes(), False
    files["nairi_mock/lib/libnairi_embed.so"] = arguments.library.read_bytes(), True
    files["nairi_mock/bin/nairi-mock"] = arguments.program.read_bytes(), True
    info = f"nairi_mock-{arguments.version}.dist-info"
    description = (HERE / "README.md").read_text(encoding="utf-8")
    texts = {
        "METADATA": METADATA.format(version=arguments.version, description=description),
        "WHEEL": f"Wheel-Version: 1.0\nGenerator: nairi-mock\nRoot-Is-Purelib: false\nTag: {tag}\n",
        "entry_points.txt": ENTRY_POINTS,
        "licenses/LICENSE": (HERE / "../../LICENSE").read_text(encoding="utf-8"),
        "licenses/third-party-licenses.txt": licenses()}
    for name, text in texts.items():
        files[f"{info}/{name}"] = text.encode(), False
    files[f"{info}/RECORD"] = record(files, info), False  # the last, as PEP 427 wants it
    return files


def licenses():
    """Of what is inside, as Debian's packages say them."""
    texts = ["What the library and the program were linked with, and its licenses, as the packages "
             "of Debian say them.\n"]
    for package in LINKED:
        copyright_file = pathlib.Path("/usr/share/doc", package, "copyright")
        texts.append(f"\n======== {package}\n\n{copyright_file.read_text(encoding='utf-8')}")
    return "".join(texts)


def record(files, info):
    lines = []
    for path, (data, _) in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
        lines.append(f"{path},sha256={digest},{len(data)}\n")
    return ("".join(lines) + f"{info}/RECORD,,\n").encode()


def write(wheel, files):
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for path, (data, is_program) in files.items():
            entry = zipfile.ZipInfo(path, (1980, 1, 1, 0, 0, 0))
            entry.create_system = 3  # Unix, whose rights follow
            entry.external_attr = (stat.S_IFREG | (0o755 if is_program else 0o644)) << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, data)


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--version", required=True)
    parser.add_argument("--library", required=True, type=pathlib.Path)
    parser.add_argument("--program", required=True, type=pathlib.Path)
    parser.add_argument("out", type=pathlib.Path)
    arguments = parser.parse_args()
    tag = "py3-none-" + platform_of([arguments.library, arguments.program])
    wheel = arguments.out / f"nairi_mock-{arguments.version}-{tag}.whl"
    for old in arguments.out.glob("nairi_mock-*.whl"):
        old.unlink()
    write(wheel, contents(arguments, tag))
    print(f"python: {wheel.name}, {wheel.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    try:
        main()
    except Unfit as reason:
        sys.exit(f"wheel: {reason}")
