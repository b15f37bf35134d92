"""The library answers as the native program does, to the byte: journals and verdicts included."""
import json
import os
import pathlib

import pytest
from nairi_mock.library import Engine

RUNS = json.loads(pathlib.Path(os.environ["NAIRI_TEST_RECORDING"]).read_text())["runs"]


def came(reply):
    """What comes of a reply, as the recording has it."""
    if reply.ending in ("empty", "reset"):
        return {"ending": reply.ending}
    body = reply.body[:reply.after_bytes] if reply.ending == "truncated" else reply.body
    return {"status": reply.status, "ending": reply.ending, "body": body.decode("latin-1"),
            "headers": sorted([name.lower(), value] for name, value in reply.headers)}


@pytest.mark.parametrize("run", RUNS, ids=lambda run: run["world"][:20])
def test_replies_are_the_same(run):
    engine = Engine(run["world"].encode(), json.dumps(run["options"]).encode(), ".")
    for number, sent in enumerate(run["exchanges"]):
        reply = engine.handle(sent["head"].encode("latin-1"), sent["body"].encode("latin-1"),
                              sent["received_us"], 0, sent["connection"])
        assert came(reply) == sent["reply"], f"exchange {number}: {sent['head']}"


def test_the_recording_has_something_to_say():
    sent = [exchange for run in RUNS for exchange in run["exchanges"]]
    assert len(sent) > 500
    assert {one["reply"]["ending"] for one in sent} == {"whole", "truncated", "reset", "empty"}
    assert {200, 201, 400, 401, 404} <= {one["reply"].get("status") for one in sent}
    verdicts = [one for one in sent if "/verdicts" in one["head"]]
    assert any('"broken"' in one["reply"].get("body", "") for one in verdicts)
