"""What an agent of the foreign server does with a prompt: a list of events, a pure function."""
import dataclasses

# Prompts with a turn of their own; any prompt that contains one of these texts plays it.
PROMPTS = {
    "failing_prompt": "Divide the invoice by zero",
    "tools_prompt": "Count the rows with a tool",
    "files_prompt": "Send the report as a file",
    "usage_prompt": "Tell what this costs",
    "silent_prompt": "Keep this to yourself",
    "slow_prompt": "Take the long way round",
    "closing_prompt": "That was the last thing",
    "pull_request_prompt": "Propose the change upstream",
}
USAGE = {"model": "foreign-1", "cache_write_tokens": 7, "cache_read_tokens": 64,
         "output_tokens": 12, "input_tokens": 345, "cost_usd": 0.0123456789}
SLOWER = 20  # how much longer the slow prompt takes


@dataclasses.dataclass
class Pace:
    queued_ms: int = 20
    pending_ms: int = 30


@dataclasses.dataclass
class Event:
    """`kind` is status, progress, assistant, system or job."""
    after_ms: int
    kind: str
    text: str = ""
    fields: dict = dataclasses.field(default_factory=dict)


def answer_to(prompt, earlier):
    if PROMPTS["silent_prompt"] in prompt:
        return ""
    told = [" ".join(text.split()) for text in [prompt, *earlier]]
    context = "".join(f' Before that you asked "{text}".' for text in told[1:])
    return f'You asked "{told[0]}", and this is what I make of it.{context}'


def tool_progress():
    shell = {"progress_type": "tool_use", "tool_use_id": "use-1", "tool_name": "Shell"}
    inner = {"progress_type": "tool_use", "tool_use_id": "use-2", "tool_name": "Read",
             "parent_tool_use_id": "use-1"}
    return [
        shell | {"tool_status": "running", "tool_input": "wc -l rows.csv",
                 "tool_description": "Count the rows"},
        {"progress_type": "tool_heartbeat", "tool_name": "Shell", "tool_status": "running",
         "summary": "Running for 12s..."},
        {"progress_type": "subagent", "summary": "Reading the rows", "tool_status": "running"},
        inner | {"tool_status": "running", "tool_input": "rows.csv"},
        inner | {"tool_status": "error", "tool_output": "no such file"},
        {"progress_type": "subagent", "summary": "Read the rows", "tool_status": "completed"},
        shell | {"tool_status": "completed", "tool_output": "17"},
    ]


def progress_of(prompt, answer, ask_mode):
    words = answer.split()[:4]
    tools = PROMPTS["tools_prompt"] in prompt and not ask_mode
    return [
        {"progress_type": "thinking", "summary": "Weighing the words"},
        {"progress_type": "step", "summary": "Writing it down"},
        *(tool_progress() if tools else []),
        *({"progress_type": "text", "text_delta": " " * (place > 0) + word}
          for place, word in enumerate(words)),
    ]


def failure(after_ms, details):
    """Ends a turn badly: a sibling system message, and the job is in error."""
    return [Event(after_ms, "system", f"nairid encountered error: {details}"),
            Event(after_ms, "job", "error"),
            Event(after_ms, "status", "failed")]


def good_end(after_ms, prompt, answer):
    def asked(name):
        return PROMPTS[name] in prompt

    events = []
    if asked("pull_request_prompt"):
        events += [Event(after_ms, "system", "Agent opened a pull request: https://git.example/pull/9"),
                   Event(after_ms, "system", "New commit added: 0a1b2c3 in #9")]
    fields = dict(USAGE) if asked("usage_prompt") else {}
    if asked("files_prompt"):
        fields["file"] = ("report.csv", b"row,sum\n1,2\n")
    # Assumed otherwise by others: the answer is listed a moment before the prompt is completed.
    events.append(Event(after_ms - 5, "assistant", answer, fields))
    if asked("closing_prompt"):
        events += [Event(after_ms, "system", "Job complete - nothing is left to do"),
                   Event(after_ms, "job", "completed")]
    else:
        events.append(Event(after_ms, "job", "active"))
    return [*events, Event(after_ms, "status", "completed")]


def events_of(prompt, earlier, ask_mode, deployed, pace):
    """The whole turn; `earlier` are the prompts before it, newest first."""
    slower = SLOWER if PROMPTS["slow_prompt"] in prompt else 1
    pending_at = pace.queued_ms * slower
    end = pending_at + pace.pending_ms * slower
    if not deployed:
        return failure(end, "nobody is there to pick this up")
    answer = answer_to(prompt, earlier)
    fails = PROMPTS["failing_prompt"] in prompt
    return [
        Event(pending_at, "status", "pending"),
        *(Event(pending_at, "progress", fields=envelope)
          for envelope in progress_of(prompt, answer, ask_mode)
          if not (fails and "text_delta" in envelope)),
        *(failure(end, "division by zero") if fails else good_end(end, prompt, answer)),
    ]
