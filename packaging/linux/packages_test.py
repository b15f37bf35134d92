#!/usr/bin/env python3
"""Tests the packages for Linux from a folder:  packages_test.py OUT VERSION

Everything happens in temporary folders, and the bare Debian below build/. Wants root, for chroot.
"""
import json
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import tarfile
import tempfile
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent
OUT, VERSION = pathlib.Path(sys.argv[1]).resolve(), sys.argv[2]
BARE_ROOT = HERE.parents[1] / "build/debian/root"
CHROOT = shutil.which("chroot", path="/usr/sbin:/usr/bin")
PROGRAMS = ("nairi-mock", "nairi", "nairi-contract")
ARCHITECTURES = {"amd64": "x86-64", "arm64": "aarch64"}
QUESTION = ("ask", "--agent", "billing-agent", "Refund cus_123", "--poll-interval", "0.01")
ANSWER = 'Refunded cus_123 as asked: "Refund cus_123"\n'
PAGE = (HERE.parents[1] / "docs/install.md").read_text()
# What a user of a bare machine has in the environment.
BARE = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/"}


def run(*command, **options):
    options.setdefault("stderr", subprocess.STDOUT)
    return subprocess.run([str(part) for part in command], stdout=subprocess.PIPE, text=True, **options)


def name_of(arch):
    return f"nairi-mock-{VERSION}-linux-{arch}"


class Packages(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.home = pathlib.Path(folder.name)
        cls.unpacked = cls.home / "a folder of mine"
        cls.unpacked.mkdir()
        for arch in ARCHITECTURES:
            subprocess.run(["tar", "-xzf", OUT / f"{name_of(arch)}.tar.gz"], cwd=cls.unpacked, check=True)

    def prefix(self, arch):
        return self.unpacked / name_of(arch)

    def program(self, arch, name):
        return self.prefix(arch) / "bin" / name

    def succeed(self, *command, **options):
        done = run(*command, **options)
        self.assertEqual(done.returncode, 0, f"{command}\n{done.stdout}")
        return done.stdout

    def in_root(self, root, *command):
        return self.succeed(CHROOT, root, *command, env=BARE)


class Archives(Packages):
    def test_they_hold_what_the_page_says(self):
        for arch in ARCHITECTURES:
            files = {str(path.relative_to(self.prefix(arch)))
                     for path in self.prefix(arch).rglob("*") if path.is_file()}
            wanted = {"share/nairi-mock/fixtures/worlds/default.json",
                      "share/nairi-mock/fixtures/attachments/Überweisung – März.txt",
                      "share/nairi-mock/contracts/openapi.json", "share/doc/nairi-mock/LICENSE",
                      "share/doc/nairi-mock/CHANGELOG.md",
                      "share/doc/nairi-mock/third-party-licenses.txt"}
            for name in PROGRAMS:
                wanted |= {f"bin/{name}", f"share/man/man1/{name}.1",
                           f"share/bash-completion/completions/{name}"}
            self.assertLessEqual(wanted, files)
            self.assertFalse([name for name in files if name.endswith((".a", ".h", ".cmake", ".so"))])

    def test_nothing_in_them_hangs_on_who_made_them_when(self):
        for arch in ARCHITECTURES:
            file = OUT / f"{name_of(arch)}.tar.gz"
            self.assertEqual(file.read_bytes()[4:8], bytes(4), "gzip's time")
            with tarfile.open(file) as archive:
                members = archive.getmembers()
            names = [member.name for member in members]
            self.assertEqual(names, sorted(names, key=os.fsencode))
            self.assertEqual({(member.uid, member.gid, member.uname, member.gname)
                              for member in members}, {(0, 0, "", "")})
            self.assertEqual(len({member.mtime for member in members}), 1)
            self.assertLessEqual({member.mode for member in members if not member.issym()},
                                 {0o644, 0o755})

    def test_licenses_of_what_is_linked_are_in_them(self):
        text = (self.prefix("amd64") / "share/doc/nairi-mock/third-party-licenses.txt").read_text()
        for name in ("OpenSSL", "RE2", "zlib", "asio", "CLI11", "nlohmann", "cpp-httplib", "GNU C Library"):
            self.assertIn(name, text)


class Programs(Packages):
    def test_they_need_nothing_but_a_kernel(self):
        for arch, machine in ARCHITECTURES.items():
            for name in PROGRAMS:
                program = self.program(arch, name)
                told = self.succeed("readelf", "-hld", program)
                self.assertRegex(told.lower().replace("advanced micro devices ", ""),
                                 rf"machine: +{machine}")
                self.assertNotIn("(NEEDED)", told)
                self.assertNotIn("INTERP", told)
                if arch == "amd64":
                    self.assertIn("statically linked", run("ldd", program).stdout)
                self.assertNotIn(b"/build/static", program.read_bytes(), "a path of who built it")

    def test_they_are_hardened(self):
        for arch in ARCHITECTURES:
            for name in PROGRAMS:
                told = self.succeed("readelf", "-Wld", self.program(arch, name))
                self.assertRegex(told, r"FLAGS_1\) .*PIE")
                self.assertIn("GNU_RELRO", told)
                self.assertRegex(told, r"GNU_STACK .* RW ")

    def test_each_knows_its_version(self):
        for name in PROGRAMS:
            self.assertIn(VERSION, self.succeed(self.program("amd64", name), "--version"))
            self.assertIn(VERSION, self.succeed("qemu-aarch64-static", self.program("arm64", name),
                                                "--version"))

    def test_the_fake_serves_https_in_a_root_that_holds_nothing_else(self):
        root = self.home / "empty"
        root.mkdir()
        shutil.copy(self.program("amd64", "nairi-mock"), root)
        server = subprocess.Popen([CHROOT, root, "/nairi-mock", "serve", "--tls", "--port", "0",
                                   "--log", "none", "--ready-file", "/ready.json"],
                                  env={}, stdout=subprocess.DEVNULL)
        try:
            ready = json.loads(self.in_root(root, "/nairi-mock", "ready", "--ready-file", "/ready.json"))
            self.assertEqual(ready["ca_file"], "/ready.json.ca.pem")
            output = self.succeed(self.program("amd64", "nairi"), *QUESTION, stderr=subprocess.PIPE,
                                  env={"NAIRI_BASE_URL": ready["base_url"], "NAIRI_API_KEY": "nr_test",
                                       "NAIRI_CA_FILE": str(root / "ready.json.ca.pem")})
            self.assertEqual(output, ANSWER)
        finally:
            server.terminate()
            self.assertEqual(server.wait(timeout=30), 0)
        self.assertEqual([path.name for path in root.iterdir()], ["nairi-mock"])

    def test_arm64_answers_what_x86_64_answers(self):
        mock, nairi = self.program("arm64", "nairi-mock"), self.program("arm64", "nairi")
        native = self.succeed(self.program("amd64", "nairi-mock"), "run", "--",
                              self.program("amd64", "nairi"), *QUESTION, "--json", stderr=subprocess.PIPE)
        self.assertIn("Refunded cus_123", native)
        for options in ([], ["--tls"]):
            emulated = self.succeed("qemu-aarch64-static", mock, "run", *options, "--", "qemu-aarch64-static",
                                    nairi, *QUESTION, "--json", stderr=subprocess.PIPE)
            self.assertEqual(self.without_ids(emulated), self.without_ids(native))

    @staticmethod
    def without_ids(text):
        """A run's key is made up, and ids are made from it."""
        return re.sub(r"[0-9A-HJKMNP-TV-Z]{26}", "<id>", text)

    def test_arm64_keeps_the_contracts(self):
        output = self.succeed("qemu-aarch64-static", self.program("arm64", "nairi-contract"), "server")
        self.assertRegex(output, r": [1-9]\d\d cases, [1-9]\d\d passed,")

    def test_the_start_is_measured(self):
        seconds = []
        for _ in range(20):
            started = time.monotonic()
            self.succeed(self.program("amd64", "nairi-mock"), "run", "--", "/bin/true")
            seconds.append(time.monotonic() - started)
        print(f"\nlinux: from nothing to served, and ended: {statistics.median(seconds) * 1000:.1f} ms")


class InABareDebian(Packages):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        subprocess.run([HERE / "bare_root.sh", BARE_ROOT], check=True)
        cls.root = cls.home / "root"
        subprocess.run(["cp", "-a", BARE_ROOT, cls.root], check=True)
        # Who starts a machine writes this file.
        (cls.root / "etc/hosts").write_text("127.0.0.1 localhost\n::1 localhost\n")

    def test_the_archive_runs_from_a_folder_with_spaces(self):
        shutil.copytree(self.prefix("amd64"), self.root / "opt/nairi mock")
        bin_folder = "/opt/nairi mock/bin"
        for options in ([], ["--tls"], ["--host", "localhost"]):
            output = self.in_root(self.root, f"{bin_folder}/nairi-mock", "run", *options, "--",
                                  f"{bin_folder}/nairi", *QUESTION)
            self.assertEqual(output.splitlines(True)[-1], ANSWER)
        output = self.in_root(self.root, f"{bin_folder}/nairi-contract", "server", "--over", "https",
                              "--case", "*poll*")
        self.assertRegex(output, r": [1-9]\d* cases?, [1-9]\d* passed,")

    def test_no_module_of_the_system_is_loaded_to_look_a_name_up(self):
        """One that was made for another glibc would end the program."""
        module = self.root / "usr/lib/x86_64-linux-gnu/libnss_fatal.so.2"
        subprocess.run(["g++", "-shared", "-fPIC", "-nostdlib", "-x", "c++", "-", "-o", module], text=True,
                       input="__attribute__((constructor)) void end() { __builtin_trap(); }", check=True)
        self.addCleanup(module.unlink)
        settings = self.root / "etc/nsswitch.conf"
        self.addCleanup(settings.write_text, settings.read_text())
        settings.write_text(settings.read_text().replace("files dns", "fatal files dns"))
        self.assertIn("fatal files dns", settings.read_text())
        shutil.copy(self.program("amd64", "nairi"), self.root)
        shutil.copy(self.program("amd64", "nairi-mock"), self.root)
        output = self.in_root(self.root, "/nairi-mock", "run", "--host", "localhost", "--", "/nairi",
                              *QUESTION)
        self.assertIn(ANSWER, output)

    def play(self, heading):
        """Runs the console of the page below a heading, in a folder that has the files of OUT."""
        console = re.search(rf"^## {heading}$.*?^```console$(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)[1]
        commands = re.findall(r"^\$ (.*)$", console, re.MULTILINE)
        self.assertGreater(len(commands), 2)
        home = self.root / "opt/me"
        home.mkdir(exist_ok=True)
        for file in OUT.glob("*_amd64.deb"), OUT.glob("*-linux-amd64.tar.gz"):
            shutil.copy(*file, home)
        script = "\n".join(["set -e", "export HOME=/opt/me", "cd", *commands])
        output = self.in_root(self.root, "bash", "-c", script)
        shown = [line for line in console.splitlines() if line and not line.startswith("$ ")]
        self.assertIn("\n".join(shown).replace("job_…", ""), re.sub(r"job_\w{26}", "", output))
        shutil.rmtree(home)

    def test_the_console_of_the_page_installs_the_archive(self):
        self.play("Archive")

    def test_the_console_of_the_page_installs_and_removes_the_package_without_a_trace(self):
        before = self.files()
        self.play("Debian package")
        self.assertEqual(self.files() ^ before, set())

    def test_the_package_is_intact_once_installed(self):
        shutil.copy(OUT / f"nairi-mock_{VERSION}_amd64.deb", self.root / "nairi-mock.deb")
        self.in_root(self.root, "dpkg", "-i", "/nairi-mock.deb")
        self.assertEqual(self.in_root(self.root, "dpkg", "--verify", "nairi-mock"), "")
        self.assertIn(VERSION, self.in_root(self.root, "nairi-contract", "--version"))
        self.in_root(self.root, "dpkg", "--purge", "nairi-mock")
        (self.root / "nairi-mock.deb").unlink()

    def files(self):
        """All but what apt and dpkg write down."""
        notes = ("var/lib/dpkg", "var/lib/apt", "var/log", "var/cache/apt", "proc")
        paths = (str(path.relative_to(self.root)) for path in self.root.rglob("*"))
        return {path for path in paths if not path.startswith(notes)}


class DebianPackages(Packages):
    def test_lintian_finds_nothing(self):
        for arch in ARCHITECTURES:
            output = self.succeed("lintian", "--allow-root", "--fail-on", "error,warning", "--info",
                                  OUT / f"nairi-mock_{VERSION}_{arch}.deb")
            self.assertEqual(output.strip(), "")

    def test_they_depend_on_nothing(self):
        for arch in ARCHITECTURES:
            fields = self.succeed("dpkg-deb", "--field", OUT / f"nairi-mock_{VERSION}_{arch}.deb")
            self.assertIn(f"Architecture: {arch}\n", fields)
            self.assertIn(f"Version: {VERSION}\n", fields)
            self.assertNotRegex(fields, "Depends:|Recommends:")


class ManPages(Packages):
    def page(self, name):
        return self.prefix("amd64") / f"share/man/man1/{name}.1"

    def test_they_can_be_read_and_found(self):
        for name in PROGRAMS:
            done = run("man", "--warnings", "-l", self.page(name), stderr=subprocess.PIPE,
                       env={**os.environ, "MANWIDTH": "80", "LC_ALL": "C.UTF-8", "MANROFFOPT": ""})
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            self.assertIn("EXIT STATUS", done.stdout)
            self.assertIn(f"{name} - ", self.succeed("lexgrog", self.page(name)))

    def test_every_option_of_the_help_is_in_them(self):
        for name in PROGRAMS:
            text = re.sub(r"\\f.|\\", "", self.page(name).read_text())
            told = self.succeed(self.program("amd64", name), "--help")
            commands = re.findall(r"^  ([a-z]+)  ", told.partition("Subcommands:")[2], re.MULTILINE)
            self.assertGreater(len(commands), 4)
            for command in commands:
                section = re.search(rf"^\.SS {name} {command}$(.*?)^\.S", text, re.MULTILINE | re.DOTALL)[1]
                its = self.succeed(self.program("amd64", name), command, "--help")
                for option in set(re.findall(r"^  (?:-\w,)?(--[\w-]+)", its, re.MULTILINE)):
                    if option != "--help":
                        self.assertIn(option, section)


class Completion(Packages):
    def offered(self, line):
        """What a press of the tab key at the end of this line gives."""
        name = line.split()[0]
        file = self.prefix("amd64") / f"share/bash-completion/completions/{name}"
        script = f"""
            . "$1"; shift
            COMP_WORDS=({line if line[-1] != ' ' else line + "''"}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
            {re.search('-F (.*) ', file.read_text())[1]}
            printf '%s\\n' "${{COMPREPLY[@]}}"
            """
        return self.succeed("bash", "--norc", "-c", script, "bash", file).split()

    def test_commands_options_and_words_are_offered(self):
        self.assertEqual(self.offered("nairi-mock "),
                         ["serve", "run", "check", "world", "fidelity", "ready", "-h", "--help", "--version"])
        self.assertEqual(self.offered("nairi-mock serve --tls-"), ["--tls-name", "--tls-cert", "--tls-key"])
        self.assertEqual(self.offered("nairi-mock serve --with"), ["--with-parent"])
        self.assertEqual(self.offered("nairi-mock run --with"), [])
        self.assertEqual(self.offered("nairi conversations --status "),
                         ["active", "completed", "error", "abandoned"])
        self.assertEqual(self.offered("nairi-contract server --over "), ["in-process", "http", "https"])
        self.assertIn("cat", self.offered("nairi-mock run -- cat"))
        self.assertEqual(self.offered("nairi-mock run -- cat --"), [])

    def test_every_word_that_is_offered_is_taken(self):
        options = [option for option in self.offered("nairi-mock run --") if self.offered(f"nairi-mock run {option} ")]
        self.assertIn("--clock", options)
        for option in options:
            for word in self.offered(f"nairi-mock run {option} "):
                done = run(self.program("amd64", "nairi-mock"), "run", option, word, "--", "/bin/true")
                self.assertIn(done.returncode, (0, 3), done.stdout)  # 3: nothing to judge


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1] + sys.argv[3:], verbosity=2)
