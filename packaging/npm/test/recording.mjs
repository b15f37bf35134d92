// The byte identity of two builds of the engine.
//
//   recording.mjs record PROGRAM FILE    plays some hundred requests over HTTP through the program
//                                        nairi-mock, and writes down what it answered and saw
//   recording.mjs replay FILE            plays the same through the WebAssembly, and compares
//
// FILE holds runs: a world, options, and exchanges, each a request's head and body and the reply to
// it (bytes as characters), at last the journal and the verdicts.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const API = "/api/public/v1";
const WORLD = {
  agents: [{ agent_id: "bot", name: "Böt €", description: "\u{1F916}" }, { agent_id: "a/b" }],
  keys: [{ key: "nr_one" }, { key: "nr_two" }, { key: "nr_gone", revoked: true }],
  turns: [
    { when: { prompt: { regex: "^(?i)straße ([\\p{L}\\p{Nd}]+)$" } },
      timeline: [{ status: "queued", polls: 1 },
                 { status: "completed", reply: "{{match.1}} ☕ {{prompt}}",
                   usage: usage(0.1) }] },
    ...[0, 5e-11, 0.0123, 123456789.123456789, 1e22, 1.7976931348623157e308, 2.5e-10]
      .map((cost, i) => ({ when: { prompt: { equals: `cost ${i}` } },
        timeline: [{ status: "completed", reply: `${i}`, usage: usage(cost) }] })),
    { when: { prompt: { contains: "fail" } },
      timeline: [{ status: "pending", polls: 2, progress: [
        { progress_type: "thinking", summary: "Hm \" \\ \u0001" },
        { progress_type: "tool_use", tool_use_id: "t1", tool_name: "Bash", tool_status: "running" }] },
                 { status: "failed", error: "card declined" }] },
  ],
  faults: [{ at: "agents", rate: 0.3, do: { status: 503, retry_after_s: 2, retry_after_date: true } },
           { at: "poll#9", do: { malformed_json: true } }],
};
function usage(cost) {
  return { cost_usd: cost, input_tokens: 9007199254740991, output_tokens: 0, cache_read_tokens: 1,
           cache_write_tokens: 2, model: "m" };
}

// What is played: each of these is a fake of its own.
const RUNS = [
  { world: "builtin:default", options: { seed: 1 } },
  { world: "builtin:daemon", options: { seed: 9007199254740991, clock: "virtual" } },
  { world: WORLD, options: { seed: 7 } },
  { world: WORLD, options: { seed: 8, mutate: "additive", clock: "virtual", keys: "listed" } },
];
const PROMPTS = ["Refund the charge", "Please fail", "STRASSE x", "straße Ünï7", "cost 0", "cost 1",
                 "cost 2", "cost 3", "cost 4", "cost 5", "cost 6", "Hello {{ \u{1F600}", ""];

// One run's requests, each made of the replies before it.
async function play(send, keys) {
  const call = async (method, path, json, key = keys[0]) => {
    const body = json === undefined ? "" : utf8(typeof json === "string" ? json : JSON.stringify(json));
    const type = body ? `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n` : "";
    const reply = await send(`${method} ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: r/1\r\n` +
      `Authorization: Bearer ${key}\r\n${type}\r\n`, body);
    try { return JSON.parse(reply.body); } catch { return {}; }
  };
  const agents = await call("GET", `${API}/agents`);
  const slug = (agents[0] ?? agents.agents?.[0] ?? {}).agent_id ?? "bot";
  for (const key of keys) {
    for (const prompt of PROMPTS) {
      const turn = await call("POST", `${API}/conversations/start`, { agent_id: slug, prompt }, key);
      for (let i = 0; i < 3; ++i) await call("GET", `${API}/messages/${turn.message_id}`, undefined, key);
      await call("POST", "/__mock/clock", { advance_ms: 700 }, key);
      await call("GET", `${API}/conversations/${turn.job_id}/messages`, undefined, key);
    }
    await call("GET", `${API}/agents/${slug}/conversations?limit=3&sort=created_at`, undefined, key);
  }
  const odd = ["/agents?x=%zz", "/agents/", "/nothing", "/messages/cmsg_0", "/agents/a%2Fb", "/agent"];
  for (const path of odd) await call("GET", API + path);
  for (const json of ["{", "[]", '{"prompt": 7}', '{"prompt": "x", "agent_id": "böt"}', '{"a": 1, "a": 2}']) {
    await call("POST", `${API}/conversations/start`, json);
  }
  await call("POST", `${API}/agents`, { name: "Neü", agent_id: "new-one" });
  await call("PATCH", `${API}/agents/new-one`, { name: "Other" });
  await call("DELETE", `${API}/agents/new-one`);
  await call("PUT", `${API}/agents`);
  const boundary = "xYz";
  const form = `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="a\u00ff.bin"\r\n\r\n` +
    `a\u0000b\u00ff\r\n--${boundary}--\r\n`;
  const uploaded = await send(`POST ${API}/attachments HTTP/1.1\r\nHost: 127.0.0.1\r\n` +
    `Authorization: Bearer ${keys[0]}\r\nContent-Type: multipart/form-data; boundary=${boundary}\r\n` +
    `Content-Length: ${form.length}\r\n\r\n`, form);
  await call("GET", `${API}/attachments/${JSON.parse(uploaded.body).attachment_id}`);
  await call("POST", "/__mock/jobs", { agent_id: slug, origin: "web" });
  await call("POST", "/__mock/faults", [{ at: "agents", do: { status: 429 } }]);
  await call("POST", "/__mock/faults", [{ at: "agent", do: { statu: 429 } }]);
  await call("GET", `${API}/agents`);
  await call("GET", "/__mock/unmatched");
  await call("GET", "/__mock/openapi.json");
  await call("PUT", "/__mock/world", '{"agents": [{"agent_id": "x"}], "turns": [{}]}', keys[1]);
  await call("GET", `${API}/agents`, undefined, "nr_gone");
}

const utf8 = (text) => Buffer.from(text).toString("latin1");
const keysOf = ({ options }) => options.keys === "listed" ? ["nr_one", "nr_two"] : ["nr_1", "nr_2"];

async function record(program, file) {
  const recording = [];
  for (const run of RUNS) recording.push(await recordRun(program, run));
  writeFileSync(file, JSON.stringify(recording));
  const count = recording.reduce((sum, { exchanges }) => sum + exchanges.length, 0);
  console.log(`recorded ${count} exchanges of ${recording.length} fakes`);
}

async function recordRun(program, run) {
  const folder = mkdtempSync(join(tmpdir(), "nairi-mock-"));
  const { world, options } = run;
  const text = typeof world === "string" ? world : JSON.stringify(world);
  const path = join(folder, "world.json");
  if (!text.startsWith("builtin:")) writeFileSync(path, text);
  const args = ["serve", "--port", "0", "--log", "none", "--judge", "warn", "--world",
                text.startsWith("builtin:") ? text : path];
  for (const [name, value] of Object.entries(options)) args.push(`--${name}`, String(value));
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  child.stderr.on("data", (piece) => { said += piece; });
  try {
    const ready = JSON.parse(await line(child.stdout).catch(() => { throw new Error(said); }));
    const socket = connect(new URL(ready.base_url).port, "127.0.0.1");
    const exchanges = [];
    const send = async (head, body) => {
      socket.write(Buffer.from(head + body, "latin1"));
      const reply = await readReply(socket);
      exchanges.push({ head, body, reply });
      return reply;
    };
    await play(send, keysOf(run));
    const bearer = `Host: 127.0.0.1\r\nAuthorization: Bearer ${ready.control_token}\r\n\r\n`;
    const ask = async (name) => {
      socket.write(`GET /__mock/${name}?all=true HTTP/1.1\r\n${bearer}`);
      return (await readReply(socket)).body;
    };
    const journal = await ask("journal");
    const verdicts = await ask("verdicts");
    socket.destroy();
    return { world: text, options, exchanges, journal, verdicts };
  } finally {
    child.kill();
  }
}

async function line(stream) {
  let text = "";
  for await (const piece of stream) {
    text += piece;
    if (text.includes("\n")) return text.slice(0, text.indexOf("\n"));
  }
  throw new Error(`the program ended, and printed ${JSON.stringify(text)}`);
}

// A whole reply, by its Content-Length.
async function readReply(socket) {
  let text = "";
  for (;;) {
    const [piece] = await once(socket);
    text += piece.toString("latin1");
    const end = text.indexOf("\r\n\r\n");
    if (end < 0) continue;
    const [first, ...lines] = text.slice(0, end).split("\r\n");
    const headers = lines.map((one) => one.split(/: (.*)/s).slice(0, 2));
    const length = Number(headers.find(([name]) => name === "Content-Length")?.[1] ?? 0);
    if (text.length < end + 4 + length) continue;
    return { status: Number(first.split(" ")[1]), headers: comparable(headers),
             body: text.slice(end + 4) };
  }
}
const once = (socket) => new Promise((resolve, reject) => {
  const data = (piece) => { socket.off("close", close); resolve([piece]); };
  const close = () => { socket.off("data", data); reject(new Error("the program closed")); };
  socket.once("data", data);
  socket.once("close", close);
});

// Those that a server adds for its connection are left out, and order has no meaning between names.
const comparable = (headers) => headers
  .filter(([name]) => !["Connection", "Keep-Alive"].includes(name))
  .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));

async function replay(file) {
  const { createEngine } = await import(
    new URL("lib/engine.js", await import.meta.resolve("nairi-mock")).href);
  const latin1 = (bytes) => Buffer.from(bytes).toString("latin1");
  let count = 0;
  for (const { world, options, exchanges, journal, verdicts } of JSON.parse(readFileSync(file))) {
    const engine = await createEngine(world, { ...options, judge: true, control_token: "t" });
    const seen = JSON.parse(Buffer.from(journal, "latin1")).entries;
    const ask = (name) => latin1(engine.handle(
      `GET /__mock/${name}?all=true HTTP/1.1\r\nAuthorization: Bearer t\r\n\r\n`, Buffer.alloc(0)).body);
    for (const { head, body, reply } of exchanges) {
      // The same moments as then, and the same connection.
      const isJudged = !head.includes("/__mock");
      const { received_us: receivedUs = 0, connection = 0 } = isJudged ? seen.shift() : {};
      const { status, headers, body: bytes } =
        engine.handle(head, Buffer.from(body, "latin1"), { receivedUs, connection });
      assert.deepEqual({ status, headers: comparable(headers), body: latin1(bytes) }, reply,
        `${head.split("\r\n")[0]} of ${JSON.stringify(options)}`);
      ++count;
    }
    assert.equal(ask("journal"), journal);
    assert.equal(ask("verdicts"), verdicts);
  }
  assert.ok(count > 300);
  console.log(`${count} exchanges, journals and verdicts are the same in WebAssembly`);
}

const [, , what, ...args] = process.argv;
if (what === "record") await record(...args);
else if (what === "replay") await replay(...args);
else throw new Error("usage: recording.mjs record PROGRAM FILE | replay FILE");
