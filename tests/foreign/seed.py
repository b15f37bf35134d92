"""What the foreign server begins with, and the names by which a tester finds it."""
from organization import Organization, real_ms
from turns import PROMPTS

# Every turn thinks, takes steps and streams its text; these kinds of progress are in one turn only.
PROGRESS = {
    **dict.fromkeys(("thinking_prompt", "step_prompt", "streaming_prompt"), "Say something"),
    **dict.fromkeys(("heartbeat_prompt", "subagent_prompt", "tool_error_prompt"), PROMPTS["tools_prompt"]),
}
KEY, OTHER_KEY, REVOKED_KEY = "nr_foreign_a", "nr_foreign_b", "nr_foreign_revoked"
DAY_MS = 86_400_000


def tell(org, agent, *lines, **job_fields):
    """A conversation of the past: (role, text[, status]) each."""
    job = org.add_job(agent, **job_fields)
    for role, text, *status in lines:
        org.add_message(job, role, text, *status, at=org.last_ms + 1000)
    return job


def first_organization(pace):
    org = Organization(pace)
    org.last_ms = real_ms() - DAY_MS
    at = org.last_ms
    helper = org.add_agent("Helper", "helper", at=at, description=None, system_prompt="Be brief.")
    slash = org.add_agent("Night Shift", "foreign/night-shift", 2, at=at, description="Has a slash.")
    resting = org.add_agent("Resting", "resting", deployed=False, at=at)

    asked = [("user", "Are you there?"), ("assistant", "I am.")]
    jobs = {
        "slack_job": tell(org, helper, *asked, origin="slack", at=at),
        "discord_job": tell(org, helper, *asked, origin="discord", at=at),
        "web_job": tell(org, helper, *asked, origin="web", at=at),
        "legacy_job": tell(org, helper, *asked, prefix="j", at=at),
        "completed_job": tell(org, helper, *asked, ("system", "Job complete - all was said"),
                              status="completed", at=at),
        "abandoned_job": tell(org, helper, *asked, status="abandoned", at=at),
        "error_job": tell(org, helper, ("user", "Are you there?", "failed"),
                          ("system", "nairid encountered error: no disk left"),
                          status="error", at=at),
    }
    states = {name: job["id"] for name, job in jobs.items()}
    return org, states | {"agent": helper["agent_id"], "agent_id": helper["id"],
                          "agent_with_slash": slash["agent_id"],
                          "undeployed_agent": resting["agent_id"]}


def second_organization(pace):
    org = Organization(pace)
    org.last_ms = real_ms() - DAY_MS
    at = org.last_ms
    agent = org.add_agent("Neighbour", "neighbour", at=at)
    job = tell(org, agent, ("user", "A secret"), ("assistant", "It is safe."), at=at)
    return org, {"other_job": job["id"], "other_message": job["messages"][0]["id"],
                 "other_attachment": org.add_file("secret.txt", b"secret")}


def seeded(pace):
    """The organizations by key, and the states for a tester who comes with KEY."""
    first, states = first_organization(pace)
    second, others = second_organization(pace)
    keys = {"api_key": KEY, "other_api_key": OTHER_KEY, "revoked_api_key": REVOKED_KEY,
            "unknown_api_key": "nr_foreign_unknown"}
    allowed = {"many_conversations": "allowed"}  # a tester may begin as many as it likes
    # A revoked key is one that opens no organization any more.
    return {KEY: first, OTHER_KEY: second}, {**keys, **states, **others, **PROMPTS, **PROGRESS, **allowed}
