// What the page shows, tested without a page.
import assert from "node:assert/strict";
import {readFileSync} from "node:fs";
import {test} from "node:test";

import {lanesOf, model, plain} from "./model.mjs";

let clock = 0;
/** A line of a journal, a second after the one before. */
function entry(operation, method, target, status, reply, more = {}) {
  clock += 1000;
  return {
    number: clock / 1000,
    organization: 1,
    received_us: clock * 1000,
    operation,
    method,
    target,
    headers: [],
    body: "",
    status,
    reply_body: JSON.stringify(reply),
    ...more,
  };
}
const start = (job, message, more) => entry(
    "start", "POST", "/api/public/v1/conversations/start", 200, {job_id: job, message_id: message},
    {body: JSON.stringify({agent_id: "a", prompt: `Prompt of ${job}`}), ...more});
const poll = (job, message, status, more) => entry(
    "poll", "GET", `/api/public/v1/messages/${message}`, 200,
    {id: message, job_id: job, role: "user", status, content: `Prompt of ${job}`}, more);
const lanes = (...entries) => plain(lanesOf(entries));
const numbers = (lane) => lane.calls.map((call) => call.exchange.number);

test("calls stand in the lane of their conversation, in the order in which they began", () => {
  clock = 0;
  const found = lanes(
      start("job_1", "cmsg_1"), start("job_2", "cmsg_2"), poll("job_2", "cmsg_2", "pending"),
      poll("job_1", "cmsg_1", "pending"),
      entry("messages", "GET", "/api/public/v1/conversations/job_1/messages", 200, {messages: []}));
  assert.deepEqual(found.map((lane) => lane.id), ["job_1", "job_2"]);
  assert.deepEqual(found.map(numbers), [[1, 4, 5], [2, 3]]);
  assert.equal(found[0].title, "Prompt of job_1");
});

test("a poll that was not answered belongs to the conversation of its message", () => {
  clock = 0;
  const found = lanes(
      start("job_1", "cmsg_1"),
      entry("poll", "GET", "/api/public/v1/messages/cmsg_1", 503, {error: "no"}));
  assert.deepEqual(found.map(numbers), [[1, 2]]);
});

test("a file's upload stands in the lane of the prompt that names it", () => {
  clock = 0;
  const found = lanes(
      entry("upload", "POST", "/api/public/v1/attachments", 201, {attachment_id: "att_1"}),
      start("job_1", "cmsg_1", {body: JSON.stringify({prompt: "p", attachment_ids: ["att_1"]})}));
  assert.deepEqual(found.map(numbers), [[1, 2]]);
  assert.deepEqual(found[0].calls.map(({waited}) => waited), [-1, 1000]);
});

test("what belongs to no conversation stands last, for each key by itself", () => {
  clock = 0;
  const found = lanes(
      entry("agents", "GET", "/api/public/v1/agents", 200, []),
      entry("agents", "GET", "/api/public/v1/agents", 200, [], {organization: 2}),
      start("job_1", "cmsg_1"));
  assert.deepEqual(
      found.map((lane) => [lane.id, lane.key]),
      [["job_1", "organization 1"], ["", "organization 1"], ["", "organization 2"]]);
});

test("a retry names the call that it repeats, and a further poll repeats nothing", () => {
  clock = 0;
  const [lane] = lanes(
      start("job_1", "cmsg_1"), poll("job_1", "cmsg_1", "pending", {status: 503}),
      poll("job_1", "cmsg_1", "pending"), poll("job_1", "cmsg_1", "completed"));
  assert.deepEqual(lane.calls.map((call) => call.repeats), [0, 0, 2, 0]);
});

test("statuses become spans from where they were first seen to the next", () => {
  clock = 0;
  const [lane] = lanes(
      start("job_1", "cmsg_1"), poll("job_1", "cmsg_1", "queued"),
      poll("job_1", "cmsg_1", "pending"), poll("job_1", "cmsg_1", "pending"),
      poll("job_1", "cmsg_1", "completed"));
  assert.deepEqual(lane.messages[0].spans, [
    {status: "queued", from: 1000, to: 2000, reads: 1},
    {status: "pending", from: 2000, to: 4000, reads: 2},
    {status: "completed", from: 4000, to: 4000, reads: 1}
  ]);
});

test("calls that were refused, put off, broken and answered are told apart", () => {
  clock = 0;
  const [lane] = lanes(
      entry("agents", "GET", "/", 200, []), entry("agents", "GET", "/", 404, {}),
      entry("agents", "GET", "/", 429, {}), entry("agents", "GET", "/", 0, {}),
      entry("agents", "GET", "/", 200, {}, {fault: "agents#5 truncate_after_bytes 3"}),
      entry(
          "agents", "GET", "/", 200, {},
          {fault: "agents#6 status 200, body 9 bytes of text/html"}));
  assert.deepEqual(
      lane.calls.map((call) => call.outcome),
      ["ok", "refused", "unavailable", "broken", "broken", "broken"]);
  assert.deepEqual(lane.calls.map(model.isTrouble), [false, true, true, true, true, true]);
  assert.ok(model.isTrouble({outcome: "ok", exchange: {fault: "agents#7 delay_ms 60"}}));
});

test("thousands of polls are at least three pixels apart", () => {
  const times = Array.from({length: 5000}, (_, i) => i * 2000);
  const scale = model.scaleOf(times, 1000, 1);
  for (let i = 1; i < times.length; ++i)
    assert.ok(scale.x(times[i]) - scale.x(times[i - 1]) > 2.99, String(i));
});

test("calls at the same moment, as in process, stand beside each other in their order", () => {
  clock = 0;
  const untimed = (more) => poll("job_1", "cmsg_1", "pending", {received_us: 0, ...more});
  const at = "2026-04-12T18:45:12.001Z";
  const [lane] = lanes(
      start("job_1", "cmsg_1", {received_us: 0, at}), untimed({at}), untimed({at}),
      untimed({at: "2026-04-12T18:45:14.001Z"}));
  assert.deepEqual(lane.calls.map((call) => call.exchange.began), [0, 0.001, 0.002, 2000]);
  const scale = model.scaleOf(lane.calls.map((call) => call.exchange.began), 1000, 1);
  assert.ok(scale.x(0.001) - scale.x(0) >= 3);
  assert.ok(scale.x(2000) - scale.x(0.002) > 600);
});

test("a pause much longer than the others is shortened, and tells how long it was", () => {
  const scale = model.scaleOf(
      [0, 1000, 2000, 3000, 4000, 3604000, 3605000, 3606000, 3607000, 3608000, 3609000], 1000, 1);
  assert.deepEqual(plain(scale.breaks.map(({pause}) => pause)), [3600000]);
  assert.ok(scale.x(1000) > 60);
});

test("a call shown alone, or none, still has a place", () => {
  assert.equal(model.scaleOf([5], 1000, 1).x(5), 0);
  assert.equal(model.scaleOf([], 1000, 1).x(5), 0);
});

test("a filter looks for text without case, for classes of status, and for faults", () => {
  clock = 0;
  const [one] = model.exchangesOfJournal([entry(
      "poll", "GET", "/messages/x", 404, {error: "Not Found"}, {fault: "poll#1 status 404"})]);
  const none = {text: "", key: "", operation: "", status: "", faults: false};
  for (const wanted
           of [{}, {text: "not found"}, {status: "4xx"}, {status: "404"}, {faults: true},
               {operation: "poll"}]) {
    assert.equal(model.fits(one, {...none, ...wanted}), true, JSON.stringify(wanted));
  }
  for (const wanted
           of [{text: "absent"}, {status: "2xx"}, {status: "none"}, {operation: "start"},
               {key: "other"}]) {
    assert.equal(model.fits(one, {...none, ...wanted}), false, JSON.stringify(wanted));
  }
});

test("journals and recordings tell the same story", () => {
  const line = {
    number: 1,
    key: "key-1",
    connection: 2,
    at: "",
    began_us: 5000000,
    ended_us: 5002500,
    request: {
      method: "GET",
      target: "/agents/acme%2Fops/conversations?limit=1",
      headers: [["accept", "*/*"]],
      body: {text: "", bytes: 0}
    },
    reply: {status: 200, headers: [], body: {text: "{}", bytes: 2}},
    ending: "whole"
  };
  const [one] = model.exchangesOfRecording([line]);
  assert.equal(one.operation, "conversations");
  assert.equal(one.took, 2.5);
  assert.deepEqual(plain(one.requestHeaders), [["accept", "*/*"]]);
});

test("an exchange is found by its headers, and what looks like a pattern is a text", () => {
  clock = 0;
  const [one] = model.exchangesOfJournal([entry(
      "agents", "GET", "/a(b", 200, {}, {headers: [{name: "User-Agent", value: "mine/1.0"}]})]);
  const none = {text: "", key: "", operation: "", status: "", faults: false};
  assert.equal(model.fits(one, {...none, text: "user-agent: MINE"}), true);
  assert.equal(model.fits(one, {...none, text: "a(b"}), true);
  assert.equal(model.fits(one, {...none, text: "mine.1"}), false);
});

test("a call says whether it waited as long as an earlier reply had asked", () => {
  clock = 0;
  const asks = {status: 503, reply_headers: [{name: "Retry-After", value: "2"}]};
  const [lane] = lanes(
      start("job_1", "cmsg_1"), poll("job_1", "cmsg_1", "pending", asks),
      poll("job_1", "cmsg_1", "pending"));
  assert.deepEqual(lane.calls[2].wait, {number: 2, asked: 2000, real: 1000});
  assert.match(
      model.describe(lane.calls[2]),
      /repeats #2, came too early: #2 asked for 2 s, this came after 1 s/);
});

test("after a 429 whatever the key calls next should have waited", () => {
  clock = 0;
  const [lane] = lanes(
      start("job_1", "cmsg_1"),
      poll("job_1", "cmsg_1", "pending", {status: 429, reply_headers: [["retry-after", "1"]]}),
      entry("messages", "GET", "/api/public/v1/conversations/job_1/messages", 200, {messages: []}));
  assert.deepEqual(lane.calls[2].wait, {number: 2, asked: 1000, real: 1000});
  assert.match(model.describe(lane.calls[2]), /waited long enough/);
});

test("a date in Retry-After counts from the reply's own", () => {
  clock = 0;
  const [lane] = lanes(
      start("job_1", "cmsg_1"), poll("job_1", "cmsg_1", "pending", {
        status: 503,
        reply_headers: [
          ["Date", "Sun, 12 Apr 2026 18:45:12 GMT"],
          ["Retry-After", "Sun, 12 Apr 2026 18:45:15 GMT"]
        ]
      }),
      poll("job_1", "cmsg_1", "pending"));
  assert.equal(lane.calls[2].wait.asked, 3000);
});

test("of a timeline that was cut, the messages that are whole are seen", () => {
  clock = 0;
  const whole = JSON.stringify({
    messages: [
      {id: "cmsg_1", role: "user", status: "completed", content: "Prompt, {\"["}, {
        id: "cmsg_2",
        content: "{\"a\": [\"x\", {\"b\": 1}]}",
        role: "assistant",
        status: "completed"
      }
    ]
  });
  for (let kept = whole.indexOf("cmsg_2"); kept < whole.length; ++kept) {
    const [lane] = lanes(
        start("job_1", "cmsg_1"),
        entry(
            "messages", "GET", "/api/public/v1/conversations/job_1/messages", 200, {},
            {reply_body: whole.slice(0, kept), reply_bytes: whole.length}));
    assert.equal(lane.messages[0].content, "Prompt, {\"[");
    assert.ok(lane.messages.length >= 1);
    for (const {content} of lane.messages.slice(1))
      assert.equal(content, "{\"a\": [\"x\", {\"b\": 1}]}");
  }
});

test("a prompt of which only the beginning was kept says so", () => {
  clock = 0;
  const [lane] = lanes(start(
      "job_1", "cmsg_1", {body: '{"agent_id": "a", "prompt": "A long pro', body_bytes: 90000}));
  assert.equal(lane.title, "A long pro");
  assert.equal(lane.messages[0].isCut, true);
  assert.equal(lane.agent, "a");
});

test(
    "an answer belongs to the prompt whose turn had not ended, also when the next had been sent",
    () => {
      clock = 0;
      const at = (second) => `2026-04-12T18:45:${String(second).padStart(2, "0")}.000Z`;
      const message = (id, role, content, created, updated) => ({
        id,
        role,
        content,
        status: "completed",
        created_at: at(created),
        updated_at: at(updated)
      });
      const [lane] = lanesOf([
        start("job_1", "u1"),
        entry("messages", "GET", "/api/public/v1/conversations/job_1/messages", 200, {
          messages: [
            message("u1", "user", "First", 1, 5), message("u2", "user", "Second", 2, 9),
            message("a1", "assistant", "One", 5, 5), message("a2", "assistant", "Two", 9, 9)
          ]
        })
      ]);
      assert.deepEqual(
          plain(model.turnsOf(lane))
              .map(({prompt, others}) => [prompt.content, others.map(({content}) => content)]),
          [["First", ["One"]], ["Second", ["Two"]]]);
    });

/** A timeline that was read, of messages with their seconds: all have one, if none is given. */
const read = (...messages) =>
    entry("messages", "GET", "/api/public/v1/conversations/job_1/messages", 200, {
      messages: messages.map(([id, role, at = 12, updated = at]) => ({
                               id,
                               role,
                               content: id,
                               status: "completed",
                               created_at: `2026-04-12T18:45:${at}.000Z`,
                               updated_at: `2026-04-12T18:45:${updated}.000Z`
                             }))
    });
const goOn = (message) => entry(
    "continue", "POST", "/api/public/v1/conversations/job_1/continue", 200, {message_id: message},
    {body: JSON.stringify({prompt: message}), at: "2026-04-12T18:45:12.000Z"});
const turns = (...entries) => plain(model.turnsOf(lanesOf(entries)[0]))
                                  .map(({prompt, others}) => [prompt, ...others].map(({id}) => id));

test("of messages at one time, each belongs to the prompt before it in the server's order", () => {
  clock = 0;
  const timeline = read(
      ["u1", "user"], ["p1", "progress"], ["a1", "assistant"], ["u2", "user"], ["a2", "assistant"],
      ["u3", "user"], ["a3", "assistant"], ["s3", "system"]);
  const expected = [["u1", "p1", "a1"], ["u2", "a2"], ["u3", "a3", "s3"]];
  assert.deepEqual(turns(timeline), expected);
  const at = "2026-04-12T18:45:12.000Z";
  const sent =
      [start("job_1", "u1", {at}), goOn("u2"), poll("job_1", "u2", "completed", {at}), goOn("u3")];
  assert.deepEqual(turns(...sent, timeline), expected, "also when it was read after all were sent");
  assert.deepEqual(
      turns(...sent, timeline, read(["u1", "user"], ["p1", "progress"], ["a1", "assistant"])),
      expected);
});

test("the fake's own order counts as well, where times are equal", () => {
  clock = 0;
  const at = "2026-04-12T18:45:12.000Z";
  const messages = [["u1", "user"], ["a1", "assistant"], ["u2", "user"], ["a2", "assistant"]].map(
      ([id, role]) =>
          ({id, role, status: "completed", content: id, created_at: at, updated_at: at}));
  const [lane] = model
                     .runOf({
                       journal: {entries: [start("job_1", "u1", {at}), goOn("u2")]},
                       state: {jobs: [{job_id: "job_1", messages}]}
                     })
                     .book.lanes();
  assert.deepEqual(
      plain(model.turnsOf(lane)).map(({prompt, others}) => [prompt.id, others.map(({id}) => id)]),
      [["u1", ["a1"]], ["u2", ["a2"]]]);
});

test(
    "what comes at the moment of the next prompt, but before it, belongs to the one before", () => {
      clock = 0;
      assert.deepEqual(
          turns(read(
              ["u1", "user", 12, 13], ["a1", "assistant", 13], ["s1", "system", 15],
              ["u2", "user", 15, 16], ["a2", "assistant", 16])),
          [["u1", "a1", "s1"], ["u2", "a2"]]);
    });

test(
    "of prompts that wait, the one that runs gets what comes, also at the moment of its end",
    () => {
      clock = 0;
      assert.deepEqual(
          turns(read(
              ["u1", "user", 12, 14], ["u2", "user", 13, 16], ["a1", "assistant", 14],
              ["a2", "assistant", 16])),
          [["u1", "a1"], ["u2", "a2"]]);
    });

test("what comes later goes into the lanes that are there, and tells which have changed", () => {
  clock = 0;
  const book =
      model.runOf({journal: {entries: [start("job_1", "cmsg_1"), start("job_2", "cmsg_2")]}}).book;
  const [first, second] = book.lanes();
  book.changed.clear();
  for (const exchange of model.exchangesOfJournal([poll("job_2", "cmsg_2", "pending")], 1000000))
    book.add(exchange);
  assert.deepEqual([...book.changed], [second]);
  assert.equal(book.lanes()[0], first);
  assert.equal(second.to, 2000);
});

test("a state adds what the client never looked at", () => {
  clock = 0;
  const run = model.runOf({
    journal: {entries: [start("job_1", "cmsg_1"), poll("job_1", "cmsg_1", "completed")]},
    state: {
      jobs: [{
        job_id: "job_1",
        status: "active",
        messages: [
          {id: "cmsg_1", role: "user", status: "completed", content: "Prompt of job_1"},
          {id: "cmsg_2", role: "assistant", status: "completed", content: "Unread"}
        ]
      }]
    }
  });
  const [lane] = run.book.lanes();
  assert.deepEqual(plain(lane.messages).map(({content}) => content), ["Prompt of job_1", "Unread"]);
  assert.equal(lane.jobStatus, "active");
});

test("verdicts begin with what is broken, and keep what proves it", () => {
  const [first, second] = plain(model.verdictsOf({
    verdicts: [
      {rule: "a", outcome: "kept"}, {
        rule: "b",
        level: "MUST",
        outcome: "broken",
        sentence: "s",
        page: "docs/rules.md#b",
        evidence: [{number: 7, exchange: "POST /x"}],
        evidence_count: 9
      }
    ]
  }));
  assert.deepEqual(first, {
    rule: "b",
    level: "MUST",
    outcome: "broken",
    sentence: "s",
    page: "docs/rules.md#b",
    evidenceCount: 9,
    evidence: [{number: 7, text: "POST /x"}]
  });
  assert.equal(second.rule, "a");
});

// As server/judge writes them.
const PROOFS = {
  "GET /agents → 200": [],
  "POST /conversations/start → 200 (first #3)": [3],
  "POST /conversations/start → 200, not delivered (first #3)": [3],
  "GET /agents → 200 after 900 of 2000 ms (429 #4)": [4],
  "GET /agents → 200 after 900 of 2000 ms": [],
  'POST /conversations/start → 200 the prompt "go" of #5': [5],
  'GET /messages/cmsg_1 → 200 pending; prompt "go" of #5': [5],
  'GET /conversations/job_1/messages → 200 queued; message cmsg_2; prompt "2+2" of #5; meanwhile the prompt "count" of #6 in the same conversation had ended':
      [5, 6],
};
// What a client may ask, as quoted by the judge.
const HOSTILE = [
  "first #1", "(first #1)", '" of #1', '\\" of #1; meanwhile the prompt "', "x → 200 (first #1)",
  " → 200 pending; prompt ", "\n(429 #1)", "\\"
];

test("a proof names the exchanges that its text names, and nothing quoted can name others", () => {
  for (const [text, others] of Object.entries(PROOFS)) {
    assert.deepEqual(plain(model.numbersOf({number: 9, text})), [9, ...others], text);
    for (const prompt of HOSTILE) {
      const steered = text.replace(/"[^"]*"/g, () => JSON.stringify(prompt));
      assert.deepEqual(plain(model.numbersOf({number: 9, text: steered})), [9, ...others], steered);
    }
  }
});

test("what stands outside quotes in a proof names an exchange in the judge's forms alone", () => {
  for (const text
           of ["GET /agents?q=(first → 404", "GET /(first#1) → 404 (first #3)",
               'GET /a"b → 200 (first #3)', "GET /x → 400 q is (first #1), wanted a number",
               'GET /agents → 200 has "(first #1)"; did you mean "of #1"?']) {
    const others = /\(first #3\)$/.test(text) ? [3] : [];
    assert.deepEqual(plain(model.numbersOf({number: 9, text})), [9, ...others], text);
  }
});

test("a rule's paragraph is taken apart, in the words of docs/rules.md", () => {
  const rules = readFileSync(new URL("../../docs/rules.md", import.meta.url), "utf8");
  const paragraph = rules.split("### retry-after\n")[1].split("\n### ")[0];
  const parts = plain(model.ruleParts(paragraph));
  assert.deepEqual(
      parts.map(({name}) => name),
      ["", "Why", "Broken by", "Do", "Judged", "Not judged", "Source"]);
  assert.equal(parts[2].text, "503 with Retry-After: 2, and the same request after 500 ms.");
});

test("prompts that no script matched keep the nearest script's criteria", () => {
  assert.deepEqual(
      plain(model.unmatchedOf({
        prompts: [
          {
            prompt: "p",
            job_id: "job_1",
            turn: 2,
            nearest: {script: "/turns/0", criteria: ["✗ turn is 1, got 2"]}
          },
          {prompt: "q"}
        ]
      })),
      [
        {prompt: "p", job: "job_1", turn: 2, nearest: "/turns/0", criteria: ["✗ turn is 1, got 2"]},
        {prompt: "q", job: "", turn: 0, nearest: "", criteria: []}
      ]);
});

test("sources of fidelity are those of the API's description", () => {
  const {paths} =
      JSON.parse(readFileSync(new URL("../../contracts/openapi.json", import.meta.url), "utf8"));
  const operations = Object.values(paths)
                         .flatMap((methods) => Object.values(methods))
                         .filter((one) => one.operationId);
  assert.ok(operations.length > 10);
  for (const {operationId, responses} of operations) {
    const [, success] = Object.entries(responses).find(([status]) => status.startsWith("2"));
    const exchange =
        {operation: operationId, status: 200, fault: "", recorded: false, replyHeaders: []};
    assert.match(model.fidelityOf(exchange), new RegExp(`^${success["x-source"]} `), operationId);
  }
});

test("a source that the fake told counts more, an error has none, and a fault is one", () => {
  const exchange = {operation: "start", status: 404, fault: "", recorded: false, replyHeaders: []};
  assert.match(
      model.fidelityOf(
          {...exchange, replyHeaders: [["X-Mock-Fidelity", "assumed, refuted 2026-11-26"]]}),
      /^assumed, refuted 2026-11-26/);
  assert.match(model.fidelityOf(exchange), /^not told here/);
  assert.match(model.fidelityOf({...exchange, fault: "start#1 status 503"}), /^a fault/);
});
