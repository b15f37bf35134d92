// Data for a page that no fake was asked for: as large, or as strange, as a test wants it.

const id = (kind, number) => `${kind}_${String(number).padStart(26, "0")}`;

/** Entries of a journal, a second after one another. */
class Journal {
  constructor() {
    this.entries = [];
    this.us = 1;
  }

  add(operation, method, target, body, status, reply, more = {}) {
    this.us += 1_000_000;
    const [sent, got] = [body, reply].map((value) => (value === undefined ? "" : JSON.stringify(value)));
    this.entries.push({
      number: this.entries.length + 1, organization: 1, at: "2026-04-12T18:45:12.000Z", received_us: this.us, connection: 1,
      operation, method, target: `/api/public/v1${target}`, headers: [{ name: "authorization", value: "[redacted]" }],
      body: sent, body_bytes: sent.length, status, sending_ms: 0, reply_headers: [], reply_body: got, reply_bytes: got.length, ...more,
    });
  }

  start(number) {
    this.prompt = `Prompt ${number}.`;
    this.job = id("job", number);
    this.message = id("cmsg", number);
    this.add("start", "POST", "/conversations/start", { agent_id: "my-agent", prompt: this.prompt }, 200,
      { job_id: this.job, message_id: this.message });
  }

  poll(status, code = 200) {
    const reply = { id: this.message, job_id: this.job, role: "user", content: this.prompt, status };
    this.add("poll", "GET", `/messages/${this.message}`, undefined, code, code === 200 ? reply : { error: "service unavailable" });
  }
}

/** What a page is given of one run. */
export function pageOf(journal, more = {}) {
  return {
    page: 1, mode: "file", by: "nairi-mock 0.0.0", title: "made", at: "2026-11-26T19:00:00.000Z", root: "", remarks: [],
    runs: [{ name: "organization 1", result: "", findings: [], journal: { entries: journal.entries, dropped: 0 } }], ...more,
  };
}

/** So many conversations of so many exchanges each; every fiftieth poll fails. */
export function manyLanes(lanes, exchanges) {
  const journal = new Journal();
  for (let lane = 0; lane < lanes; ++lane) {
    journal.start(lane);
    for (let i = 1; i < exchanges - 1; ++i) journal.poll("pending", i % 50 === 7 ? 503 : 200);
    journal.poll("completed");
  }
  return pageOf(journal);
}

/** One conversation of so many polls, with a pause of ten minutes between them. */
export function longLane(polls) {
  const journal = new Journal();
  journal.start(1);
  for (let i = 0; i < polls; ++i) {
    if (i === 100) journal.us += 600_000_000;
    journal.poll(i < polls - 1 ? "pending" : "completed");
  }
  return pageOf(journal);
}

/** The same data with something put into each text that is no mark of ours, and into each name of a header. */
export function tainted(value, taint, key = "") {
  if (typeof value === "string") {
    if (["role", "status", "outcome", "level", "result", "mode", "at", "method", "operation"].includes(key)) return value;
    return key === "body" || key === "reply_body" ? taintedJson(value, taint) : value + taint;
  }
  if (Array.isArray(value)) return value.map((one) => tainted(one, taint, key));
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, tainted(one, taint, name)]));
}

function taintedJson(body, taint) {
  try {
    return JSON.stringify(tainted(JSON.parse(body), taint));
  } catch {
    return body + taint;
  }
}

/** The same data with each value at the ends replaced. */
export function replaced(value, by) {
  if (Array.isArray(value)) return value.map((one) => replaced(one, by));
  if (value === null || typeof value !== "object") return by;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, name === "mode" || name === "page" ? one : replaced(one, by)]));
}
