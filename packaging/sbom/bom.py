#!/usr/bin/env python3
"""Lists what is inside the packages of a folder, as CycloneDX 1.5:  bom.py OUT VERSION SERIAL TIME

Writes OUT/nairi-mock-VERSION.cdx.json: each file of OUT with its hash, and the libraries that were
linked into it, with the versions of Debian's packages that they came from.
"""
import hashlib
import json
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]

# What of Debian is in what we build, by its source package, and its license (SPDX). The package that
# tells its version is either installed, or was unpacked as source below build/.
LIBRARIES = {
    "openssl": ("libssl-dev", "Apache-2.0"),
    "zlib": ("zlib1g-dev", "Zlib"),
    "re2": ("libre2-dev", "BSD-3-Clause"),
    "asio": ("libasio-dev", "BSL-1.0"),
    "cli11": ("libcli11-dev", "BSD-3-Clause"),
    "tl-expected": ("libexpected-dev", "CC0-1.0"),
    "nlohmann-json3": ("nlohmann-json3-dev", "MIT"),
    "glibc": ("libc6-dev", "LGPL-2.1-or-later"),
    "gcc-12": ("libstdc++-12-dev", "GPL-3.0-or-later WITH GCC-exception-3.1"),
    "cpp-httplib": (ROOT / "build/debian/httplib", "MIT"),
    "emscripten": ("emscripten", "MIT OR NCSA"),
}
PURE = ["re2", "tl-expected", "nlohmann-json3"]
SERVER = [*PURE, "asio", "cli11", "openssl", "zlib", "glibc", "gcc-12"]
PROGRAMS = [*SERVER, "cpp-httplib"]

# What is inside of a file, by its name.
INSIDE = (
    (r"nairi-mock-[\d.]+-linux-\w+\.tar\.gz|nairi-mock_[\d.]+_\w+\.deb", PROGRAMS),
    (r"nairi-mock-[\d.]+-image-\w+\.tar|image/root-\w+\.tar\.gz|nairi-mock-linux-\w+-[\d.]+\.tgz"
     r"|nairi_mock-[\d.]+-.*\.whl", SERVER),
    (r"nairi-mock-[\d.]+\.tgz", [*PURE, "emscripten"]),
    (r"nairi-mock-go-[\d.]+\.tar\.gz|nairi_mock-[\d.]+\.gem|image/Dockerfile", []),
)


def version_of(place):
    if isinstance(place, pathlib.Path):
        command = ["dpkg-parsechangelog", "-S", "Version", "-l", place / "debian/changelog"]
    else:
        command = ["dpkg-query", "-W", "-f", "${source:Version}", place]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


def library(name):
    place, license_of_it = LIBRARIES[name]
    version = version_of(place)
    purl = f"pkg:deb/debian/{name}@{version.replace(':', '%3A').replace('+', '%2B')}?arch=source"
    return {"type": "library", "bom-ref": purl, "name": name, "version": version,
            "licenses": [{"expression": license_of_it}], "purl": purl}


def artefact(out, path, version):
    name = str(path.relative_to(out))
    return {"type": "file", "bom-ref": f"file:{name}", "name": name, "version": version,
            "hashes": [{"alg": "SHA-256", "content": hashlib.sha256(path.read_bytes()).hexdigest()}],
            "licenses": [{"license": {"id": "MIT"}}]}


def inside(name):
    for pattern, libraries in INSIDE:
        if re.fullmatch(pattern, name):
            return libraries
    sys.exit(f"sbom: what is inside of {name} is not known here; add it to INSIDE")


def bill(out, version, serial, time):
    """The whole document. A serial and a time are given, so that one commit makes one document."""
    own = {"SHA256SUMS", f"nairi-mock-{version}.cdx.json"}
    files = sorted(path for path in out.rglob("*") if path.is_file() and path.name not in own)
    artefacts = [artefact(out, path, version) for path in files]
    contents = {file["bom-ref"]: inside(file["name"]) for file in artefacts}
    libraries = {name: library(name) for name in sorted(set().union(*contents.values()))}
    product = {"type": "application", "bom-ref": "nairi-mock", "name": "nairi-mock",
               "version": version, "licenses": [{"license": {"id": "MIT"}}]}
    return {
        "bomFormat": "CycloneDX", "specVersion": "1.5", "serialNumber": f"urn:uuid:{serial}", "version": 1,
        "metadata": {"timestamp": time, "component": product},
        "components": artefacts + list(libraries.values()),
        "dependencies": [{"ref": "nairi-mock", "dependsOn": list(contents)},
                         *({"ref": ref, "dependsOn": [libraries[name]["bom-ref"] for name in names]}
                           for ref, names in contents.items()),
                         *({"ref": one["bom-ref"]} for one in libraries.values())]}


def main():
    out, version, serial, time = pathlib.Path(sys.argv[1]), *sys.argv[2:]
    text = json.dumps(bill(out, version, serial, time), indent=1, ensure_ascii=False)
    (out / f"nairi-mock-{version}.cdx.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
