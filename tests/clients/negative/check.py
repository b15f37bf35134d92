"""Whether the harness catches a broken client: by its own rule, and by no other that must be kept.

    check.py NAIRI_CONTRACT RULE
"""
import json
import pathlib
import subprocess
import sys
import tempfile

from broken import BROKEN

CLIENT = pathlib.Path(__file__).with_name("broken.py")


def judge(contract, rule, *options):
    """The exit code and the report of a run of the rule's own case, and of some that go well."""
    with tempfile.TemporaryDirectory() as folder:
        report = pathlib.Path(folder, "report.json")
        run = subprocess.run([contract, "client", "--case", BROKEN[rule].case, "--case", "lifecycle/*",
                              "--json", report, *options, "--", sys.executable, CLIENT, rule])
        return run.returncode, json.loads(report.read_text())


def expect(what, wanted, got):
    if wanted != got:
        sys.exit(f"{what}: wanted {wanted}, got {got}")


def main(contract, rule):
    code, report = judge(contract, rule)
    levels = {line["rule"]: line["level"] for line in report["rules"]}
    broken = {line["rule"] for line in report["rules"] if line["outcome"] == "broken"}
    expect("rules with a broken client", sorted(levels), sorted(BROKEN))
    expect("rules that must be kept and are broken",
           {rule} if levels[rule] == "MUST" else set(), {it for it in broken if levels[it] == "MUST"})
    expect(f"whether {rule} is broken", True, rule in broken)
    expect("exit code", 1 if levels[rule] == "MUST" else 0, code)
    if levels[rule] == "SHOULD":
        expect("exit code with --strict", 1, judge(contract, rule, "--strict")[0])


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
