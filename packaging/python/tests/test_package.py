"""The wheel itself."""
import base64
import hashlib
import os
import pathlib
import re
import subprocess
import sys
import textwrap
import zipfile

import nairi_mock
import pytest

WHEEL = pathlib.Path(os.environ["NAIRI_TEST_WHEEL"])
MAKER = os.environ["NAIRI_TEST_WHEEL_MAKER"]
INSTALLED = pathlib.Path(nairi_mock.__file__).parent


def contents(wheel):
    with zipfile.ZipFile(wheel) as archive:
        return {entry.filename: (archive.read(entry), entry.external_attr >> 16)
                for entry in archive.infolist()}


def make(folder, library=INSTALLED / "lib" / "libnairi_embed.so",
         program=INSTALLED / "bin" / "nairi-mock"):
    return subprocess.run(
        ["/usr/bin/python3", MAKER, "--version", nairi_mock.version(), "--library", library, "--program", program,
         folder], capture_output=True, text=True)


def test_it_is_what_is_tested():
    assert "site-packages" in str(INSTALLED)
    assert WHEEL.name.startswith(f"nairi_mock-{nairi_mock.version()}-py3-none-manylinux_")


def test_the_library_is_hardened():
    """Compiled by the options that the programs have, which are static and don't show it."""
    library = INSTALLED / "lib" / "libnairi_embed.so"
    told = subprocess.run(["readelf", "-Wld", "--dyn-syms", library], check=True, capture_output=True,
                          text=True).stdout
    for trace in ("__stack_chk_fail", "_chk@", "GNU_RELRO", "BIND_NOW"):
        assert trace in told


def test_made_again_it_is_the_same_to_the_byte(tmp_path):
    made = make(tmp_path)
    assert made.returncode == 0, made.stderr
    assert (tmp_path / WHEEL.name).read_bytes() == WHEEL.read_bytes()


def test_the_record_lists_every_file():
    files = contents(WHEEL)
    record, = (name for name in files if name.endswith("/RECORD"))
    assert list(files)[-1] == record
    expected = [f"{name},sha256=" + base64.urlsafe_b64encode(hashlib.sha256(data).digest())
                .rstrip(b"=").decode() + f",{len(data)}" for name, (data, _) in files.items()
                if name != record]
    assert files[record][0].decode().splitlines() == [*expected, f"{record},,"]


def test_files_can_be_read_and_programs_run():
    for name, (_, mode) in contents(WHEEL).items():
        is_program = name.endswith(("bin/nairi-mock", ".so"))
        assert mode & 0o777 == (0o755 if is_program else 0o644), name


def test_licenses_of_what_is_inside_are_there():
    files = {name.rpartition("/")[2]: data for name, (data, _) in contents(WHEEL).items()}
    assert b"MIT License" in files["LICENSE"]
    for library in (b"libre2-dev", b"libssl-dev", b"libstdc++-12-dev"):
        assert library in files["third-party-licenses.txt"]


def test_the_tag_says_which_glibc_is_needed():
    library = INSTALLED / "lib" / "libnairi_embed.so"
    listed = subprocess.run(["objdump", "-T", library], check=True, capture_output=True, text=True).stdout
    versions = [tuple(map(int, match)) for match in re.findall(r"GLIBC_(\d+)\.(\d+)", listed)]
    major, minor = max(versions)
    assert f"manylinux_{major}_{minor}_" in WHEEL.name
    assert "GLIBCXX" not in listed and "CXXABI" not in listed


def test_a_library_that_others_may_lack_is_refused(tmp_path):
    made = make(tmp_path, program=pathlib.Path("/usr/bin/cmake"))
    assert made.returncode != 0
    assert re.search(r"cmake needs .*libstdc\+\+\.so\.6.*, which a system may lack", made.stderr)


def test_nothing_but_the_abi_is_visible():
    library = INSTALLED / "lib" / "libnairi_embed.so"
    listed = subprocess.run(["nm", "-D", "--defined-only", library], check=True, capture_output=True, text=True)
    names = {line.split()[-1] for line in listed.stdout.splitlines()}
    assert names == {"nairi_abi", "nairi_fake_free", "nairi_fake_handle", "nairi_fake_new",
                     "nairi_fake_states", "nairi_reply_free", "nairi_reply_is_cancelled",
                     "nairi_reply_is_held", "nairi_text_free", "nairi_version"}


def test_requests_and_httpx_are_loaded_only_when_they_are_used():
    code = "import nairi_mock, sys; nairi_mock.Fake().ask('my-agent', 'x'); print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert not {"requests", "httpx", "pytest", "urllib3"} & set(run.stdout.split())


def mypy(folder, *arguments):
    """Its findings, line by line."""
    run = subprocess.run(["/usr/bin/mypy", "--strict", "--python-executable", sys.executable,
                          "--no-error-summary", "--cache-dir", folder / "cache", *arguments],
                         capture_output=True, text=True, cwd=folder)
    assert run.stderr == "" and run.returncode in (0, 1), run.stderr
    return run.stdout.splitlines()


def test_types_are_right(tmp_path):
    # Debian has no types of requests and urllib3. What lies behind httpx and pytest takes a minute.
    (tmp_path / "mypy.ini").write_text(textwrap.dedent("""
        [mypy]
        [mypy-requests.*,urllib3.*]
        ignore_missing_imports = True
        [mypy-nairi_mock.on_requests]
        disallow_subclassing_any = False
        [mypy-nairi_mock.pytest_plugin]
        disallow_untyped_decorators = False
        [mypy-httpcore.*,anyio.*,h11.*,rich.*,pygments.*,click.*,sniffio.*,attr.*,_pytest.*,pluggy.*]
        follow_imports = skip
    """))
    assert mypy(tmp_path, "--config-file", "mypy.ini", "-p", "nairi_mock") == []

    (tmp_path / "uses.py").write_text(textwrap.dedent("""
        import nairi_mock

        def test_it(fake: nairi_mock.Fake) -> None:
            job: str = fake.add_job({})
            texts: list[str] = [one.sentence for one in fake.verdicts().broken()]
            fake.advance("2 s")
            fake.advence(1)
            nairi_mock.Fake(clok="wall")
    """))
    said = mypy(tmp_path, "--config-file", "mypy.ini", "--follow-imports", "silent", "uses.py")
    assert [line.split(":")[1] for line in said if "error" in line] == ["7", "8", "9"], said
