#!/usr/bin/env python3
"""Holds the list of what is inside the packages against them:  bom_test.py OUT FILE"""
import hashlib
import json
import pathlib
import sys
import tarfile
import unittest

OUT, BOM = pathlib.Path(sys.argv[1]), json.loads(pathlib.Path(sys.argv[2]).read_text())
FILES = {component["name"]: component for component in BOM["components"] if component["type"] == "file"}
LIBRARIES = {component["bom-ref"]: component for component in BOM["components"]
             if component["type"] == "library"}
INSIDE = {entry["ref"]: entry.get("dependsOn", []) for entry in BOM["dependencies"]}


def archive_for_this_machine():
    return next(OUT.glob("nairi-mock-*-linux-amd64.tar.gz"))


def upstream(version):
    """1:1.2.13.dfsg-1 is 1.2.13 of the library itself."""
    return version.rpartition(":")[2].partition("-")[0].partition("+")[0].partition("~")[0].replace(".dfsg", "")


class Bill(unittest.TestCase):
    def test_each_file_is_in_it_with_its_hash(self):
        there = {str(path.relative_to(OUT)): hashlib.sha256(path.read_bytes()).hexdigest()
                 for path in OUT.rglob("*") if path.is_file()}
        del there["SHA256SUMS"]
        del there[pathlib.Path(sys.argv[2]).name]
        self.assertEqual({name: file["hashes"][0]["content"] for name, file in FILES.items()}, there)

    def test_each_library_has_a_version_a_license_and_a_name_that_scanners_know(self):
        self.assertGreaterEqual(len(LIBRARIES), 10)
        for library in LIBRARIES.values():
            self.assertRegex(library["version"], r"^[\d:]*[\d.]+")
            self.assertTrue(library["licenses"][0]["expression"])
            self.assertTrue(library["purl"].startswith(f"pkg:deb/debian/{library['name']}@"))

    def test_what_is_inside_of_each_file_is_listed(self):
        for ref, libraries in INSIDE.items():
            for library in libraries:
                self.assertIn(library, LIBRARIES.keys() | {file["bom-ref"] for file in FILES.values()})
        empty = [name for name, file in FILES.items() if not INSIDE[file["bom-ref"]]]
        self.assertTrue(all(name.endswith((".gem", "Dockerfile")) or "-go-" in name for name in empty), empty)

    def test_programs_hold_the_versions_that_are_listed(self):
        with tarfile.open(archive_for_this_machine()) as archive:
            member = next(name for name in archive.getnames() if name.endswith("/bin/nairi-mock"))
            program = archive.extractfile(member).read()
        versions = {library["name"]: library["version"] for library in LIBRARIES.values()}
        for trace in (f"\0{upstream(versions['openssl'])}\0", f"\0{upstream(versions['zlib'])}\0",
                      f"(Debian {versions['gcc-12']})"):
            self.assertTrue(trace.encode() in program, trace)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
