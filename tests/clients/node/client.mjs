// A good client of the Conversations API, with fetch. Its job is in NAIRI_JOB.
import { readFile, writeFile } from "node:fs/promises";
import { basename } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const job = { poll_ms: 2000, deadline_ms: 60_000, ...JSON.parse(process.env.NAIRI_JOB) };
const signal = AbortSignal.timeout(job.deadline_ms); // ends calls and pauses alike

class Refused extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}
class TurnFailed extends Error {}

// How long Retry-After wants to be waited: seconds, or a date that counts from the reply's own.
function asked(headers) {
  const value = headers.get("Retry-After") ?? 0;
  const now = headers.has("Date") ? Date.parse(headers.get("Date")) : Date.now();
  return isNaN(value) ? Date.parse(value) - now : 1000 * value;
}

// The reply's JSON. A POST is never sent again: it may have been carried out.
async function call(method, path, { headers, ...options } = {}) {
  const pauses = method === "GET" ? [100, 200, 400, 800] : [];
  for (;;) {
    const pause = pauses.shift();
    let askedMs = 0;
    try {
      const reply = await fetch(job.base_url + path, {
        headers: { Authorization: `Bearer ${job.api_key}`, "User-Agent": "example-node/1.0", ...headers },
        redirect: "manual", // the key must not go elsewhere
        method,
        signal,
        ...options,
      });
      if (reply.ok) return await reply.json();
      const { error } = await reply.json().catch(() => ({ error: reply.statusText })); // a proxy's page has none
      if (!pause || ![429, 502, 503, 504].includes(reply.status)) throw new Refused(reply.status, error);
      askedMs = asked(reply.headers);
    } catch (error) { // no reply, or one that is cut or no JSON
      if (!pause || error instanceof Refused) throw error;
    }
    await sleep(Math.max(pause, askedMs), undefined, { signal });
  }
}
const get = (path) => call("GET", path);
const post = (path, json) =>
  call("POST", path, { body: JSON.stringify(json), headers: { "Content-Type": "application/json" } });
const encode = encodeURIComponent;

async function upload(path) {
  const body = new FormData();
  body.append("file", new Blob([await readFile(path)]), basename(path));
  return (await call("POST", "/attachments", { body })).attachment_id;
}

const timeline = async (jobId) => (await get(`/conversations/${encode(jobId)}/messages`)).messages;

// Waits for the turn's end; queued, and what is unknown, goes on.
async function answer({ job_id, message_id }) {
  const poll = async () => (await get(`/messages/${encode(message_id)}`)).status;
  let status;
  while ((status = await poll()) !== "completed" && status !== "failed") {
    await sleep(job.poll_ms, undefined, { signal });
  }
  const messages = await timeline(job_id);
  const newest = (role, from) => messages.slice(from).findLast((m) => m.role === role)?.content ?? "";
  if (status === "failed") throw new TurnFailed(newest("system", 0));
  return newest("assistant", messages.findIndex((m) => m.id === message_id));
}

async function converse() {
  const replies = [];
  let jobId = job.job_id;
  let files = await Promise.all((job.attachments ?? []).map(upload));
  for (const prompt of job.prompts) {
    const body = { prompt, attachment_ids: files };
    const turn = await (jobId
      ? post(`/conversations/${encode(jobId)}/continue`, body)
      : post("/conversations/start", { ...body, agent_id: job.agent_id, ask_mode: job.ask_mode ?? false }));
    [jobId, files] = [turn.job_id, []];
    replies.push(await answer(turn));
  }
  return { replies };
}

async function conversations() {
  const ids = [];
  for (let more = true; more; ) {
    const query = `limit=100&offset=${ids.length}&sort=created_at_asc`;
    const page = await get(`/agents/${encode(job.agent_id)}/conversations?${query}`);
    ids.push(...page.conversations.map(({ id }) => id));
    more = page.conversations.length === 100;
  }
  return { conversations: ids };
}

const operations = {
  converse,
  continue: converse,
  messages: async () => ({ messages: (await timeline(job.job_id)).filter((m) => m.role !== "progress") }),
  conversations,
  download: async () => {
    const { data } = await get(`/attachments/${encode(job.attachment_id)}`);
    await writeFile(job.path, Buffer.from(data, "base64"));
  },
  agents: async () => ({ agents: (await get("/agents")).map((agent) => agent.agent_id) }),
};
const result = { id: job.id, outcome: "completed" };
try {
  const operation = operations[job.op] ?? (() => ({ outcome: "unsupported" }));
  Object.assign(result, await operation());
} catch (error) {
  result.outcome = signal.aborted ? "timeout" : error instanceof TurnFailed ? "failed" : "error";
  result.error = { status: error.status, message: error.message };
}
// Idle connections would keep it for some seconds; but a long result takes its time through a pipe.
process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit());
