// The WebAssembly answers as the native program did when packaging/identity/record.py wrote
// recording.json, to the byte: journals and verdicts included.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

const { createEngine } = await import(new URL("lib/engine.js", import.meta.resolve("nairi-mock")));
const { runs } = JSON.parse(readFileSync(new URL("recording.json", import.meta.url)));
const latin1 = (bytes) => Buffer.from(bytes).toString("latin1");

// What comes of a reply, as the recording has it.
function came({ status, ending, headers, body, afterBytes }) {
  if (ending === "empty" || ending === "reset") return { ending };
  const sorted = headers.map(([name, value]) => [name.toLowerCase(), value])
    .sort((a, b) => (String(a) < String(b) ? -1 : 1));
  return { status, ending, headers: sorted,
           body: latin1(ending === "truncated" ? body.subarray(0, afterBytes) : body) };
}

for (const { world, options, exchanges } of runs) {
  test(`replies are the same: ${world.slice(0, 20)}`, async () => {
    const engine = await createEngine(world, options);
    for (const { head, body, received_us: receivedUs, connection, reply } of exchanges) {
      const got = engine.handle(head, Buffer.from(body, "latin1"), { receivedUs, connection });
      assert.deepEqual(came(got), reply, head);
    }
  });
}

test("the recording has something to say", () => {
  assert.ok(runs.reduce((sum, { exchanges }) => sum + exchanges.length, 0) > 500);
});
