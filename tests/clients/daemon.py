"""Whether a client survives what the daemon sends: every turn of a built-in world, played by the fake.

    daemon.py NAIRI_MOCK WORLD_FILE COMMAND...

WORLD_FILE is what the world was built from. The client must report what the script of a turn ends with,
whatever else comes before and after; and the fake, which judges as it does for anybody, must not blame it.
A COMMAND that ends with --stdio does all turns in one process.
"""
import concurrent.futures
import json
import os
import pathlib
import re
import subprocess
import sys

AT_A_TIME = 4
DEADLINE_MS = 30_000


def filled(text, prompt, agent_id):
    """A template's text, with the placeholders that can be known here; others are a KeyError."""
    values = {"prompt": prompt, "turn": "1", "agent_id": agent_id, "previous.prompt": "", "previous.reply": ""}
    return re.sub(r"\{\{(?:(\{\{)|(.*?)\}\})", lambda found: "{{" if found[1] else values[found[2]], text)


def expected(turn, prompt, agent_id):
    """The result that the end of the turn's script calls for."""
    end = turn["timeline"][-1]
    if end["status"] == "completed":
        return {"outcome": "completed", "replies": [filled(end.get("reply", ""), prompt, agent_id)], "error": None}
    errors = end["error"] if isinstance(end["error"], list) else [end["error"]]
    newest = f"nairid encountered error: {filled(errors[-1], prompt, agent_id)}"
    return {"outcome": "failed", "replies": [], "error": newest}


def job_of(base_url, number, turn, agent_id):
    when = turn["when"]
    return {"id": f"turn-{number}", "op": "converse", "base_url": base_url, "api_key": f"nr_daemon_{number}",
            "agent_id": agent_id, "prompts": [when["prompt"]["contains"]], "ask_mode": when.get("ask_mode", False),
            "poll_ms": 20, "deadline_ms": DEADLINE_MS}


def run_client(command, jobs, given):
    """Its lines, one for each job. `given` is what it reads on stdin."""
    variables = {"NAIRI_JOB": json.dumps(jobs[0]), "NAIRI_BASE_URL": jobs[0]["base_url"],
                 "NAIRI_API_KEY": jobs[0]["api_key"]}
    run = subprocess.run(command, env=os.environ | variables, input=given, capture_output=True, text=True,
                         encoding="utf-8", timeout=2 * len(jobs) * DEADLINE_MS / 1000)
    lines = run.stdout.splitlines()
    if run.returncode or len(lines) != len(jobs):
        raise RuntimeError(f"exit code {run.returncode}, {len(lines)} lines: {run.stderr[-400:]}")
    return lines


def results_of(command, jobs):
    """What the client says to each job, in order."""
    if command[-1] == "--stdio":
        lines = run_client(command, jobs, "".join(json.dumps(job) + "\n" for job in jobs))
    else:
        with concurrent.futures.ThreadPoolExecutor(AT_A_TIME) as pool:
            lines = [line for one in pool.map(lambda job: run_client(command, [job], ""), jobs) for line in one]
    return [json.loads(line) for line in lines]


def compare(turn, job, result):
    """What is wrong with a result; "" when nothing is."""
    wanted = expected(turn, job["prompts"][0], job["agent_id"])
    got = {"outcome": result["outcome"], "replies": result.get("replies", []),
           "error": (result.get("error") or {}).get("message")}
    return "" if got == wanted else f"{job['prompts'][0]}: wanted {wanted}, got {got}"


def survive(fake, world_file, command):
    """How many turns there are, and what went wrong: results, and rules that were broken."""
    file = pathlib.Path(world_file)
    world = json.loads(file.read_text(encoding="utf-8"))
    serve = [fake, "serve", "--world", f"builtin:{file.stem}", "--port", "0", "--log", "none", "--judge", "fail"]
    with subprocess.Popen(serve, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as server:
        try:
            base_url = json.loads(server.stdout.readline())["base_url"]
            jobs = [job_of(base_url, number, turn, world["agents"][0]["agent_id"])
                    for number, turn in enumerate(world["turns"])]
            results = results_of(command, jobs)
        finally:
            server.terminate()
            _, verdicts = server.communicate()
    wrong = [line for line in map(compare, world["turns"], jobs, results) if line]
    if server.returncode:
        wrong.append(f"the fake blames it:\n{verdicts}")
    return len(jobs), wrong


def main(fake, world_file, *command):
    turns, wrong = survive(fake, world_file, command)
    print(f"{turns} turns, {len(wrong)} wrong", *wrong, sep="\n")
    return 1 if wrong or not turns else 0


if __name__ == "__main__":
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
