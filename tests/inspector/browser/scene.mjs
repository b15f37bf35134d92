// A fake, and the clients that make what its page has to show.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { Agent, request } from "node:http";
import { writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { basename, delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const BIN = process.env.NAIRI_BIN;

/** A `nairi-mock serve` of its own. */
export class Fake {
  /** @param {string[]} options */
  static async serve(...options) {
    const ports = options.includes("--port") ? [] : ["--port", "0"];
    const child = spawn(`${BIN}/nairi-mock`, ["serve", ...ports, "--with-parent", ...options],
      { stdio: ["ignore", "pipe", "pipe"] });
    const fake = new Fake(child);
    const lines = createInterface({ input: child.stdout });
    const ended = once(child, "exit").then(([code]) => { throw new Error(`serve exits with ${code}: ${fake.said}`); });
    ended.catch(() => {});
    const [line] = await Promise.race([once(lines, "line"), ended]);
    Object.assign(fake, JSON.parse(line));
    return fake;
  }

  constructor(child) {
    this.child = child;
    this.said = "";
    this.exited = once(child, "exit");
    child.stderr.setEncoding("utf8");
    child.stderr.on("data", (piece) => { this.said += piece; });
  }

  get port() { return Number(new URL(this.base_url).port); }

  /** Where it says that its page is, token and all. */
  async pageAddress() {
    const address = () => this.said.match(/https?:\/\/\S+\/__mock\/\S*#token=\S+/)?.[0];
    while (!address()) await once(this.child.stderr, "data");
    return address();
  }

  async stop(signal = "SIGTERM") {
    this.child.kill(signal);
    await this.exited;
  }

  /** A call of the control API, for the key or with the token. */
  async control(method, path, body, bearer = this.control_token) {
    const reply = await fetch(this.control_url + path, {
      method, headers: { authorization: `Bearer ${bearer}` }, body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await reply.text();
    if (!reply.ok) throw new Error(`${method} ${path}: ${reply.status} ${text}`);
    return JSON.parse(text);
  }
}

/** A client that does what a scene tells it, good or bad, over one connection while that lasts. */
export class Client {
  constructor(baseUrl, key = "nr_test", headers = {}) {
    this.baseUrl = baseUrl;
    this.headers = { authorization: `Bearer ${key}`, "user-agent": "billing/1.0", ...headers };
    this.pauseMs = 0;  // before each poll
    this.connection = new Agent({ keepAlive: true, maxSockets: 1 });
  }

  /** The status and the JSON of a reply; status 0 where none came whole. */
  async call(method, path, body, type = "application/json") {
    const packed = body === undefined || typeof body === "string" ? body : JSON.stringify(body);
    const headers = { ...this.headers };
    if (packed !== undefined) Object.assign(headers, { "content-type": type, "content-length": Buffer.byteLength(packed) });
    try {
      const sent = request(this.baseUrl + path, { method, headers, agent: this.connection }).end(packed);
      const [reply] = await once(sent, "response");
      const text = Buffer.concat(await reply.toArray()).toString();
      return { status: reply.statusCode, text, ...jsonOf(text) };
    } catch {
      return { status: 0 };
    }
  }

  start(prompt, more = {}) { return this.call("POST", "/conversations/start", { agent_id: "billing-agent", prompt, ...more }); }
  continue(job, prompt) { return this.call("POST", `/conversations/${job}/continue`, { prompt }); }
  poll(message) { return this.call("GET", `/messages/${message}`); }
  timeline(job) { return this.call("GET", `/conversations/${job}/messages`); }

  upload(name, content) {
    const part = `--here\r\nContent-Disposition: form-data; name="file"; filename="${name}"\r\n\r\n${content}\r\n--here--\r\n`;
    return this.call("POST", "/attachments", part, "multipart/form-data; boundary=here");
  }

  close() { this.connection.destroy(); }

  /** Polls until the turn has ended, however often that fails. */
  async wait(message) {
    for (;;) {
      if (this.pauseMs) await new Promise((resolve) => { setTimeout(resolve, this.pauseMs); });
      const seen = await this.poll(message);
      if (seen.role && ["completed", "failed"].includes(seen.status)) return seen;
    }
  }
}

function jsonOf(text) {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

/** The world of the scene: tools, notices, files, a failure, and faults for whoever polls. */
export const WORLD = {
  agents: [{ agent_id: "billing-agent", name: "Billing" }, { agent_id: "coder" }],
  turns: [
    {
      when: { prompt: { contains: "Refund" }, turn: 1 },
      timeline: [
        { status: "queued", polls: 2, ms: 2000 },
        {
          status: "pending", polls: 4, ms: 4000,
          progress: [
            { progress_type: "tool_use", tool_use_id: "t1", tool_name: "Bash", tool_input: "stripe refunds create", tool_status: "running" },
            { progress_type: "tool_use", tool_use_id: "t1", tool_name: "Bash", tool_status: "completed", tool_output: "re_1 succeeded" },
            { progress_type: "text", text_delta: "Refunded" },
          ],
        },
        {
          status: "completed", reply: "Refunded cus_123 as asked.",
          later: [{ polls: 1, ms: 200, system: ["Agent opened a pull request: #42"] }],
        },
      ],
    },
    { when: { prompt: { contains: "cost" } }, timeline: [{ status: "pending" }, { status: "completed", reply: "It cost 3 cents." }] },
    { when: { prompt: { contains: "decline" } }, timeline: [{ status: "pending" }, { status: "failed", error: "card declined" }] },
    { when: { agent_id: "coder", turn: 1, prompt: { regex: "^deploy" } }, timeline: [{ status: "completed", reply: "Deployed." }] },
  ],
  faults: [
    { at: "poll#3", do: { status: 503, retry_after_s: 1 } },
    { at: "poll#6", do: { reset_after_bytes: 17 } },
    { at: "messages#2", do: { delay_ms: 60 } },
    { at: "start#2", do: { empty_response: true, executed: true } },
  ],
};

/**
 * Plays what the page is asked about: a refund with a follow-up; a POST that is sent again after its
 * reply was lost; a failed turn; a file; a prompt that no script matches; and a second key.
 * @returns {Promise<{refund: string, again: string, declined: string, unmatched: string, other: string}>} the jobs
 */
export async function play(baseUrl, pauseMs = 0) {
  const client = new Client(baseUrl);
  client.pauseMs = pauseMs;
  await client.call("GET", "/agents");
  const refund = await client.start("Refund cus_123, please", await attached(client));
  await client.wait(refund.message_id);
  await client.timeline(refund.job_id);
  await client.timeline(refund.job_id);
  const followUp = await client.continue(refund.job_id, "And what did it cost?");
  await client.wait(followUp.message_id);
  await client.timeline(refund.job_id);

  await client.start("Refund cus_7 after a lost reply");  // start#2 is carried out, and not answered
  const again = await client.start("Refund cus_7 after a lost reply");
  await client.wait(again.message_id);
  await client.timeline(again.job_id);

  const declined = await client.start("Please decline");
  await client.wait(declined.message_id);
  await client.timeline(declined.job_id);
  const unmatched = await client.start("refund cus_9, in small letters");
  await client.wait(unmatched.message_id);
  await client.timeline(unmatched.job_id);
  await client.call("GET", "/agents/billing-agnet");

  const stranger = new Client(baseUrl, "nr_other");
  const other = await stranger.start("Of another key");
  client.close();
  stranger.close();
  return {
    refund: refund.job_id, again: again.job_id, declined: declined.job_id, unmatched: unmatched.job_id, other: other.job_id,
  };
}

async function attached(client) {
  const { attachment_id: id } = await client.upload("receipt.txt", "3 cents");
  return { attachment_ids: [id] };
}

/** The file that `nairi-mock run --report` writes of this scene. */
export const report = (folder, ...words) => reportOf(folder, "report", WORLD, import.meta.url, words);

/** The same of a world and a program of node. */
export async function reportOf(folder, name, world, program, words = []) {
  const file = join(folder, `${name}.html`);
  writeFileSync(join(folder, `${name}.json`), JSON.stringify(world));
  const options = ["--world", join(folder, `${name}.json`), "--judge", "warn", "--report", file];
  // As people run it: no path of a machine is in the page's title.
  const path = fileURLToPath(program);
  const PATH = `${dirname(process.execPath)}${delimiter}${process.env.PATH}`;
  const run = spawn(`${BIN}/nairi-mock`, ["run", ...options, "--", "node", basename(path), ...words],
    { cwd: dirname(path), env: { ...process.env, PATH }, stdio: ["ignore", "inherit", "pipe"] });
  let said = "";
  run.stderr.setEncoding("utf8").on("data", (piece) => { said += piece; });
  const [code] = await once(run, "exit");
  if (code !== 0) throw new Error(`${name} exits with ${code}: ${said}`);
  return file;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await play(process.env.NAIRI_BASE_URL, Number(process.argv[2] ?? 0));
