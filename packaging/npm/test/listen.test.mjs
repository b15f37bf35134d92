// fake.listen(): the same fake on a port, for clients that know nothing of it.
import assert from "node:assert/strict";
import { connect } from "node:net";
import { test } from "node:test";

import { createFake } from "nairi-mock";

import { converse, REPLY } from "./conversation.mjs";

const BOT = { agents: [{ agent_id: "bot" }] };

async function served(t, options) {
  const fake = await createFake(options);
  const server = await fake.listen();
  t.after(() => server.close());
  return { fake, server, apiKey: fake.apiKey, baseUrl: server.baseUrl, fetch: globalThis.fetch };
}

// What comes of one request, and how the connection ends.
function raw(server, path = "/api/public/v1/agents", headers = "", key = "nr_js1") {
  return new Promise((resolve) => {
    const pieces = [];
    let error;
    const socket = connect(server.port, "127.0.0.1");
    socket.on("data", (piece) => pieces.push(piece));
    socket.on("error", (one) => { error = one.code; });
    socket.on("close", () => resolve({ text: Buffer.concat(pieces).toString("latin1"), error }));
    socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${key}\r\n` +
      `Connection: close\r\n${headers}\r\n`);
  });
}

test("a conversation is played over HTTP", async (t) => {
  const all = await served(t);
  assert.equal((await converse(all)).reply, REPLY);
  const [first] = all.fake.journal();
  assert.ok(first.connection > 0 && first.received_us > 0);
  all.fake.verdicts().check();
});

test("the control API is served too", async (t) => {
  const { fake, server } = await served(t);
  const response = await fetch(`${server.controlUrl}/journal`,
    { headers: { Authorization: `Bearer ${fake.apiKey}` } });
  assert.deepEqual(await response.json(), { entries: [], dropped: 0 });
});

test("a reply is held on its port until it is released, or its client goes away", async (t) => {
  const { fake, server } = await served(t, { world: BOT });
  fake.addFaults({ at: "agents", times: 2, do: { hold: "list" } });
  const headers = { Authorization: `Bearer ${fake.apiKey}` };
  const client = new AbortController();
  const given = fetch(`${server.baseUrl}/agents`, { headers, signal: client.signal });
  const turn = () => new Promise(setImmediate);
  while (fake.held().length === 0) await turn();
  client.abort();
  await assert.rejects(given);
  while (fake.held().length > 0) await turn();
  const answer = fetch(`${server.baseUrl}/agents`, { headers });
  while (fake.held().length === 0) await turn();
  const released = await fetch(`${server.controlUrl}/release`,
    { method: "POST", headers, body: JSON.stringify({ name: "list" }) });
  assert.deepEqual(await released.json(), { released: 1 });
  assert.equal((await answer).status, 200);
});

test("two fakes listen at once, and a closed one no more", async (t) => {
  const one = await served(t);
  const other = await served(t);
  assert.notEqual(one.server.port, other.server.port);
  await one.server.close();
  await one.server.close();
  await assert.rejects(fetch(`${one.baseUrl}/agents`));
  assert.equal((await fetch(`${other.baseUrl}/agents`)).status, 401);
});

test("a server goes with its scope", { skip: !Symbol.asyncDispose && "this Node has none" }, async () => {
  const fake = await createFake();
  const server = await fake.listen();
  await server[Symbol.asyncDispose]();
  await assert.rejects(fetch(`${server.baseUrl}/agents`));
});

test("a port that is taken says so", async (t) => {
  const { fake, server } = await served(t);
  await assert.rejects(fake.listen({ port: server.port }), { code: "EADDRINUSE" });
});

test("what goes wrong on the wire, goes wrong on the socket", async (t) => {
  const { fake, server } = await served(t, { world: BOT });
  const whole = await raw(server);
  const body = whole.text.slice(whole.text.indexOf("\r\n\r\n") + 4);
  fake.addFaults([
    { at: "agents#2", do: { empty_response: true } },
    { at: "agents#3", do: { reset_after_bytes: 0 } },
    { at: "agents#4", do: { truncate_after_bytes: 7 } },
    { at: "agents#5", do: { reset_after_bytes: 20 } },
    { at: "agents#6", do: { reset_after_bytes: 1_000_000 } }]);
  assert.deepEqual(await raw(server), { text: "", error: undefined });
  assert.deepEqual(await raw(server), { text: "", error: "ECONNRESET" });
  const truncated = await raw(server);
  assert.ok(truncated.text.includes(`Content-Length: ${body.length}\r\n`));
  assert.ok(truncated.text.endsWith(`\r\n\r\n${body.slice(0, 7)}`));
  assert.equal(truncated.error, undefined);
  // Whether a reset shows behind bytes, or looks like an end, depends on who reads, and when.
  assert.equal((await raw(server)).text, "HTTP/1.1 200 OK\r\nCon");
  const late = await raw(server);
  assert.ok(late.text.endsWith(body.slice(-10, -1)));
});

test("replies come in chunks, compressed and slowly", async (t) => {
  const { fake, server } = await served(t, { world: BOT });
  const whole = await raw(server);
  const body = whole.text.slice(whole.text.indexOf("\r\n\r\n") + 4);
  fake.addFaults([
    { at: "agents#2", do: { encode: "chunked" } },
    { at: "agents#3", times: 2, do: { encode: "gzip" } },
    { at: "agents#5", do: { drip_bytes_per_s: 20_000 } },
    { at: "agents#6", do: { encode: "chunked", drip_bytes_per_s: 20_000 } }]);
  const chunked = await raw(server);
  assert.match(chunked.text, /Transfer-Encoding: chunked/);
  assert.ok(chunked.text.includes(`\r\n\r\n10\r\n${body.slice(0, 16)}\r\n`));
  assert.ok(chunked.text.endsWith("\r\n0\r\n\r\n"));
  const headers = { Authorization: `Bearer ${fake.apiKey}` };
  const packed = await fetch(`${server.baseUrl}/agents`, { headers });
  assert.equal(packed.headers.get("content-encoding"), "gzip");
  assert.equal(await packed.text(), body);
  const plain = await raw(server);
  assert.match(plain.text, /Vary: Accept-Encoding/);
  assert.ok(plain.text.endsWith(body));
  assert.ok((await raw(server)).text.endsWith(body));
  assert.ok((await raw(server)).text.endsWith("\r\n0\r\n\r\n"));
});

test("a delay ends by a reset, which closes the connection", async (t) => {
  const { fake, server } = await served(t, { world: BOT });
  fake.addFaults({ at: "any", do: { delay_ms: 3_600_000 } });
  const waiting = raw(server);
  while (fake.journal().length === 0) await new Promise(setImmediate);
  fake.reset();
  assert.equal((await waiting).text, "");
});

test("a server that closes ends what is delayed", async (t) => {
  const { fake, server } = await served(t, { world: BOT });
  fake.addFaults({ at: "any", do: { delay_ms: 3_600_000 } });
  const waiting = raw(server);
  while (fake.journal().length === 0) await new Promise(setImmediate);
  await fake.close();
  assert.equal((await waiting).text, "");
});
