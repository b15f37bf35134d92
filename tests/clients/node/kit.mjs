// What the clients of negative/broken.mjs and styles/styles.mjs begin with: a good client as a class,
// each of whose steps can be done otherwise, and the protocol of docs/test-your-client.md.
import { readFile } from "node:fs/promises";
import http from "node:http";
import https from "node:https";
import { basename } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";

export const encode = encodeURIComponent;
export const ended = (status) => status === "completed" || status === "failed";
const mayPass = (status) => [429, 502, 503, 504].includes(status);

export class Refused extends Error {
  constructor(status, message, askedMs) {
    super(message);
    Object.assign(this, { status, askedMs });
  }
}
export class TurnFailed extends Error {}

// What an error says: its JSON's text, or the whole body where it is a page of some proxy.
export function errorText(text) {
  try {
    return JSON.parse(text).error ?? text;
  } catch {
    return text;
  }
}

// Retry-After in milliseconds; a date counts from the server's own clock.
export function askedMs(headers) {
  const value = headers["retry-after"] ?? "0";
  const ms = /^\d+$/.test(value) ? 1000 * value : Date.parse(value) - Date.parse(headers.date);
  return Math.max(0, ms || 0);
}

// A request with node:http; answers the reply, whose body is still to be read.
export function request(url, { body, ...options }) {
  return new Promise((resolve, reject) => {
    const library = url.startsWith("https:") ? https : http;
    library.request(url, options, resolve).on("error", reject).end(body);
  });
}

export class Client {
  pauses = [100, 200, 400, 800];
  replies = [];

  constructor(job) {
    this.job = { poll_ms: 2000, deadline_ms: 60_000, attachments: [], ...job };
    this.root = this.job.base_url.replace(/\/$/, "");
    this.signal = AbortSignal.timeout(this.job.deadline_ms); // ends calls and pauses alike
  }

  headers() {
    return { Authorization: `Bearer ${this.job.api_key}`, "User-Agent": "kit-node/1.0" };
  }
  sleep(ms) {
    return sleep(ms, undefined, { signal: this.signal });
  }

  // One request: its status, its header fields by small name, and its text.
  async send(method, path, headers, body) {
    const options = { method, headers, body, signal: this.signal, redirect: "manual" };
    const reply = await fetch(this.root + path, options);
    return { status: reply.status, headers: Object.fromEntries(reply.headers), text: await reply.text() };
  }

  // The reply's JSON. Only a GET is sent again: a POST may have been carried out.
  async call(method, path, headers, body) {
    const tries = method === "GET" ? this.pauses.length : 0;
    for (let attempt = 0; ; attempt++) {
      let asked = 0;
      try {
        const reply = await this.send(method, path, { ...this.headers(), ...headers }, body);
        if (reply.status >= 200 && reply.status < 300) return JSON.parse(reply.text);
        asked = askedMs(reply.headers);
        if (attempt >= tries || !mayPass(reply.status)) {
          throw new Refused(reply.status, errorText(reply.text), asked);
        }
      } catch (error) { // no reply, or one that is cut or no JSON
        if (attempt >= tries || error instanceof Refused || !this.readsAgain()) throw error;
      }
      await this.sleep(Math.max(this.pauses[attempt], asked));
    }
  }
  readsAgain() {
    return !this.signal.aborted;
  }
  get(path) {
    return this.call("GET", path);
  }
  post(path, json) {
    return this.call("POST", path, { "Content-Type": "application/json" }, JSON.stringify(json));
  }

  async upload(path) {
    return this.uploadBytes(await readFile(path), basename(path));
  }
  async uploadBytes(bytes, name) {
    const form = new FormData();
    form.append("file", new Blob([bytes]), name);
    const packed = new Response(form);
    const type = { "Content-Type": packed.headers.get("Content-Type") };
    return (await this.call("POST", "/attachments", type, Buffer.from(await packed.arrayBuffer()))).attachment_id;
  }
  uploads(paths) {
    return Promise.all(paths.map((path) => this.upload(path)));
  }

  // Sends a prompt, as a new conversation or in the given one.
  prompt(jobId, prompt, files) {
    const body = { prompt, ...(files.length && { attachment_ids: files }) };
    if (jobId) return this.post(`/conversations/${encode(jobId)}/continue`, body);
    const { agent_id, ask_mode = false } = this.job;
    return this.post("/conversations/start", { ...body, agent_id, ask_mode });
  }
  poll(turn) {
    return this.get(`/messages/${encode(turn.message_id)}`);
  }
  async timeline(jobId) {
    return (await this.get(`/conversations/${encode(jobId)}/messages`)).messages;
  }

  // Waits for the turn's end; queued, and what is unknown, goes on.
  async answer(turn) {
    let status;
    while (!ended(({ status } = await this.poll(turn)).status)) await this.sleep(this.job.poll_ms);
    return this.outcome(status, await this.timeline(turn.job_id), turn);
  }
  outcome(status, messages, turn) {
    if (status === "failed") throw new TurnFailed(this.failure(messages));
    return this.pick(messages, turn);
  }
  failure(messages) {
    return messages.findLast((message) => message.role === "system")?.content ?? "";
  }
  pick(messages, turn) {
    const own = messages.slice(messages.findIndex((message) => message.id === turn.message_id));
    return own.findLast((message) => message.role === "assistant")?.content ?? "";
  }

  async converse() {
    let jobId = this.job.job_id;
    let files = await this.uploads(this.job.attachments);
    for (const prompt of this.job.prompts) {
      const turn = await this.prompt(jobId, prompt, files);
      if (!turn.job_id || !turn.message_id) throw new Error("the reply names no message");
      this.replies.push(await this.answer(turn));
      [jobId, files] = [turn.job_id, []];
    }
    return { replies: this.replies };
  }
  continue() {
    return this.converse();
  }
  async messages() {
    const messages = await this.timeline(this.job.job_id);
    return { messages: messages.filter((message) => message.role !== "progress") };
  }
  async conversations() {
    const ids = [];
    for (let more = true; more; ) {
      const query = `limit=100&offset=${ids.length}&sort=created_at_asc`;
      const page = await this.get(`/agents/${encode(this.job.agent_id)}/conversations?${query}`);
      ids.push(...page.conversations.map(({ id }) => id));
      more = page.conversations.length === 100;
    }
    return { conversations: ids };
  }
  async agents() {
    return { agents: (await this.get("/agents")).map((agent) => agent.agent_id) };
  }

  async run() {
    try {
      return { outcome: "completed", ...(await this[this.job.op]()) };
    } catch (error) {
      const outcome = error instanceof TurnFailed ? "failed" : this.signal.aborted ? "timeout" : "error";
      return { outcome, replies: this.replies, error: { status: error.status, message: error.message } };
    }
  }
}

// `what` of a client: its class, or a function that does the job; the ops it has, if not all.
const OPS = ["converse", "continue", "messages", "conversations", "agents"];
async function perform({ what, ops = OPS, attaches = true }, job) {
  const able = ops.includes(job.op) && (attaches || !job.attachments);
  const run = what.prototype instanceof Client ? () => new what(job).run() : () => what(job);
  return { id: job.id, ...(able ? await run() : { outcome: "unsupported" }) };
}
// A long result takes its time through a pipe.
const print = (line) => new Promise((done) => process.stdout.write(`${JSON.stringify(line)}\n`, done));

export async function main(clients) {
  const [name, mode] = process.argv.slice(2);
  const client = clients.find((one) => one.name === name);
  if (name === "--list") {
    for (const { name, rules, why } of clients) await print({ name, rules, why });
  } else if (!client) {
    process.stderr.write("usage: NAME [--stdio] | --list\n");
    process.exitCode = 2;
  } else if (mode === "--stdio") {
    for await (const line of createInterface({ input: process.stdin })) {
      await print(await perform(client, JSON.parse(line)));
    }
  } else {
    await print(await perform(client, JSON.parse(process.env.NAIRI_JOB)));
  }
  process.exit(); // idle connections would keep it for some seconds
}
