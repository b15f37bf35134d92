// Drives a conversation with Node's fetch; NODE_EXTRA_CA_CERTS names the CA when it is not a public
// one. Polls every 2 s unless NAIRI_POLL_MS says otherwise.
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";

const { NAIRI_BASE_URL, NAIRI_API_KEY, NAIRI_AGENT, NAIRI_SLACK_JOB, NAIRI_POLL_MS = "2000" } =
  process.env;
assert.ok(NAIRI_BASE_URL, "NAIRI_BASE_URL is empty: expected the URL of the API");

function send(path, { json, ...options } = {}) {
  const headers = { Authorization: `Bearer ${NAIRI_API_KEY}` };
  if (json) {
    headers["Content-Type"] = "application/json";
    options = { method: "POST", body: JSON.stringify(json) };
  }
  return fetch(NAIRI_BASE_URL + path, { headers, ...options });
}

async function call(path, options) {
  const response = await send(path, options);
  const text = await response.text();
  assert.ok(response.ok, `${path}: ${response.status} ${text}`);
  return JSON.parse(text);
}

async function waitFor(messageId) {
  for (;;) {
    const { status } = await call(`/messages/${messageId}`);
    if (status === "completed") return;
    assert.notEqual(status, "failed", `${messageId} failed`);
    await sleep(Number(NAIRI_POLL_MS));
  }
}

// Start, poll.
const { job_id: job, message_id: first } = await call("/conversations/start", {
  json: { agent_id: NAIRI_AGENT, prompt: "Refund the failed charge" },
});
await waitFor(first);

// Upload a file and continue the conversation with it.
const name = 'Beleg "März" €.txt';
const data = Buffer.from("610062ff0d0a", "hex");
const form = new FormData();
form.append("file", new Blob([data]), name);
const { attachment_id: attachment } = await call("/attachments", { method: "POST", body: form });
const { message_id: second } = await call(`/conversations/${job}/continue`, {
  json: { prompt: "And mail the receipt", attachment_ids: [attachment] },
});
await waitFor(second);

// List; most readers leave the progress messages out.
const { messages } = await call(`/conversations/${job}/messages`);
const visible = messages.filter(({ role }) => role !== "progress");
assert.ok(visible.length < messages.length, "expected progress messages");
assert.deepEqual(visible.map(({ role }) => role), ["user", "assistant", "user", "assistant"]);
assert.deepEqual(visible[2].attachment_ids, [attachment]);
for (const { role, content } of visible) console.log(`${role}: ${content}`);

// The file comes back unchanged.
const file = await call(`/attachments/${attachment}`);
assert.equal(file.filename, name);
assert.deepEqual(Buffer.from(file.data, "base64"), data);

// A job from Slack takes no prompts from here.
const refusal = await send(`/conversations/${NAIRI_SLACK_JOB}/continue`, { json: { prompt: "Hello" } });
assert.equal(refusal.status, 400);
assert.deepEqual(await refusal.json(), { error: "job is not an API job" });
console.log("400 job is not an API job");
