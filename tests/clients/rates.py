"""How well the harness judges: the share of broken clients that it catches, and of right ones that it passes.

    rates.py NAIRI_CONTRACT [--case PATTERN]... [--jobs N] [--out FILE] LIST...

Each LIST is a program of several clients, with its interpreter in one word ("ruby negative/broken.rb"):
`--list` prints a JSON object on a line for each client, {"name", "rules", "why"}, and NAME --stdio runs
it. `rules` names what a broken client breaks, any of which is the right verdict; a right client has none.
Prints each that is judged wrongly, and the rates; exits with 1 when a right client is blamed.
"""
import argparse
import concurrent.futures
import json
import pathlib
import shlex
import subprocess
import sys
import tempfile


def clients_of(program):
    listed = subprocess.run([*shlex.split(program), "--list"], check=True, capture_output=True, text=True)
    return [{**json.loads(line), "command": shlex.split(program)} for line in listed.stdout.splitlines()]


def judge(contract, client, cases, jobs):
    """The names of what the harness blames: rules of any level, and "result" where no rule is named."""
    with tempfile.TemporaryDirectory() as folder:
        report = pathlib.Path(folder, "report.json")
        options = [word for case in cases for word in ("--case", case)]
        run = subprocess.run(
            [contract, "client", "--stdio", "--strict", "--jobs", str(jobs), *options, "--json", report, "--",
             *client["command"], client["name"], "--stdio"], capture_output=True, text=True, check=False)
        if run.returncode not in (0, 1):
            sys.exit(f"{client['name']}: {run.stderr}")
        report = json.loads(report.read_text())
    blamed = {}
    for case in report["cases"]:
        for mismatch in case["mismatches"] if case["verdict"] == "failed" else []:
            blamed.setdefault(mismatch["part"].removeprefix("rule "), []).append(case["name"])
    return blamed


def verdict(client, blamed):
    if not client["rules"]:
        return "blamed" if blamed else "passed"
    if not blamed:
        return "missed"
    return "caught" if blamed.keys() & set(client["rules"]) else "caught by another rule"


def share(part, whole):
    return f"{len(part)} of {len(whole)} ({100 * len(part) / max(len(whole), 1):.0f} %)"


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("contract")
    parser.add_argument("lists", nargs="+")
    parser.add_argument("--case", action="append", default=[])
    parser.add_argument("--jobs", type=int, default=8)
    parser.add_argument("--at-once", type=int, default=2)
    parser.add_argument("--out")
    options = parser.parse_args()
    clients = [client for program in options.lists for client in clients_of(program)]
    with concurrent.futures.ThreadPoolExecutor(options.at_once) as pool:
        results = list(pool.map(lambda it: judge(options.contract, it, options.case, options.jobs), clients))
    for client, blamed in zip(clients, results):
        client["verdict"], client["blamed"] = verdict(client, blamed), blamed
        if client["verdict"] not in ("passed", "caught"):
            print(f"{client['verdict']:23} {client['name']}: {client['why']}")
            print(f"{'':23} wanted {client['rules']}, got { {rule: cases[0] for rule, cases in blamed.items()} }")
    broken = [it for it in clients if it["rules"]]
    right = [it for it in clients if not it["rules"]]
    caught = [it for it in broken if it["blamed"]]
    print("right clients that pass:", share([it for it in right if it["verdict"] == "passed"], right))
    print("broken clients that are caught:", share(caught, broken))
    print("of these by the right rule:", share([it for it in caught if it["verdict"] == "caught"], caught))
    if options.out:
        pathlib.Path(options.out).write_text(json.dumps(clients, indent=1))
    return any(it["verdict"] == "blamed" for it in right)


if __name__ == "__main__":
    sys.exit(main())
