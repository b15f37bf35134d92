#!/usr/bin/env python3
"""Projects of strangers: each way in which README and docs/in-cpp-tests.md say that C++ gets nairi-mock.

    tests/consumer/consumers.py

Wants build/ and build/tsan (whose libraries are shared) to be built. They are installed below an empty
folder, which is all that the projects see; their files are the pages' own. Nothing is fetched.
"""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/docs"))
import consoles  # noqa: E402

PROGRAMS = ("nairi-mock", "nairi", "nairi-contract")
FIND = "find_package(nairi_mock REQUIRED)"
VERSION = subprocess.check_output([ROOT / "packaging/version.sh"], text=True).strip()
MINOR = ".".join(VERSION.split(".")[:2])


def files_of(page):
    return {step.name: step.text for step in consoles.steps((ROOT / page).read_text())[0]
            if isinstance(step, consoles.File)}


README = (ROOT / "README.md").read_text()
PAGE = files_of("docs/in-cpp-tests.md")


class Consumers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.home = pathlib.Path(folder.name)
        cls.prefix = cls.home / ".local"
        # The console below README's CMakeLists.txt.
        console = re.search(r"^\$ make build.*?^```$", README, re.MULTILINE | re.DOTALL)[0]
        cls.install, cls.build_and_run = re.findall(r"^\$ (.*)$", console, re.MULTILINE)
        done = cls.run_in(ROOT, cls.install)
        if done.returncode:
            raise AssertionError(done.stdout)

    @classmethod
    def run_in(cls, folder, command, **environment):
        """Runs a line of bash, as somebody whose home is the empty folder."""
        variables = {**os.environ, "HOME": str(cls.home), "CMAKE_GENERATOR": "Ninja", "CXXFLAGS": "-O0",
                     "PKG_CONFIG_PATH": str(cls.prefix / "lib/pkgconfig"), **environment}
        return subprocess.run(["bash", "-ec", command], cwd=folder, env=variables, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def succeed(self, folder, command, **environment):
        done = self.run_in(folder, command, **environment)
        self.assertEqual(done.returncode, 0, f"{command}\n{done.stdout}")
        return done.stdout

    def project(self, name, files):
        """A new folder with these files (name → text)."""
        for file, text in files.items():
            path = self.home / name / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return self.home / name

    def test_readme_works_from_an_empty_folder(self):
        self.project(".", files_of("README.md"))
        # Its component wants none of it.
        command = self.build_and_run.replace(
            "cmake -S", "cmake -DCMAKE_DISABLE_FIND_PACKAGE_OpenSSL=ON -S")
        self.assertIn("100% tests passed", self.succeed(self.home, command))
        needed = self.succeed(self.home, "readelf -d billing/build/billing_test")
        self.assertNotRegex(needed, "libssl|libcrypto|libz|httplib")

    def test_a_misspelt_slug_is_told_and_no_crash(self):
        test = files_of("README.md")["billing/billing_test.cc"]
        self.assertIn('"billing-agent"', test)
        folder = self.project("misspelt", {"billing_test.cc": test.replace("billing-agent", "biling-agent")})
        self.succeed(folder, PAGE["pkg-config.sh"])
        done = self.run_in(folder, "./billing_test")
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertIn(PAGE["misspelt.txt"], done.stdout)

    def test_the_tests_of_the_page_pass_against_an_installed_one(self):
        files = {name: text for name, text in PAGE.items() if name.startswith("agent_tests/")}
        folder = self.project(".", files) / "agent_tests"
        output = self.succeed(folder, "cmake -S . -B build -DCMAKE_PREFIX_PATH=$HOME/.local && "
                                      "cmake --build build && ctest --test-dir build")
        self.assertRegex(output, "100% tests passed, 0 tests failed out of [1-9]")

    def test_every_target_can_be_linked(self):
        self.succeed(ROOT / "tests/consumer",
                     "cmake -S . -B $HOME/every -DCMAKE_PREFIX_PATH=$HOME/.local "
                     f"-DWANTED_VERSION={MINOR} -DCMAKE_EXPORT_COMPILE_COMMANDS=ON && "
                     "cmake --build $HOME/every && "
                     "ctest --test-dir $HOME/every --no-tests=error --output-on-failure")
        # Nothing of the libraries below ours reaches the compiler.
        for command in json.loads((self.home / "every/compile_commands.json").read_text()):
            words = command["command"].split()
            self.assertFalse([word for word in words if word.startswith("-D")])
            folders = {word for option, word in zip(words, words[1:]) if option in ("-isystem", "-I")}
            self.assertEqual(folders, {str(self.prefix / "include")})

    def test_pkg_config_knows_all_that_http_wants(self):
        source = ROOT / "tests/consumer/over_http.cc"
        self.succeed(self.home, f"g++ -std=c++20 {source} $(pkg-config --cflags --libs nairi_mock) "
                                "-o over_http && ./over_http")

    def as_part_of(self, name, text):
        """A project that has nairi-mock in it, with the page's CMake in place of find_package()."""
        listing = PAGE["agent_tests/CMakeLists.txt"]
        self.assertIn(FIND, listing)
        listing = listing.replace(FIND, text)
        listing = re.sub(r"^# The libraries of own.*?\n\n", "", listing, flags=re.MULTILINE | re.DOTALL)
        listing = listing.replace(" own_client_test.cc", "").replace(" nairi::mock ", " ")
        listing = re.sub(r"\s+nlohmann_json::nlohmann_json PkgConfig::httplib", "", listing)
        files = {file.removeprefix("agent_tests/"): text for file, text in PAGE.items()
                 if file.startswith("agent_tests/") and "own_client" not in file}
        return self.project(name, {**files, "CMakeLists.txt": listing})

    def test_fetched_content_builds_what_is_linked_and_is_shared(self):
        folder = self.as_part_of("fetched", PAGE["fetched/nairi_mock.cmake"])
        self.succeed(folder, f"cmake -S . -B build -DFETCHCONTENT_SOURCE_DIR_NAIRI_MOCK={ROOT} "
                             "-DCMAKE_UNITY_BUILD=ON -DBUILD_SHARED_LIBS=ON")
        self.succeed(folder, "cmake --build build")
        built = {path.name for path in (folder / "build").rglob("*") if path.is_file()}
        self.assertIn(f"libnairi_engine.so.{VERSION}", built)
        self.assertFalse(built & {*PROGRAMS, "libnairi_mock.so", "libnairi_contracts.so"})
        self.assertIn("100% tests passed", self.succeed(folder, "ctest --test-dir build"))

    def test_fetched_content_comes_from_a_commit_of_a_clone(self):
        text = PAGE["fetched/nairi_mock.cmake"]
        commit = self.succeed(ROOT, "git rev-parse HEAD").strip()
        text, changed = re.subn(r"GIT_REPOSITORY .*\n +GIT_TAG .*\)(?= +#)",
                                f"GIT_REPOSITORY file://{ROOT}\n  GIT_TAG {commit})", text)
        self.assertEqual(changed, 1)
        folder = self.as_part_of("cloned", text)
        self.succeed(folder, "cmake -S . -B build && ninja -C build -t inputs all")
        self.assertEqual(self.succeed(folder / "build/_deps/nairi_mock-src", "git rev-parse HEAD").strip(),
                         commit)

    def test_a_clone_adds_nothing_to_all(self):
        folder = self.as_part_of("with_a_clone", PAGE["with_a_clone/nairi_mock.cmake"])
        (folder / "third_party").mkdir()
        (folder / "third_party/nairi-mock").symlink_to(ROOT)
        self.succeed(folder, "cmake -S . -B build")
        work = self.succeed(folder, "ninja -C build -t inputs all")
        self.assertIn("libnairi_engine.a", work)
        self.assertNotRegex(work, r"libnairi_(mock|client|contracts)\.a|bin/|/tests/")

    def is_not_found(self, name, options, languages="CXX", package="QUIET", **environment):
        """What find_package() says to a project that can do without."""
        folder = self.project(name, {"CMakeLists.txt": f"""
            cmake_minimum_required(VERSION 3.5)
            project(polite LANGUAGES {languages})
            find_package(nairi_mock {package})
            message("found: ${{nairi_mock_FOUND}} ${{nairi_mock_NOT_FOUND_MESSAGE}}")
            """})
        output = self.succeed(folder, f"cmake -S . -B build -DCMAKE_PREFIX_PATH=$HOME/.local {options}",
                              **environment)
        self.assertRegex(output, r"found: (FALSE|0) ")
        return output

    def test_a_dependency_that_is_missing_is_no_error_but_a_reason(self):
        for package in ("tl-expected", "OpenSSL", "ZLIB", "PkgConfig"):
            with self.subTest(package=package):
                output = self.is_not_found(f"without_{package}",
                                           f"-DCMAKE_DISABLE_FIND_PACKAGE_{package}=ON")
                self.assertIn(f"dependency {package} could not be found", " ".join(output.split()))

    def test_what_only_pkg_config_knows_is_no_error_either(self):
        output = self.is_not_found("without_re2", "", PKG_CONFIG_LIBDIR="/nowhere", PKG_CONFIG_PATH="")
        self.assertIn("pkg-config does not know re2 (Debian: apt install libre2-dev)", output)

    def test_a_component_that_is_none_and_a_language_are_no_errors(self):
        self.assertIn("It has no component mokc",
                      self.is_not_found("misspelt_component", "", package="QUIET COMPONENTS mokc"))
        self.assertIn("It is a library for C++", self.is_not_found("without_cxx", "", languages="NONE"))

    def test_programs_are_installed_although_a_library_came_as_source(self):
        source = self.home / "expected-source"
        shutil.copytree("/usr/include/tl", source / "include/tl")
        build = self.home / "from_source"
        options = ("-DCMAKE_DISABLE_FIND_PACKAGE_tl-expected=ON -DNAIRI_MOCK_TESTS=OFF "
                   f"-DFETCHCONTENT_SOURCE_DIR_NAIRI_TL-EXPECTED={source}")
        self.succeed(ROOT, f"cmake -S . -B {build} {options}")
        (build / "bin").mkdir(exist_ok=True)
        for program in PROGRAMS:  # stand for what is built
            shutil.copy(ROOT / "build/bin" / program, build / "bin")
        output = self.succeed(build, "cmake --install . --prefix installed")
        self.assertIn("no libraries to link against are installed", " ".join(output.split()))
        self.assertIn("came as source: tl-expected", " ".join(output.split()))
        installed = {path.name for path in (build / "installed").rglob("*") if path.is_file()}
        self.assertLessEqual({*PROGRAMS, "default.json", "openapi.json"}, installed)
        self.assertFalse([name for name in installed if name.endswith((".h", ".a", ".pc", ".cmake"))])

    def test_the_programs_run_where_they_are_installed(self):
        for program in PROGRAMS:
            self.assertIn(VERSION, self.succeed(self.home, f".local/bin/{program} --version"))

    def test_shared_libraries_are_found_wherever_the_prefix_is_moved_to(self):
        self.succeed(ROOT, "cmake --install build/tsan --prefix ~/shared && mv ~/shared ~/moved")
        for program in PROGRAMS:
            loaded = self.succeed(self.home, f"ldd moved/bin/{program}")
            self.assertRegex(loaded, rf"libnairi_\w+\.so\.{re.escape(MINOR)} => .*/moved/bin/\.\./lib/")
            self.assertNotIn("not found", loaded)


if __name__ == "__main__":
    unittest.main(verbosity=2)
