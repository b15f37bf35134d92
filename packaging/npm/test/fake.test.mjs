// fake.fetch is a fetch, and the fake behind it does what it is told.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";

import { ControlError, createFake, RuleBroken, WorldError } from "nairi-mock";
import { fakeForTest } from "nairi-mock/node-test";

import { converse, REPLY } from "./conversation.mjs";

const BOT = { agents: [{ agent_id: "bot" }] };
const bearer = ({ apiKey }) => ({ Authorization: `Bearer ${apiKey}`, "User-Agent": "test/1" });
const agents = (fake, init = {}) =>
  fake.fetch(`${fake.baseUrl}/agents`, { headers: bearer(fake), ...init });
const causedBy = (code) => (error) =>
  error instanceof TypeError && error.message === "fetch failed" && error.cause.code === code;

const turn = () => new Promise(setImmediate); // of the event loop

test("a conversation is played in process", async (t) => {
  const fake = await fakeForTest(t);
  const { statuses, reply } = await converse(fake);
  assert.deepEqual([...new Set(statuses)], ["queued", "pending", "completed"]);
  assert.equal(reply, REPLY);
  assert.deepEqual(fake.journal().map((one) => one.operation).slice(0, 2), ["start", "poll"]);
  assert.equal(fake.journal()[0].number, 1);
  assert.equal(fake.verdicts().of("polls-until-terminal").outcome, "kept");
});

test("a small client asks agents, and throws what they fail with", async (t) => {
  const fake = await fakeForTest(t);
  assert.equal(await fake.ask("billing-agent", "Refund the failed charge"), REPLY);
  await assert.rejects(fake.ask("my-agent", "Please fail"), /card declined/);
  await assert.rejects(fake.forKey().ask("my-agnet", "Hello"), /404 agent not found .*did you mean "my-agent"/);
});

test("the small client moves the virtual clock, waits for a real one, and gives up where no end comes", async (t) => {
  const world = { agents: [{ agent_id: "bot" }, { agent_id: "away", deployed: false }] };
  for (const options of [{}, { clock: "virtual" }, { clock: "wall", speed: 1000 }]) {
    const fake = await fakeForTest(t, { world, ...options });
    assert.match(await fake.ask("bot", "Hello"), /Hello/);
    assert.match(await fake.forKey().ask("bot", "Hello"), /Hello/);
  }
  const fake = await fakeForTest(t, { world, mustBehave: false });
  await assert.rejects(fake.ask("away", "Hello"), /still queued after 1000 polls/);
});

test("a world that is not there, and a test without its context, are told of", async () => {
  await assert.rejects(createFake({ world: "nowhere.json" }), /^Error: world: can't read nowhere\.json from .*no such file/);
  await assert.rejects(fakeForTest({ world: BOT }), /expected the context of a test first/);
});

test("the same seed, key and calls give the same ids", async () => {
  const ids = async (seed) => {
    const fake = await createFake({ seed });
    const response = await fake.fetch(`${fake.baseUrl}/conversations/start`, {
      method: "POST", headers: { ...bearer(fake), "Content-Type": "application/json" },
      body: JSON.stringify({ agent_id: "my-agent", prompt: "Hello" }) });
    return response.text();
  };
  assert.equal(await ids(7), await ids(7));
  assert.notEqual(await ids(7), await ids(8));
});

test("fetch takes a string, a URL and a Request", async () => {
  const fake = await createFake({ world: BOT });
  const url = `${fake.baseUrl}/agents`;
  const headers = bearer(fake);
  for (const input of [url, new URL(url)]) {
    const response = await fake.fetch(input, { headers: new Headers(headers) });
    assert.equal(response.status, 200);
    assert.equal(response.url, url);
  }
  const response = await fake.fetch(new Request(url, { headers }));
  assert.equal(response.headers.get("content-type"), "application/json");
  assert.equal((await response.json()).agents?.length ?? 1, 1);
});

test("fetch takes every kind of body", async () => {
  const json = JSON.stringify({ agent_id: "bot", prompt: "Hellö" });
  const bytes = new TextEncoder().encode(json);
  const stream = new ReadableStream({ start(to) { to.enqueue(bytes); to.close(); } });
  for (const body of [json, bytes, bytes.buffer, new DataView(bytes.buffer), new Blob([json]), stream]) {
    const fake = await createFake({ world: BOT });
    const response = await fake.fetch(`${fake.baseUrl}/conversations/start`, {
      method: "POST", headers: { ...bearer(fake), "Content-Type": "application/json" }, body,
      duplex: "half" });
    assert.equal(response.status, 200, await response.text());
    assert.equal(JSON.parse(fake.journal()[0].body).prompt, "Hellö");
  }
});

test("a FormData uploads a file, whose bytes come back", async () => {
  const fake = await createFake();
  const form = new FormData();
  const data = Buffer.from("610062ff0d0a", "hex");
  form.append("file", new Blob([data]), 'Beleg "März" €.txt');
  const uploaded = await fake.fetch(`${fake.baseUrl}/attachments`,
    { method: "POST", headers: bearer(fake), body: form });
  const { attachment_id: id } = await uploaded.json();
  const file = await (await fake.fetch(`${fake.baseUrl}/attachments/${id}`,
    { headers: bearer(fake) })).json();
  assert.equal(file.filename, 'Beleg "März" €.txt');
  assert.deepEqual(Buffer.from(file.data, "base64"), data);
});

test("fetch refuses what a fetch refuses", async () => {
  const fake = await createFake();
  await assert.rejects(fake.fetch("/agents"), TypeError);
  await assert.rejects(agents(fake, { method: "GET", body: "x" }), TypeError);
  await assert.rejects(agents(fake, { headers: { "bad name": "x" } }), TypeError);
});

test("what is not for the fake is refused, and says where the fake is", async () => {
  const fake = await createFake();
  await assert.rejects(fake.fetch("http://127.0.0.1:1/agents"),
    ({ cause }) => cause.message.includes(`reaches ${fake.origin} alone`));
});

test("the origin can be that of production", async () => {
  const fake = await createFake({ origin: "https://api.example.test/ignored" });
  assert.equal(fake.baseUrl, "https://api.example.test/api/public/v1");
  assert.equal((await agents(fake)).status, 200);
});

test("HEAD, 405 and 401 are answered as over HTTP", async () => {
  const fake = await createFake();
  const head = await agents(fake, { method: "HEAD" });
  assert.equal(head.status, 200);
  assert.ok(Number(head.headers.get("content-length")) > 0);
  assert.equal(await head.text(), "");
  const wrong = await agents(fake, { method: "PUT" });
  assert.equal(wrong.status, 405);
  assert.ok(wrong.headers.get("allow").includes("GET"));
  const stranger = await agents(fake, { headers: {} });
  assert.equal(stranger.status, 401);
});

test("a connection that is lost rejects like a fetch", async () => {
  const fake = await createFake({ world: BOT });
  fake.addFaults([
    { at: "agents#1", do: { empty_response: true } },
    { at: "agents#2", do: { reset_after_bytes: 0 } },
    { at: "agents#3", do: { reset_after_bytes: 20 } }]);
  await assert.rejects(agents(fake), causedBy("UND_ERR_SOCKET"));
  await assert.rejects(agents(fake), causedBy("ECONNRESET"));
  await assert.rejects(agents(fake), causedBy("ECONNRESET"));
  assert.equal((await agents(fake)).status, 200);
  assert.equal(fake.journal()[0].fault, "agents#1 empty_response true");
});

test("a reply that is held comes when it is released", async () => {
  const fake = await createFake({ world: BOT });
  fake.addFaults({ at: "agents#1", do: { hold: "list" } });
  assert.throws(() => fake.release("list"), { name: "ControlError", status: 404 });
  let isThere = false;
  const answer = agents(fake).then((response) => { isThere = true; return response; });
  while (fake.held().length === 0) await turn();
  assert.deepEqual(fake.held().map(({ name, at }) => [name, at]), [["list", "agents#1"]]);
  assert.equal((await agents(fake)).status, 200); // others go on
  assert.ok(!isThere);
  assert.equal(fake.release("list"), 1);
  assert.equal((await answer).status, 200);
  assert.deepEqual(fake.held(), []);
});

test("a held reply is released for its key alone", async () => {
  const fake = await createFake({ world: BOT });
  const one = fake.forKey(), other = fake.forKey();
  for (const each of [one, other]) each.addFaults({ at: "agents#1", do: { hold: "list" } });
  const answers = [agents(one), agents(other)];
  while (fake.held().length < 2) await turn();
  assert.equal(one.release("list"), 1);
  assert.equal((await answers[0]).status, 200);
  assert.equal(fake.release("list"), 1);
  assert.equal((await answers[1]).status, 200);
});

test("who gives up a held reply leaves nothing that is held", async () => {
  const fake = await createFake({ world: BOT });
  fake.addFaults({ at: "agents#1", do: { hold: "list" } });
  const client = new AbortController();
  const answer = agents(fake, { signal: client.signal });
  while (fake.held().length === 0) await turn();
  client.abort();
  await assert.rejects(answer, { name: "AbortError" });
  assert.deepEqual(fake.held(), []);
});

test("a reset ends what is held", async () => {
  const fake = await createFake({ world: BOT });
  fake.addFaults({ at: "agents#1", do: { hold: "list" } });
  const answer = agents(fake);
  while (fake.held().length === 0) await turn();
  fake.reset();
  await assert.rejects(answer, causedBy("UND_ERR_SOCKET"));
});

test("handle answers at once, and says that the reply is held", async () => {
  const fake = await createFake({ world: BOT });
  fake.addFaults({ at: "agents#1", do: { hold: "list" } });
  const reply = fake.handle("GET", "/api/public/v1/agents", bearer(fake));
  assert.equal(reply.status, 200);
  assert.ok(reply.isHeld());
  fake.release("list");
  assert.ok(!reply.isHeld());
});

test("a body that is cut fails while it is read", async () => {
  const fake = await createFake({ world: BOT });
  const whole = await (await agents(fake)).text();
  fake.addFaults([{ at: "agents#2", do: { truncate_after_bytes: 10 } },
                  { at: "agents#3", do: { reset_after_bytes: 100_000 } }]);
  for (const lacking of [whole.length - 10, 1]) {
    const response = await agents(fake);
    assert.equal(response.status, 200);
    let text = "";
    await assert.rejects(async () => {
      for await (const piece of response.body) text += new TextDecoder().decode(piece);
    }, { name: "TypeError", message: "terminated" });
    assert.equal(text, whole.slice(0, whole.length - lacking));
  }
});

test("errors of a proxy and garbled JSON come through", async () => {
  const fake = await createFake({ world: BOT });
  fake.addFaults([
    { at: "agents#1", do: { status: 503, retry_after_s: 7 } },
    { at: "agents#2", do: { malformed_json: true } }]);
  const refused = await agents(fake);
  assert.equal(refused.status, 503);
  assert.equal(refused.headers.get("retry-after"), "7");
  await assert.rejects((await agents(fake)).json(), SyntaxError);
});

test("redirects are followed, shown or refused, as a fetch is told", async () => {
  const fake = await createFake({ world: BOT });
  fake.addFaults({ at: "agents#1", times: 3, do: { redirect_to: fake.origin, status: 302 } });
  const manual = await agents(fake, { redirect: "manual" });
  assert.equal(manual.status, 302);
  await assert.rejects(agents(fake, { redirect: "error" }), causedBy(undefined));
  const followed = await agents(fake);
  assert.equal(followed.status, 200);
  assert.equal(followed.redirected, true);
  fake.addFaults({ at: "any", do: { redirect_to: "http://127.0.0.1:1" } });
  await assert.rejects(agents(fake), ({ cause }) => cause.message.includes("http://127.0.0.1:1"));
});

test("no clock but the wall's waits for a delay", async () => {
  const fake = await createFake({ world: BOT });
  const hour = 3_600_000;
  fake.addFaults({ at: "any", do: { delay_ms: hour, drip_bytes_per_s: 1 } });
  assert.equal((await (await agents(fake)).text()).length > 0, true);
});

test("a delay on the wall clock ends by an abort", async () => {
  const fake = await createFake({ world: BOT, clock: "wall" });
  fake.addFaults({ at: "any", do: { delay_ms: 3_600_000 } });
  const abort = new AbortController();
  const waiting = agents(fake, { signal: abort.signal });
  setTimeout(() => abort.abort(new Error("enough")), 1);
  await assert.rejects(waiting, { message: "enough" });
  await assert.rejects(agents(fake, { signal: AbortSignal.timeout(5) }), { name: "TimeoutError" });
  await assert.rejects(agents(fake, { signal: AbortSignal.abort() }), { name: "AbortError" });
});

test("a delay on the wall clock ends by a reset", async () => {
  const fake = await createFake({ world: BOT, clock: "wall" });
  fake.addFaults({ at: "any", do: { delay_ms: 3_600_000 } });
  const waiting = agents(fake);
  setTimeout(() => fake.reset(), 1);
  await assert.rejects(waiting, causedBy("UND_ERR_SOCKET"));
});

test("a dripping body on the wall clock comes whole, piece by piece", async () => {
  const fake = await createFake({ world: BOT, clock: "wall" });
  const whole = await (await agents(fake)).text();
  fake.addFaults({ at: "any", do: { drip_bytes_per_s: 10_000 } });
  let pieces = 0;
  let text = "";
  for await (const piece of (await agents(fake)).body) {
    ++pieces;
    text += new TextDecoder().decode(piece);
  }
  assert.ok(pieces > 1);
  assert.equal(text, whole);
});

test("the virtual clock moves when it is told", async () => {
  const fake = await createFake({ clock: "virtual" });
  const start = await fake.fetch(`${fake.baseUrl}/conversations/start`, {
    method: "POST", headers: { ...bearer(fake), "Content-Type": "application/json" },
    body: JSON.stringify({ agent_id: "billing-agent", prompt: "Refund" }) });
  const { message_id: id } = await start.json();
  const status = async () =>
    (await (await fake.fetch(`${fake.baseUrl}/messages/${id}`, { headers: bearer(fake) })).json()).status;
  assert.equal(await status(), "queued");
  assert.equal(await status(), "queued");
  fake.advance(3_600_000);
  assert.equal(await status(), "completed");
});

test("time that does not move says so", async () => {
  const fake = await createFake();
  assert.throws(() => fake.advance(1), (error) => error instanceof ControlError && error.status === 400);
});

test("keys never meet", async () => {
  const fake = await createFake();
  const one = fake.forKey();
  const other = fake.forKey();
  assert.notEqual(one.apiKey, other.apiKey);
  await converse(one);
  assert.ok(one.journal().length > 3);
  assert.equal(other.journal().length, 0);
  assert.equal(fake.journal({ key: one.apiKey }).length, one.journal().length);
  assert.equal(fake.journal().length, one.journal().length);
  one.reset();
  assert.equal(one.journal().length, 0);
});

test("a revoked key is refused until it is reset", async () => {
  const fake = await createFake();
  fake.revoke();
  assert.equal((await agents(fake)).status, 401);
  fake.reset({ key: fake.apiKey });
  assert.equal((await agents(fake)).status, 200);
});

test("jobs of any origin are made, and states name those of the world", async () => {
  const fake = await createFake();
  const job = fake.addJob({ agent_id: "my-agent", origin: "slack" });
  for (const id of [job, fake.states().slack_job]) {
    const refused = await fake.fetch(`${fake.baseUrl}/conversations/${id}/continue`, {
      method: "POST", headers: { ...bearer(fake), "Content-Type": "application/json" },
      body: `{"prompt": "Hello"}` });
    assert.deepEqual([refused.status, await refused.json()], [400, { error: "job is not an API job" }]);
  }
});

test("a world can be an object, JSON, a file, a URL or one that is built in", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "nairi-mock-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "world.json");
  const world = { ...BOT, turns: [{ timeline: [{ status: "completed", reply: "Here.",
                                                attachments: ["a.txt"] }] }] };
  writeFileSync(path, JSON.stringify(world));
  writeFileSync(join(folder, "a.txt"), "from the folder");
  for (const one of [BOT, JSON.stringify(BOT), path, pathToFileURL(path), "builtin:refund"]) {
    assert.equal((await agents(await createFake({ world: one }))).status, 200);
  }
  await createFake({ world, files: { "a.txt": "given" } });
  await assert.rejects(createFake({ world, files: { "b.txt": "given" } }), /it has: b\.txt/);
  await assert.rejects(createFake({ world }), /needs the option "files"/);
});

test("what is wrong in a world is said at its place", async () => {
  const world = { turns: [{ when: { promt: { contains: "x" } }, timeline: [{ status: "completed" }] }] };
  await assert.rejects(createFake({ world }), (error) =>
    error instanceof WorldError &&
    error.mistakes[0].startsWith("world:") &&
    error.mistakes[0].includes(`/turns/0/when: unknown key "promt"; did you mean "prompt"?`));
  const fake = await createFake();
  assert.throws(() => fake.setWorld(world), (error) =>
    error instanceof WorldError && error.message.includes(`did you mean "prompt"?`));
  fake.setWorld(BOT);
  assert.equal((await (await agents(fake)).text()).includes('"bot"'), true);
});

test("a ledger is followed", async () => {
  const refuted = { count: 1, first: "2026-11-26", last: "2026-11-26" };
  const fidelity = JSON.stringify({ fidelity: 1, statements: {
    "unknown-agent-id": { verdict: "refuted", refuted, knob: { unknown_agent_status: 400 } } } });
  const fake = await createFake({ fidelity });
  const reply = await fake.fetch(`${fake.baseUrl}/agents/nobody`,
    { headers: { authorization: `Bearer ${fake.apiKey}` } });
  assert.equal(reply.status, 400);
  await assert.rejects(createFake({ fidelity: "{}" }), /missing required key "fidelity"/);
});

test("what is wrong in the options is said by name", async () => {
  await assert.rejects(createFake({ wrld: {} }), /no option is called "wrld"; known: world/);
  await assert.rejects(createFake({ clock: "walls" }), /clock/);
  await assert.rejects(createFake({ seed: -1 }), /seed: expected an integer from 0/);
  await assert.rejects(createFake({ world: 7 }), /expected an object, JSON text.*got the number 7/);
  await assert.rejects(createFake({ world: "missing.json" }), /missing\.json/);
  const fake = await createFake();
  assert.throws(() => fake.addFaults({ at: "pol#1", do: { status: 503 } }), /did you mean "poll"/);
});

test("a client that broke a rule is named with its requests", async () => {
  const fake = await createFake();
  const response = await fake.fetch(`${fake.baseUrl}/conversations/start`, {
    method: "POST", headers: { ...bearer(fake), "Content-Type": "application/json" },
    body: JSON.stringify({ agent_id: "billing-agent", prompt: "Refund" }) });
  const { message_id: id } = await response.json();
  await fake.fetch(`${fake.baseUrl}/messages/${id}`, { headers: bearer(fake) });
  assert.throws(() => fake.verdicts().check(), (error) =>
    error instanceof RuleBroken && /polls-until-terminal/.test(error.message) &&
    error.message.includes(`GET /messages/${id}`));
});

test("fakeForTest fails the test of a client that broke a rule", async () => {
  const ends = [];
  const fake = await fakeForTest({ after: (end) => ends.push(end) });
  await agents(fake, { headers: {} });
  await assert.rejects(ends[0](), RuleBroken);
  const excused = await fakeForTest({ after: (end) => ends.push(end) }, { mustBehave: false });
  await agents(excused, { headers: {} });
  await ends[1]();
});
