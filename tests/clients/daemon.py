"""Whether a client survives what the daemon sends: every turn of a built-in world, played by the fake.

    daemon.py NAIRI_MOCK WORLD_FILE COMMAND...

WORLD_FILE is what the world was built from. The client must report what the script of a turn ends with,
whatever else comes before and after.
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


def play(command, base_url, number, turn, agent_id):
    """What is wrong with the client's result; "" when nothing is."""
    when = turn["when"]
    prompt = when["prompt"]["contains"]
    job = {"id": f"turn-{number}", "op": "converse", "base_url": base_url, "api_key": f"nr_daemon_{number}",
           "agent_id": agent_id, "prompts": [prompt], "ask_mode": when.get("ask_mode", False), "poll_ms": 20,
           "deadline_ms": DEADLINE_MS}
    variables = {"NAIRI_JOB": json.dumps(job), "NAIRI_BASE_URL": base_url, "NAIRI_API_KEY": job["api_key"]}
    run = subprocess.run(command, env=os.environ | variables, capture_output=True, text=True, encoding="utf-8",
                         timeout=2 * DEADLINE_MS / 1000)
    wanted = expected(turn, prompt, agent_id)
    if run.returncode:
        return f"{prompt}: wanted {wanted}, got exit code {run.returncode}: {run.stderr[-400:]}"
    result = json.loads(run.stdout)
    got = {"outcome": result["outcome"], "replies": result.get("replies", []),
           "error": result.get("error", {}).get("message")}
    return "" if got == wanted else f"{prompt}: wanted {wanted}, got {got}"


def main(fake, world_file, *command):
    file = pathlib.Path(world_file)
    world = json.loads(file.read_text(encoding="utf-8"))
    agent_id = world["agents"][0]["agent_id"]
    serve = [fake, "serve", "--world", f"builtin:{file.stem}", "--port", "0", "--log", "none"]
    with subprocess.Popen(serve, stdout=subprocess.PIPE) as server, \
            concurrent.futures.ThreadPoolExecutor(AT_A_TIME) as pool:
        try:
            base_url = json.loads(server.stdout.readline())["base_url"]
            plays = [pool.submit(play, command, base_url, number, turn, agent_id)
                     for number, turn in enumerate(world["turns"])]
            wrong = [line for line in (one.result() for one in plays) if line]
        finally:
            server.terminate()
    print(f"{len(plays) - len(wrong)} of {len(plays)} turns survived", *wrong, sep="\n")
    return 1 if wrong or not plays else 0


if __name__ == "__main__":
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
