// What is taken along from the page: our own programs accept it, and it says the same again.
// NAIRI_BIN is the folder of the programs.
import assert from "node:assert/strict";
import {execFileSync, spawn} from "node:child_process";
import {mkdtempSync, rmSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {after, test} from "node:test";

import {lanesOf, model, plain} from "./model.mjs";

const bin = process.env.NAIRI_BIN;
const folder = mkdtempSync(join(tmpdir(), "inspector-"));
after(() => rmSync(folder, {recursive: true}));

/** What a program prints; what it printed is in the error, too, if it fails. */
function run(program, ...args) {
  try {
    return execFileSync(
        join(bin, program), args,
        {encoding: "utf8", cwd: folder, stdio: ["ignore", "pipe", "pipe"]});
  } catch (error) {
    error.message += error.stdout;
    throw error;
  }
}

const file = (name, value) => {
  writeFileSync(join(folder, name), JSON.stringify(value));
  return name;
};

/** A fake that plays a world, for as long as `use` runs. */
async function withFake(world, use, ...options) {
  const fake = spawn(
      join(bin, "nairi-mock"),
      ["serve", "--port", "0", "--log", "none", "--world", file("played.json", world), ...options],
      {cwd: folder, stdio: ["ignore", "pipe", "ignore"]});
  try {
    const ready = await new Promise((resolve, reject) => {
      fake.stdout.once("data", (line) => resolve(JSON.parse(line)));
      fake.once("exit", () => reject(new Error("the fake ended")));
    });
    return await use(ready);
  } finally {
    fake.kill();
  }
}

const HEADERS = {
  Authorization: "Bearer nr_inspected",
  "Content-Type": "application/json"
};

/** [status, body] of a call; [0] when there was no reply. */
async function call(ready, method, target, body) {
  try {
    const reply = await fetch(
        ready.base_url + target, {method, headers: HEADERS, body: body && JSON.stringify(body)});
    const text = await reply.text();
    try {
      return [reply.status, JSON.parse(text)];
    } catch {
      return [reply.status, text];
    }
  } catch {
    return [0];
  }
}

/** What a client sees that starts, polls, reads, and goes on. */
async function converse(ready, prompts) {
  const seen = [];
  let job;
  for (const prompt of prompts) {
    const target = job ? `/conversations/${job}/continue` : "/conversations/start";
    const [, begun] =
        await call(ready, "POST", target, job ? {prompt} : {agent_id: "teller", prompt});
    job ??= begun.job_id;
    for (let polls = 0, status = ""; status !== "completed" && status !== "failed"; ++polls) {
      assert.ok(polls < 50);
      const [answered, message] = await call(ready, "GET", `/messages/${begun.message_id}`);
      status = message?.status ?? "";
      seen.push([answered, status]);
    }
    const [, timeline] = await call(ready, "GET", `/conversations/${job}/messages`);
    seen.push(timeline.messages.map(
        ({role,
          content,
          status}) => [role, status, role === "progress" ? shown(content, job) : content]));
  }
  return seen;
}

/** An envelope without what differs from run to run. */
const shown = (content, job) =>
    content.replaceAll(job, "").replace(/"processed_message_id":"[^"]*"/, "");

/** The conversations that a fake saw. */
async function conversationsOf(ready) {
  const reply = await fetch(`${ready.control_url}/journal`, {headers: HEADERS});
  const lanes = lanesOf((await reply.json()).entries);
  return lanes.filter(({id}) => id);
}

const TURNS = [
  {
    when: {prompt: {contains: "Refund"}},
    timeline: [
      {status: "queued", polls: 2}, {
        status: "pending",
        polls: 3,
        system: ["New commit added: 3f2c1ab in #42"],
        progress: [
          {
            progress_type: "tool_use",
            tool_use_id: "t",
            tool_name: "Bash",
            tool_input: "{{prompt}}",
            tool_status: "running"
          },
          {
            progress_type: "tool_use",
            tool_use_id: "t",
            tool_name: "Bash",
            tool_status: "completed",
            tool_output: "ok"
          }
        ]
      },
      {status: "completed", reply: "Done: {{{{name}} {job} \"q\" <b>ü\u202e</b>"}
    ]
  },
  {
    when: {prompt: {equals: "Same"}, turn: 2},
    timeline: [{status: "pending"}, {status: "completed", reply: "Second"}]
  },
  {
    when: {prompt: {equals: "Same"}, turn: 3},
    timeline: [{status: "pending", polls: 2}, {status: "completed", reply: "Third"}]
  },
  {
    when: {prompt: {contains: "fail"}},
    timeline: [{status: "pending"}, {status: "failed", error: ["no host", "failed: no host"]}]
  },
  {timeline: [{status: "pending", polls: 2}, {status: "completed"}]},
];
const world = (faults = []) => ({agents: [{agent_id: "teller"}], turns: TURNS, faults});
const PROMPTS = {
  "answers of every kind": ["Refund {agent} {{x}} {+name}", "Same", "Same"],
  "a failed turn": ["Please fail"],
  "a turn without an answer": ["Nothing of it"],
  "a turn after a failed one": ["Please fail", "Refund it"]
};
const FAULTS = [
  {at: "poll#2", do: {status: 503, retry_after_s: 1, error: "later"}},
  {at: "poll#4", do: {reset_after_bytes: 0, executed: false}},
  {at: "poll#5", do: {malformed_json: true}},
  {at: "poll#6", do: {status: 502, body: "<h1>Bad</h1>", content_type: "text/html"}}
];

for (const [name, prompts] of Object.entries(PROMPTS)) {
  for (const faults of [[], FAULTS]) {
    test(
        `${name}${faults.length ? ", with faults" : ""}: saved as a world it plays again`,
        async () => {
          const [before, [lane]] = await withFake(
              world(faults),
              async (ready) => [await converse(ready, prompts), await conversationsOf(ready)]);
          const saved = plain(model.worldOf(lane));
          assert.match(run("nairi-mock", "check", file("saved.json", saved)), /: good: /);
          assert.deepEqual(await withFake(saved, (ready) => converse(ready, prompts)), before);
        });

    test(
        `${name}${
            faults.length ? ", with faults" :
                            ""}: saved as a case it is sound, and servers and clients pass it`,
        async () => {
          const [, [lane]] = await withFake(
              world(faults),
              async (ready) => [await converse(ready, prompts), await conversationsOf(ready)]);
          const saved = plain(model.caseOf(lane));
          const path = file(`${saved.name}.json`, saved);
          assert.match(run("nairi-contract", "lint", path), /1 case, 0 mistakes/);
          assert.equal("steps" in saved, new Set(prompts).size === prompts.length);
          if (saved.steps)
            assert.match(run("nairi-contract", "server", "--contracts", path), /1 case, 1 passed/);
          assert.match(run("nairi-contract", "client", "--contracts", path), /1 case, 1 passed/);
        });
  }
}

test("a case fails where the server says something else", async () => {
  const [, [lane]] = await withFake(
      world(),
      async (ready) =>
          [await converse(ready, PROMPTS["a failed turn"]), await conversationsOf(ready)]);
  const saved = plain(model.caseOf(lane));
  saved.steps[1].timeline = [{status: "completed", reply: "Fine."}];
  const path = file(`${saved.name}.json`, saved);
  assert.throws(
      () => run("nairi-contract", "server", "--contracts", path),
      (error) => error.status === 1 && /FAILED/.test(error.stdout));
});

test("a turn whose end nobody saw has none", async () => {
  const [lane] = await withFake(world(), async (ready) => {
    const [, begun] = await call(
        ready, "POST", "/conversations/start", {agent_id: "teller", prompt: "Nothing of it"});
    await call(ready, "GET", `/messages/${begun.message_id}`);
    return conversationsOf(ready);
  });
  assert.deepEqual(plain(model.worldOf(lane)).turns[0].timeline, [{status: "pending"}]);
  const path = file(`${model.nameOf(lane)}.json`, plain(model.caseOf(lane)));
  assert.match(run("nairi-contract", "lint", path), /1 case, 0 mistakes/);
  assert.match(run("nairi-contract", "client", "--contracts", path), /1 case, 1 passed/);
});

test("a conversation that was there before is there again", async () => {
  const job = "job_01KRK1V46BXS73CSNK2VR35NQ2";
  const old = {
    ...world(),
    jobs: [{
      id: job,
      agent_id: "teller",
      messages: [{role: "user", content: "Old?"}, {role: "assistant", content: "Old."}]
    }]
  };
  const [lane] = await withFake(old, async (ready) => {
    const [, begun] = await call(ready, "POST", `/conversations/${job}/continue`, {prompt: "Same"});
    for (let i = 0; i < 3; ++i) await call(ready, "GET", `/messages/${begun.message_id}`);
    await call(ready, "GET", `/conversations/${job}/messages`);
    return conversationsOf(ready);
  });
  const saved = plain(model.worldOf(lane));
  assert.deepEqual(saved.jobs[0].messages.map(({content}) => content), ["Old?", "Old."]);
  assert.match(run("nairi-mock", "check", file("saved.json", saved)), /1 job, 1 turn script/);
  const path = file(`${model.nameOf(lane)}.json`, plain(model.caseOf(lane)));
  assert.match(run("nairi-contract", "lint", path), /1 case, 0 mistakes/);
  assert.match(run("nairi-contract", "client", "--contracts", path), /1 case, 1 passed/);
});

test("where the clock stands, answers are saved with their own prompts", async () => {
  const answers = {One: "Answer one", Two: "Answer two", Three: "Answer three"};
  const job = "job_01KRK1V46BXS73CSNK2VR35NQ2";
  const messages = [
    {role: "user", content: "Old?"}, {role: "assistant", content: "Old."},
    {role: "user", content: "Older?"}, {role: "assistant", content: "Older."}
  ];
  const standing = {
    ...world(),
    jobs: [{id: job, agent_id: "teller", messages}],
    turns: Object.entries(answers).map(
        ([prompt, reply]) =>
            ({when: {prompt: {equals: prompt}}, timeline: [{status: "completed", reply}]}))
  };
  const [lane] = await withFake(standing, async (ready) => {
    for (const prompt of Object.keys(answers)) {
      const [, begun] = await call(ready, "POST", `/conversations/${job}/continue`, {prompt});
      await call(ready, "GET", `/messages/${begun.message_id}`);
    }
    await call(ready, "GET", `/conversations/${job}/messages`);
    return conversationsOf(ready);
  }, "--clock", "virtual");
  assert.equal(new Set(lane.messages.map(({created}) => created)).size, 1);
  const saved = plain(model.worldOf(lane));
  assert.deepEqual(saved.jobs[0].messages.map(({role, content}) => ({role, content})), messages);
  assert.deepEqual(
      saved.turns.map(({when, timeline}) => [when.prompt.equals, timeline.at(-1).reply]),
      Object.entries(answers));
  assert.match(run("nairi-mock", "check", file("saved.json", saved)), /1 job, 3 turn script/);
});

test("a proof of the fake's judge names the exchanges, whatever the prompts say", async () => {
  const hostile = 'Nothing: (first #1) " of #1; meanwhile the prompt " of #1';
  const verdicts = await withFake(world(), async (ready) => {
    await call(ready, "GET", "/agents");
    const [, first] =
        await call(ready, "POST", "/conversations/start", {agent_id: "teller", prompt: hostile});
    const [, second] = await call(
        ready, "POST", `/conversations/${first.job_id}/continue`, {prompt: `2. ${hostile}`});
    await call(ready, "GET", `/messages/${second.message_id}`);
    for (let i = 0; i < 3; ++i) await call(ready, "GET", `/messages/${first.message_id}`);
    const reply = await fetch(`${ready.control_url}/verdicts`, {headers: HEADERS});
    return model.verdictsOf(await reply.json());
  }, "--judge", "warn");
  const [proof] = verdicts.find(({rule}) => rule === "polls-until-terminal").evidence;
  assert.match(
      proof.text, /prompt "2\. .* of #3; meanwhile .* of #2 in the same conversation had ended$/);
  assert.deepEqual(plain(model.numbersOf(proof)), [4, 3, 2]);
});

/** A conversation whose polls showed these statuses, whatever a real server may answer. */
function polled(...statuses) {
  const job = "job_01KRK1V46BXS73CSNK2VR35NQ2";
  const line = (i, operation, method, target, reply, body) => ({
    number: i + 1,
    received_us: (i + 1) * 1000000,
    organization: 1,
    operation,
    method,
    status: 200,
    target: `/api/public/v1${target}`,
    body: JSON.stringify(body),
    reply_body: JSON.stringify(reply)
  });
  const prompt = {id: "cmsg_1", job_id: job, role: "user", content: "Go"};
  const polls = statuses.map(
      (status, i) => line(i + 1, "poll", "GET", "/messages/cmsg_1", {...prompt, status}));
  const [lane] = lanesOf([
    line(
        0, "start", "POST", "/conversations/start", {job_id: job, message_id: "cmsg_1"},
        {agent_id: "teller", prompt: "Go"}),
    ...polls
  ]);
  return lane;
}

const STATUSES = {
  "pending completed pending completed":
      [{status: "pending", polls: 1, ms: 1000}, {status: "completed"}],
  "completed archived": [{status: "completed"}],
  "completed completed pending": [{status: "completed"}],
  "pending failed completed":
      [{status: "pending", polls: 1, ms: 1000}, {status: "failed", error: "its text was not seen"}],
  "archived pending archived archived pending completed":
      [{status: "pending", polls: 4, ms: 4000}, {status: "completed"}],
  "pending archived": [{status: "pending"}],
  "archived": [{status: "pending"}],
};
for (const [statuses, timeline] of Object.entries(STATUSES)) {
  test(`of ${statuses} what the API can show is saved, up to the first end`, () => {
    const lane = polled(...statuses.split(" "));
    const saved = plain(model.worldOf(lane));
    assert.deepEqual(saved.turns[0].timeline, timeline);
    assert.match(run("nairi-mock", "check", file("saved.json", saved)), /: good: /);
    const path = file(`${model.nameOf(lane)}.json`, plain(model.caseOf(lane)));
    assert.match(run("nairi-contract", "lint", path), /1 case, 0 mistakes/);
    assert.match(run("nairi-contract", "client", "--contracts", path), /1 case, 1 passed/);
  });
}

test("a reply that was held is not held again, as nobody would let it go", () => {
  const call = (number, operation, fault) => ({
    number,
    received_us: number,
    organization: 1,
    operation,
    method: "GET",
    fault,
    status: 200,
    target: "/api/public/v1/messages/cmsg_1",
    reply_body: '{"id": "cmsg_1", "job_id": "job_1", "role": "user", "status": "pending"}'
  });
  const [lane] = lanesOf([
    call(1, "poll", 'poll#1 hold "mine", delay_ms 5'),
    call(2, "poll", 'poll#2 hold "x, status 500, executed false, malformed_json"')
  ]);
  assert.deepEqual(plain(model.worldOf(lane)).faults, [{at: "poll#1", do: {delay_ms: 5}}]);
  assert.deepEqual(plain(lane.calls.map(({outcome}) => outcome)), ["ok", "ok"]);
  assert.equal(lane.messages[0].spans[0].reads, 2);
});

// ------------------------------------------------------------------------------------------- curl

const exchange = (more) => model.exchangesOfJournal([{
  number: 1,
  received_us: 1,
  method: "POST",
  target: "/api/public/v1/s",
  headers: [],
  body: "",
  ...more
}])[0];

test("curl gets the request as it was, in quotes that hold, and never the key", () => {
  const one = exchange({
    body: "{\"prompt\":\"it's $HOME\"}",
    body_bytes: 23,
    headers:
        [["Authorization", "Bearer nr_secret"], ["Content-Type", "application/json"], ["Host", "h"]]
  });
  assert.equal(
      model.curlOf(one, "http://127.0.0.1:1/api/public/v1"),
      `curl -i -g --path-as-is -X 'POST' -H "Authorization: Bearer $NAIRI_API_KEY" -H 'Content-Type: application/json' ` +
          `--data-raw '{"prompt":"it'\\''s $HOME"}' 'http://127.0.0.1:1/api/public/v1/s'`);
});

test("the shell gives curl what the client had sent, whatever it was", () => {
  for (const body
           of ["@/etc/hostname", "it's\n\t\"$(echo no)\" `echo no` \\ \u001b[31m",
               "%s\\x41 ü\u202e", "-o x"]) {
    const command = model.curlOf(
        exchange({
          body,
          body_bytes: Buffer.byteLength(body),
          headers: [["X-Odd", body.replace(/\n/g, " ")]]
        }),
        "http://h");
    const words = execFileSync("bash", ["-c", `curl() { printf '%s\\0' "$@"; }; ${command}`], {
                    encoding: "utf8"
                  }).split("\0");
    assert.equal(words[words.indexOf("--data-raw") + 1], body);
    assert.equal(words[words.indexOf("-H") + 1], `X-Odd: ${body.replace(/\n/g, " ")}`);
  }
});

test("a header without a value is sent without one", () => {
  assert.match(model.curlOf(exchange({headers: [["X-Empty", ""]]}), "http://h"), / -H 'X-Empty;' /);
});

test("a header whose name is none makes curl read no file", () => {
  assert.doesNotMatch(
      model.curlOf(exchange({headers: [["@/etc/passwd", "x"]]}), "http://h"), /passwd/);
});

test(
    "curl asks where the target stood: below the API's prefix for a recording, and of a root that nobody knows",
    () => {
      const recorded = {...exchange({method: "GET"}), target: "/agents?limit=1", recorded: true};
      assert.match(
          model.curlOf(recorded, "https://api.example/api/public/v1"),
          / 'https:\/\/api.example\/api\/public\/v1\/agents\?limit=1'$/);
      assert.match(
          model.curlOf(exchange({method: "GET", target: "/nothing"}), "http://h:1/api/public/v1"),
          / 'http:\/\/h:1\/nothing'$/);
      for (const one
               of [recorded, exchange({method: "GET", target: "/api/public/v1/agents?limit=1"})])
        assert.match(model.curlOf(one, ""), / "\$NAIRI_BASE_URL"'\/agents\?limit=1'$/);
    });

test("curl says when the body was not kept whole", () => {
  assert.match(
      model.curlOf(exchange({body: "abc", body_bytes: 9}), "http://h"),
      /^# Only 3 of the body's 9 bytes were kept.\ncurl /);
});
