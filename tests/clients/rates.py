"""How well the harness judges: the share of broken clients that it catches, and of right ones that it passes.

    rates.py NAIRI_CONTRACT [options] PROGRAM...

Each PROGRAM is several clients, a command in one word ("ruby negative/broken.rb"): `--list` prints a JSON
object on a line for each client, {"name", "rules", "why"}, and NAME runs it, with or without --stdio.
`rules` names what a broken client breaks, any of which is the right verdict; a right client has none.

Prints each client that is judged wrongly, and the rates; exits with 1 if there is one.
"""
import argparse
import concurrent.futures
import json
import pathlib
import shlex
import subprocess
import sys
import tempfile

import daemon


def clients_of(program):
    listed = subprocess.run([*shlex.split(program), "--list"], check=True, capture_output=True, text=True)
    return [{**json.loads(line), "command": shlex.split(program)} for line in listed.stdout.splitlines()]


def judge(contract, client, jobs):
    """What the harness blames, and in which cases: rules of any level, "result" where it names none."""
    with tempfile.TemporaryDirectory() as folder:
        report = pathlib.Path(folder, "report.json")
        # One case needs no process that does many; and who has no deadline need not take half a minute.
        is_one = "case" in client
        how = ["--case", client["case"], "--deadline", "10"] if is_one else ["--stdio", "--jobs", str(jobs)]
        command = [*client["command"], client["name"], *([] if is_one else ["--stdio"])]
        run = subprocess.run([contract, "client", "--strict", *how, "--json", report, "--", *command],
                             capture_output=True, text=True, errors="replace", check=False)
        if run.returncode not in (0, 1):
            sys.exit(f"{client['name']}: exit code {run.returncode}: {run.stdout}{run.stderr}")
        report = json.loads(report.read_text())
    blamed = {}
    for case in report["cases"]:
        for mismatch in case["mismatches"] if case["verdict"] == "failed" else []:
            blamed.setdefault(mismatch["part"].removeprefix("rule "), []).append(case["name"])
    return blamed


def judge_ordinary(ordinary, client):
    """What is wrong without a harness that told the client what to do."""
    _, wrong = daemon.survive(*ordinary, [*client["command"], client["name"], "--stdio"])
    return {"ordinary traffic": wrong} if wrong else {}


def verdict(client, blamed):
    if not client["rules"]:
        return "blamed" if blamed else "passed"
    if not blamed:
        return "missed"
    return "caught" if blamed.keys() & set(client["rules"]) else "caught by another rule"


def share(part, whole):
    return f"{len(part)} of {len(whole)} ({100 * len(part) / max(len(whole), 1):.0f} %)"


def first_cases(clients):
    """Of each broken client a case in which the right rule catches it."""
    return {client["name"]: next(client["blamed"][rule][0] for rule in client["rules"] if rule in client["blamed"])
            for client in clients if client["rules"] and client["verdict"] == "caught"}


def options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("contract")
    parser.add_argument("programs", nargs="+")
    parser.add_argument("--cases", help="a JSON file: the only case that a broken client meets, by its name; "
                                        "null leaves out one whose fault shows by chance alone")
    parser.add_argument("--write-cases", help="writes such a file, with what catches each now")
    parser.add_argument("--ordinary", nargs=2, metavar=("NAIRI_MOCK", "WORLD_FILE"),
                        help="right clients also meet this world, where none may be blamed")
    parser.add_argument("--jobs", type=int, default=8, help="at a time, of one client")
    parser.add_argument("--clients", type=int, default=2, help="at a time")
    return parser.parse_args()


def main():
    given = options()
    clients = [client for program in given.programs for client in clients_of(program)]
    if not clients:
        sys.exit("the programs list no client")
    only = json.loads(pathlib.Path(given.cases).read_text()) if given.cases else {}
    clients = [client for client in clients if only.get(client["name"], "") is not None]
    for client in clients:
        if client["name"] in only:
            client["case"] = only[client["name"]]
    with concurrent.futures.ThreadPoolExecutor(given.clients) as pool:
        results = list(pool.map(lambda it: judge(given.contract, it, given.jobs), clients))
        if given.ordinary:
            for client, blamed in zip(clients, results):
                blamed |= {} if client["rules"] else judge_ordinary(given.ordinary, client)
    for client, blamed in zip(clients, results):
        client["verdict"], client["blamed"] = verdict(client, blamed), blamed
        if client["verdict"] not in ("passed", "caught"):
            print(f"{client['verdict']:23} {client['name']}: {client['why']}")
            print(f"{'':23} wanted {client['rules']}, got", {rule: cases[0] for rule, cases in blamed.items()})
    broken = [it for it in clients if it["rules"]]
    right = [it for it in clients if not it["rules"]]
    caught = [it for it in broken if it["blamed"]]
    good = [it for it in clients if it["verdict"] in ("passed", "caught")]
    print("right clients that pass:", share([it for it in right if it in good], right))
    print("broken clients that are caught:", share(caught, broken))
    print("of these by the right rule:", share([it for it in caught if it in good], caught))
    if given.write_cases:
        pathlib.Path(given.write_cases).write_text(json.dumps(first_cases(clients), indent=1, sort_keys=True) + "\n")
    return len(good) < len(clients)


if __name__ == "__main__":
    sys.exit(main())
