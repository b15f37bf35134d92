// Figures of the package, from a folder where it is installed:  node figures.mjs
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const began = performance.now();
const { createFake } = await import("nairi-mock");
await createFake();
const started = performance.now() - began;
let another = Infinity;
for (let i = 0; i < 30; ++i) {
  const again = performance.now();
  await createFake();
  another = Math.min(another, performance.now() - again);
}

const WORLD = { agents: [{ agent_id: "bot" }], turns: [{ timeline: [
  { status: "queued", polls: 1 }, { status: "pending", polls: 1 },
  { status: "completed", reply: "Done." }] }] };
const API = "/api/public/v1";
const decoder = new TextDecoder();

// Start, 3 polls, list, continue, 2 polls, list.
async function converse(call) {
  const turn = await call("POST", "/conversations/start", '{"agent_id": "bot", "prompt": "Hello"}');
  for (let i = 0; i < 3; ++i) await call("GET", `/messages/${turn.message_id}`);
  await call("GET", `/conversations/${turn.job_id}/messages`);
  const path = `/conversations/${turn.job_id}/continue`;
  const { message_id: next } = await call("POST", path, '{"prompt": "And?"}');
  for (let i = 0; i < 2; ++i) await call("GET", `/messages/${next}`);
  return (await call("GET", `/conversations/${turn.job_id}/messages`)).messages.length;
}

async function figure(name, make) {
  const fake = await createFake({ world: WORLD, judge: false });
  let best = Infinity;
  for (let round = 0; round < 8; ++round) {
    fake.reset();
    const begin = performance.now();
    for (let i = 0; i < 300; ++i) await converse(make(fake));
    best = Math.min(best, (performance.now() - begin) / 300);
  }
  console.log(`| ${name} | ${Math.round(best * 1000)} µs |`);
}

const headers = { Authorization: "Bearer k", "Content-Type": "application/json" };
const bytes = readFileSync(new URL("node_modules/nairi-mock/nairi_mock.wasm", `file://${process.cwd()}/`));
const kB = (size) => `${Math.round(size / 1000)} kB`;
console.log(`| figure | Node ${process.version} |\n|---|---|`);
console.log(`| the module, and compressed | ${kB(bytes.length)}, ${kB(gzipSync(bytes, { level: 9 }).length)} |`);
console.log(`| the first fake, with its import | ${Math.round(started)} ms |`);
console.log(`| one more fake | ${another.toFixed(1)} ms |`);
await figure("a conversation of 9 calls by `fake.handle`", (fake) => (method, path, body) =>
  JSON.parse(decoder.decode(fake.handle(method, API + path, headers, body).body)));
await figure("the same by `fake.fetch`", (fake) => async (method, path, body) =>
  (await fake.fetch(fake.baseUrl + path, { method, headers, body })).json());
