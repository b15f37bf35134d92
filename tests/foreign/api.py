"""The endpoints of the foreign server: each takes a Call and answers (status, body)."""
import base64
import binascii
import datetime
import json
import re
import secrets
import urllib.parse

from organization import Refusal, checked_id, time_text

MAX_FILE_BYTES = 50_000_000
JOB_STATUSES = ("active", "completed", "error", "abandoned")
SORTS = {f"{field}_at_{way}": (field, way == "desc")
         for field in ("created", "updated") for way in ("asc", "desc")}
RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", re.IGNORECASE)


# -- What is answered: fields in an order of our own, and some that nobody documented --------------
def shown(kind, thing, **fields):
    return {"object": kind, "updated_at": time_text(thing["updated"]),
            "created_at": time_text(thing["created"]), **fields, "x_trace": secrets.token_hex(4)}


def shown_agent(agent):
    hidden = ("created", "updated", "deployed")
    return shown("agent", agent, is_self_hosted=False,
                 **{name: agent[name] for name in agent if name not in hidden})


def shown_job(job):
    return shown("conversation", job, status=job["status"], id=job["id"], origin=job["origin"])


def shown_message(message):
    return shown("message", message, **{name: value for name, value in reversed(message.items())
                                        if name not in ("created", "updated")})


# -- What is asked -----------------------------------------------------------------------------------
def no_twins(pairs):
    fields = dict(pairs)
    if len(fields) < len(pairs):
        raise Refusal(400, "the body says one thing twice")
    return fields


def json_fields(call, required, optional):
    """The body's fields; `required` and `optional` give the type of each."""
    if "json" not in call.headers.get("content-type", ""):
        raise Refusal(400, "the content type has to be application/json")
    try:
        fields = json.loads(call.body, object_pairs_hook=no_twins)
    except (ValueError, RecursionError):
        raise Refusal(400, "the body is not JSON") from None
    if not isinstance(fields, dict):
        raise Refusal(400, "the body has to be an object")
    for name, value in fields.items():
        kind = {**required, **optional}.get(name)
        if kind is None:
            raise Refusal(400, f"nothing here is called {name[:60]!r}")
        # type(), as True is an int too; nothing at all stands for an optional field left out.
        if type(value) is not kind and not (value is None and name in optional):
            raise Refusal(400, f"{name} has to be a {kind.__name__}")
    for name in required:
        if fields.get(name) in ("", None):
            raise Refusal(400, f"{name} is needed")
    # Of an agent's texts nothing says something: that its default holds.
    return {name: value for name, value in fields.items() if value is not None or name in AGENT_TEXTS}


def attachment_ids(call, fields):
    ids = fields.get("attachment_ids", [])
    if not all(isinstance(file_id, str) for file_id in ids):
        raise Refusal(400, "attachment_ids has to be a list of ids")
    return call.organization.usable_files(ids)


def whole_number(query, name, default, low, high):
    text = query.get(name) or str(default)
    if not re.fullmatch(r"[0-9]{1,30}", text) or not low <= int(text) <= high:
        raise Refusal(400, f"{name} goes from {low} to {high}")
    return int(text)


# -- Conversations -----------------------------------------------------------------------------------
def started(user):
    return {"x_trace": secrets.token_hex(4), "message_id": user["id"], "job_id": user["job_id"]}


def start(call):
    fields = json_fields(call, {"agent_id": str, "prompt": str},
                         {"ask_mode": bool, "attachment_ids": list})
    files = attachment_ids(call, fields)
    agent = call.organization.agent(fields["agent_id"])
    job = call.organization.add_job(agent)
    return 202, started(call.organization.prompt(job, fields["prompt"], files,
                                                 fields.get("ask_mode", False)))


def continue_job(call, job_id):
    fields = json_fields(call, {"prompt": str}, {"attachment_ids": list})
    files = attachment_ids(call, fields)
    job = call.organization.job(job_id)
    if job["origin"] != "api":
        raise Refusal(400, "job is not an API job")
    if job["status"] in ("completed", "abandoned"):
        raise Refusal(404, "this conversation has ended")
    return 202, started(call.organization.prompt(job, fields["prompt"], files))


def get_message(call, message_id):
    message = call.organization.messages.get(checked_id(message_id, "cmsg"))
    if message:
        return 200, shown_message(message)
    elsewhere = any(message_id in other.messages for other in call.all_organizations)
    raise Refusal(400 if elsewhere else 404, "no message that this key may read")


def get_messages(call, job_id):
    job = call.organization.job(job_id)
    if job["origin"] != "api":
        raise Refusal(400, "that conversation is read where it was begun")
    return 200, {"object": "timeline", "messages": [shown_message(m) for m in job["messages"]]}


def list_jobs(call, agent_name):
    query, org = call.query, call.organization
    agent = org.agent(agent_name)
    if cursor := query.get("cursor"):
        return 200, next_page(org, *read_cursor(org, cursor))
    statuses = query["status"].split(",") if "status" in query else JOB_STATUSES
    if not set(statuses) <= set(JOB_STATUSES):
        raise Refusal(400, "status names something that a conversation cannot be")
    field, descending = SORTS.get(query.get("sort") or "created_at_desc", (None, None))
    if not field:
        raise Refusal(400, "sort is one of " + ", ".join(SORTS))
    after = read_time(query.get("updated_after"))
    limit = whole_number(query, "limit", 50, 1, 100)
    offset = whole_number(query, "offset", 0, 0, 10 ** 30)
    jobs = [job for job in org.jobs.values() if job["agent"] is agent and job["origin"] == "api"
            and job["status"] in statuses and job["updated"] > after]
    jobs.sort(key=lambda job: job[field], reverse=descending)
    walk = secrets.token_hex(4)
    org.walks[walk] = [shown_job(job) for job in jobs]
    return 200, next_page(org, walk, offset, limit)


def read_time(text):
    """Milliseconds since 1970; before everything when there is no text."""
    if not text:
        return -1
    try:
        if RFC3339.fullmatch(text):
            return datetime.datetime.fromisoformat(text.upper()).timestamp() * 1000
    except ValueError:
        pass
    raise Refusal(400, "updated_after has to be a moment such as 2026-04-12T18:45:12.000Z")


def next_page(org, walk, place, size):
    """A page of what the walk's first page saw; the cursor is left out at the end."""
    page = {"object": "page", "conversations": org.walks[walk][place:place + size]}
    if place + size < len(org.walks[walk]):
        page["next_cursor"] = base64.urlsafe_b64encode(f"{walk}/{place + size}/{size}".encode()).decode()
    return page


def read_cursor(org, text):
    try:
        walk, place, size = base64.urlsafe_b64decode(text).decode().split("/")
        if walk in org.walks:
            return walk, int(place), int(size)
    except (ValueError, binascii.Error):
        pass
    raise Refusal(400, "that cursor is none of ours")


# -- Agents ------------------------------------------------------------------------------------------
AGENT_TEXTS = {"description": str, "system_prompt": str}


def instances(fields):
    if fields.get("instances_count", 1) < 1:
        raise Refusal(400, "an agent has one instance or more")


def list_agents(call):
    return 200, [shown_agent(agent) for agent in call.organization.agents.values()]


def create_agent(call):
    fields = json_fields(call, {"name": str, "instances_count": int}, AGENT_TEXTS)
    instances(fields)
    slug = call.organization.free_slug(fields["name"])
    agent = call.organization.add_agent(fields.pop("name"), slug, fields.pop("instances_count"),
                                        **{"description": "", **fields})
    return 201, shown_agent(agent)


def get_agent(call, name):
    return 200, shown_agent(call.organization.agent(name))


def change_agent(call, name):
    fields = json_fields(call, {}, {"name": str, "instances_count": int, **AGENT_TEXTS})
    instances(fields)
    agent = call.organization.agent(name)
    if fields:
        agent.update(fields, updated=call.organization.stamp())
    return 200, shown_agent(agent)


def delete_agent(call, name):
    call.organization.remove_agent(call.organization.agent(name))
    return 204, None


def deploy_agent(call, name):
    fields = json_fields(call, {}, {"update_config_only": bool}) if call.body else {}
    agent = call.organization.agent(name)
    if not fields.get("update_config_only"):
        call.organization.later(call.organization.stamp() + 100,
                                lambda at: agent.update(deployed=True, updated=at))
    return 202, {"status": "rollout scheduled"}


# -- Files -------------------------------------------------------------------------------------------
def parts(call):
    """(header text, bytes) of each part of a multipart body."""
    found = re.search(r'boundary="?([^";]+)"?', call.headers.get("content-type", ""))
    if not found:
        raise Refusal(400, "the content type has to be multipart/form-data with a boundary")
    for part in (b"\r\n" + call.body).split(b"\r\n--" + found[1].encode())[1:]:
        head, blank, data = part.partition(b"\r\n\r\n")
        if blank:
            yield head.decode(errors="replace"), data


def upload(call):
    for head, data in parts(call):
        if re.search(r'[; ]name="?file"?\s*(;|$)', head, re.MULTILINE):
            break
    else:
        raise Refusal(400, "there is no part called file")
    if len(data) > MAX_FILE_BYTES:
        raise Refusal(400, "the file is too large")
    name = re.search(r'filename="(.*)"', head)
    # Browsers write a quote as %22, curl as \".
    text = name[1].replace("%22", '"').replace('\\"', '"') if name else "unnamed"
    return 200, {"x_trace": secrets.token_hex(4),
                 "attachment_id": call.organization.add_file(text, data)}


def download(call, file_id):
    if checked_id(file_id, "att") not in call.organization.files:
        raise Refusal(400, "no file that this key may read")
    name, data = call.organization.files[file_id]
    return 200, {"object": "file", "size": len(data), "data": base64.b64encode(data).decode(),
                 "filename": name, "id": file_id}


ROUTES = [(method, re.compile(path), endpoint) for method, path, endpoint in [
    ("POST", r"/conversations/start", start),
    ("POST", r"/conversations/([^/]+)/continue", continue_job),
    ("GET", r"/conversations/([^/]+)/messages", get_messages),
    ("GET", r"/messages/([^/]+)", get_message),
    ("GET", r"/agents", list_agents),
    ("POST", r"/agents", create_agent),
    ("GET", r"/agents/(.+)/conversations", list_jobs),
    ("POST", r"/agents/(.+)/deploy", deploy_agent),
    ("GET", r"/agents/(.+)", get_agent),
    ("PATCH", r"/agents/(.+)", change_agent),
    ("DELETE", r"/agents/(.+)", delete_agent),
    ("POST", r"/attachments", upload),
    ("GET", r"/attachments/([^/]+)", download),
]]


def answer(call):
    """Answers (status, body) of one call, whose key is known to be good."""
    for method, pattern, endpoint in ROUTES:
        matched = pattern.fullmatch(call.path)
        if matched and method == call.method:
            names = [urllib.parse.unquote(name) for name in matched.groups()]
            with call.organization.lock:
                call.organization.settle()
                return endpoint(call, *names)
    raise Refusal(404, "there is nothing at this address")
