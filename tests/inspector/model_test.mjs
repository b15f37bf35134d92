// What the page shows, tested without a page.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import vm from "node:vm";

const model = vm.createContext({});
vm.runInContext(readFileSync(new URL("../../server/inspector/model.js", import.meta.url), "utf8"), model);

/** Values of the other context, as this one's. */
const plain = (value) => JSON.parse(JSON.stringify(value));

let clock = 0;
/** A line of a journal, a second after the one before. */
function entry(operation, method, target, status, reply, more = {}) {
  clock += 1000;
  return {
    number: clock / 1000, organization: 1, received_us: clock * 1000, operation, method, target, headers: [], body: "",
    status, reply_body: JSON.stringify(reply), ...more,
  };
}
const start = (job, message, more) => entry("start", "POST", "/api/public/v1/conversations/start", 200,
  { job_id: job, message_id: message }, { body: JSON.stringify({ agent_id: "a", prompt: `Prompt of ${job}` }), ...more });
const poll = (job, message, status, more) => entry("poll", "GET", `/api/public/v1/messages/${message}`, 200,
  { id: message, job_id: job, role: "user", status, content: `Prompt of ${job}` }, more);
const lanes = (...entries) => plain(model.lanesOf(model.exchangesOfJournal(entries)));
const numbers = (lane) => lane.calls.map((call) => call.exchange.number);

test("calls stand in the lane of their conversation, in the order in which they began", () => {
  clock = 0;
  const found = lanes(start("job_1", "cmsg_1"), start("job_2", "cmsg_2"), poll("job_2", "cmsg_2", "pending"),
    poll("job_1", "cmsg_1", "pending"), entry("messages", "GET", "/api/public/v1/conversations/job_1/messages", 200, { messages: [] }));
  assert.deepEqual(found.map((lane) => lane.id), ["job_1", "job_2"]);
  assert.deepEqual(found.map(numbers), [[1, 4, 5], [2, 3]]);
  assert.equal(found[0].title, "Prompt of job_1");
});

test("a poll that was not answered belongs to the conversation of its message", () => {
  clock = 0;
  const found = lanes(start("job_1", "cmsg_1"), entry("poll", "GET", "/api/public/v1/messages/cmsg_1", 503, { error: "no" }));
  assert.deepEqual(found.map(numbers), [[1, 2]]);
});

test("a file's upload stands in the lane of the prompt that names it", () => {
  clock = 0;
  const found = lanes(entry("upload", "POST", "/api/public/v1/attachments", 201, { attachment_id: "att_1" }),
    start("job_1", "cmsg_1", { body: JSON.stringify({ prompt: "p", attachment_ids: ["att_1"] }) }));
  assert.deepEqual(found.map(numbers), [[1, 2]]);
});

test("what belongs to no conversation stands last, for each key by itself", () => {
  clock = 0;
  const found = lanes(entry("agents", "GET", "/api/public/v1/agents", 200, []),
    entry("agents", "GET", "/api/public/v1/agents", 200, [], { organization: 2 }), start("job_1", "cmsg_1"));
  assert.deepEqual(found.map((lane) => [lane.id, lane.key]),
    [["job_1", "organization 1"], ["", "organization 1"], ["", "organization 2"]]);
});

test("a retry names the call that it repeats, and a further poll repeats nothing", () => {
  clock = 0;
  const [lane] = lanes(start("job_1", "cmsg_1"), poll("job_1", "cmsg_1", "pending", { status: 503 }),
    poll("job_1", "cmsg_1", "pending"), poll("job_1", "cmsg_1", "completed"));
  assert.deepEqual(lane.calls.map((call) => call.repeats), [0, 0, 2, 0]);
});

test("statuses become spans from where they were first seen to the next", () => {
  clock = 0;
  const [lane] = lanes(start("job_1", "cmsg_1"), poll("job_1", "cmsg_1", "queued"), poll("job_1", "cmsg_1", "pending"),
    poll("job_1", "cmsg_1", "pending"), poll("job_1", "cmsg_1", "completed"));
  assert.deepEqual(lane.messages[0].spans, [
    { status: "queued", from: 1000, to: 2000 }, { status: "pending", from: 2000, to: 4000 },
    { status: "completed", from: 4000, to: 4000 }]);
});

test("calls that were refused, put off, broken and answered are told apart", () => {
  clock = 0;
  const [lane] = lanes(entry("agents", "GET", "/", 200, []), entry("agents", "GET", "/", 404, {}), entry("agents", "GET", "/", 429, {}),
    entry("agents", "GET", "/", 0, {}), entry("agents", "GET", "/", 200, {}, { fault: "agents#5 truncate_after_bytes 3" }));
  assert.deepEqual(lane.calls.map((call) => call.outcome), ["ok", "refused", "unavailable", "broken", "broken"]);
  assert.equal(lane.troubles, 4);
});

test("thousands of polls are at least three pixels apart", () => {
  const times = Array.from({ length: 5000 }, (_, i) => i * 2000);
  const scale = model.scaleOf(times, 1000, 1);
  for (let i = 1; i < times.length; ++i) assert.ok(scale.x(times[i]) - scale.x(times[i - 1]) > 2.99, String(i));
});

test("a pause much longer than the others is shortened, and tells how long it was", () => {
  const scale = model.scaleOf([0, 1000, 2000, 3000, 4000, 3604000, 3605000, 3606000, 3607000, 3608000, 3609000], 1000, 1);
  assert.deepEqual(plain(scale.breaks.map(({ pause }) => pause)), [3600000]);
  assert.ok(scale.x(1000) > 60);
});

test("a call shown alone, or none, still has a place", () => {
  assert.equal(model.scaleOf([5], 1000, 1).x(5), 0);
  assert.equal(model.scaleOf([], 1000, 1).x(5), 0);
});

test("a filter looks for text without case, for classes of status, and for faults", () => {
  clock = 0;
  const [one] = model.exchangesOfJournal([entry("poll", "GET", "/messages/x", 404, { error: "Not Found" }, { fault: "poll#1 status 404" })]);
  const none = { text: "", key: "", operation: "", status: "", faults: false };
  for (const wanted of [{}, { text: "not found" }, { status: "4xx" }, { status: "404" }, { faults: true }, { operation: "poll" }]) {
    assert.equal(model.fits(one, { ...none, ...wanted }), true, JSON.stringify(wanted));
  }
  for (const wanted of [{ text: "absent" }, { status: "2xx" }, { status: "none" }, { operation: "start" }, { key: "other" }]) {
    assert.equal(model.fits(one, { ...none, ...wanted }), false, JSON.stringify(wanted));
  }
});

test("curl gets the request as it was, in quotes that hold, and never the key", () => {
  clock = 0;
  const [one] = model.exchangesOfJournal([entry("start", "POST", "/s", 200, {}, {
    headers: [["Authorization", "Bearer nr_secret"], ["Content-Type", "application/json"], ["Host", "h"]], body: "{\"prompt\":\"it's $HOME\"}" })]);
  assert.equal(model.curlOf(one, "http://127.0.0.1:1"),
    `curl -i -X POST -H "Authorization: Bearer $NAIRI_API_KEY" -H 'Content-Type: application/json' --data-binary '{"prompt":"it'\\''s $HOME"}' 'http://127.0.0.1:1/s'`);
});

test("a conversation is saved as a world that answers as it was answered", () => {
  clock = 0;
  const [lane] = model.lanesOf(model.exchangesOfJournal([start("job_1", "cmsg_1"), poll("job_1", "cmsg_1", "pending"),
    poll("job_1", "cmsg_1", "completed"),
    entry("messages", "GET", "/api/public/v1/conversations/job_1/messages", 200,
      { messages: [{ id: "cmsg_2", role: "assistant", status: "completed", content: "Done." }] })]));
  assert.deepEqual(plain(model.worldOf(lane)), { turns: [{
    when: { prompt: { equals: "Prompt of job_1" } },
    timeline: [{ status: "pending", polls: 1, ms: 1000 }, { status: "completed", reply: "Done." }] }] });
});

test("journals and recordings tell the same story", () => {
  const line = { number: 1, key: "key-1", connection: 2, at: "", began_us: 5000000, ended_us: 5002500,
    request: { method: "GET", target: "/agents/acme%2Fops/conversations?limit=1", headers: [["accept", "*/*"]], body: { text: "", bytes: 0 } },
    reply: { status: 200, headers: [], body: { text: "{}", bytes: 2 } }, ending: "whole" };
  const [one] = model.exchangesOfRecording([line]);
  assert.equal(one.operation, "conversations");
  assert.equal(one.took, 2.5);
  assert.deepEqual(plain(one.requestHeaders), [["accept", "*/*"]]);
});
