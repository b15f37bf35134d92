// What the page shows, without a page: exchanges → lanes, one for each conversation, with what the
// client did above and what the server said below. Pure: no DOM, no clock, no network.
"use strict";

/**
 * One call and its answer, whether it comes from a fake's journal or from a recording.
 * @typedef {object} Exchange
 * @property {number} number   as in the journal or the recording
 * @property {string} key      who called: "key-1", "organization 2"; "" for nobody
 * @property {string} at       the world's time, as text; "" when it had none
 * @property {number} began    milliseconds since the first exchange
 * @property {number} took     milliseconds until the answer was there, as far as it is known
 * @property {number} connection
 * @property {string} operation  "start", "poll", …; "" when no route fits
 * @property {string} method
 * @property {string} target   path and query as sent
 * @property {Header[]} requestHeaders
 * @property {string} requestBody
 * @property {number} requestBytes
 * @property {number} status   0: nothing was answered
 * @property {Header[]} replyHeaders
 * @property {string} replyBody
 * @property {number} replyBytes
 * @property {string} fault    what the fake did to it, "" for nothing
 * @property {string} hint
 * @property {string} refused
 * @property {string} ending   "whole", "cut", "reset", "none", "abandoned"
 */
/** @typedef {[string, string]} Header */

/**
 * What one call of a lane is to the eye.
 * @typedef {object} Call
 * @property {Exchange} exchange
 * @property {Outcome} outcome
 * @property {number} repeats   the number of the exchange that it repeats; 0: none
 * @property {number} waited    milliseconds since the call before it in the lane ended; -1: the first
 */
/** @typedef {"ok" | "refused" | "unavailable" | "broken"} Outcome */

/**
 * One message, as replies showed it.
 * @typedef {object} Message
 * @property {string} id
 * @property {string} role
 * @property {string} content
 * @property {Span[]} spans       its statuses, one after the other
 * @property {string} progressType  of progress: "text", "tool_use", …; else ""
 * @property {string} summary     what a person reads of it, in one line
 * @property {boolean} isNotice   a system message that is no failure
 */
/**
 * @typedef {object} Span
 * @property {string} status
 * @property {number} from   milliseconds since the first exchange: when it was first seen
 * @property {number} to     when it was seen last, or when the next status was seen
 */

/**
 * @typedef {object} Lane
 * @property {string} id        the conversation's; "" for the calls that belong to none
 * @property {string} key
 * @property {string} agent
 * @property {string} title     the first prompt, or what else the lane is
 * @property {string} jobStatus as a list showed it last; "" when none did
 * @property {Call[]} calls     in the order in which they began
 * @property {Message[]} messages  in the order in which they were first seen
 * @property {number} from
 * @property {number} to
 * @property {number} troubles  how many calls were not answered well
 */

// ---------------------------------------------------------------------------------------- reading

/**
 * The exchanges of a journal (`GET /__mock/journal`) in the order in which they came.
 * @param {any[]} entries
 * @returns {Exchange[]}
 */
function exchangesOfJournal(entries) {
  const first = entries.length ? number(entries[0].received_us) : 0;
  return entries.map((entry) => ({
    number: number(entry.number),
    key: entry.key ?? (entry.organization ? `organization ${entry.organization}` : ""),
    at: text(entry.at),
    began: (number(entry.received_us) - first) / 1000,
    took: number(entry.took_ms),
    connection: number(entry.connection),
    operation: text(entry.operation),
    method: text(entry.method),
    target: text(entry.target),
    requestHeaders: headers(entry.headers),
    requestBody: text(entry.body),
    requestBytes: number(entry.body_bytes),
    status: number(entry.status),
    replyHeaders: headers(entry.reply_headers),
    replyBody: text(entry.reply_body),
    replyBytes: number(entry.reply_bytes),
    fault: text(entry.fault),
    hint: text(entry.hint),
    refused: text(entry.refused),
    ending: entry.status ? "whole" : "none",
  }));
}

/**
 * The exchanges of a recording's lines, without its head.
 * @param {any[]} lines
 * @returns {Exchange[]}
 */
function exchangesOfRecording(lines) {
  const first = Math.min(...lines.map((line) => number(line.began_us)));
  const exchanges = lines.map((line) => ({
    number: number(line.number),
    key: text(line.key),
    at: text(line.at),
    began: (number(line.began_us) - first) / 1000,
    took: (number(line.ended_us) - number(line.began_us)) / 1000,
    connection: number(line.connection),
    operation: operationOf(text(line.request.method), text(line.request.target)),
    method: text(line.request.method),
    target: text(line.request.target),
    requestHeaders: headers(line.request.headers),
    requestBody: text(line.request.body.text),
    requestBytes: number(line.request.body.bytes),
    status: number(line.reply.status),
    replyHeaders: headers(line.reply.headers),
    replyBody: text(line.reply.body.text),
    replyBytes: number(line.reply.body.bytes),
    fault: "",
    hint: "",
    refused: "",
    ending: text(line.ending),
  }));
  return exchanges.sort((a, b) => a.began - b.began || a.number - b.number);
}

/** @param {unknown} value @returns {string} */
function text(value) {
  return typeof value === "string" ? value : "";
}

/** @param {unknown} value @returns {number} */
function number(value) {
  return typeof value === "number" && Number.isFinite(value) ? value : 0;
}

/** @param {unknown} list @returns {Header[]} */
function headers(list) {
  if (!Array.isArray(list)) return [];
  return list.map((one) => (Array.isArray(one) ? [text(one[0]), text(one[1])] : [text(one?.name), text(one?.value)]));
}

const PREFIX = "/api/public/v1";
/** @type {[string, string, RegExp][]} */
const ROUTES = [
  ["start", "POST", /^\/conversations\/start$/],
  ["continue", "POST", /^\/conversations\/[^/]+\/continue$/],
  ["messages", "GET", /^\/conversations\/[^/]+\/messages$/],
  ["poll", "GET", /^\/messages\/[^/]+$/],
  ["conversations", "GET", /^\/agents\/.+\/conversations$/],
  ["agents", "GET", /^\/agents$/],
  ["create_agent", "POST", /^\/agents$/],
  ["deploy", "POST", /^\/agents\/.+\/deploy$/],
  ["agent", "GET", /^\/agents\/.+$/],
  ["update_agent", "PATCH", /^\/agents\/.+$/],
  ["delete_agent", "DELETE", /^\/agents\/.+$/],
  ["upload", "POST", /^\/attachments$/],
  ["attachment", "GET", /^\/attachments\/[^/]+$/],
];

/** @param {string} method @param {string} target @returns {string} */
function operationOf(method, target) {
  const path = pathOf(target);
  return ROUTES.find(([, itsMethod, form]) => itsMethod === method && form.test(path))?.[0] ?? "";
}

/** The path below the API's prefix. @param {string} target @returns {string} */
function pathOf(target) {
  const path = target.split("?")[0];
  return path.startsWith(PREFIX) ? path.slice(PREFIX.length) : path;
}

/** The value of JSON text; undefined for anything else. @param {string} body @returns {any} */
function jsonOf(body) {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

// ------------------------------------------------------------------------------------------ lanes

/**
 * A lane for each conversation, in the order in which they began, and one for each key's calls that
 * belong to none.
 * @param {Exchange[]} exchanges
 * @returns {Lane[]}
 */
function lanesOf(exchanges) {
  const book = new LaneBook();
  for (const exchange of exchanges) book.add(exchange);
  return book.lanes();
}

/** Finds out what belongs together: ids in paths, bodies and replies tell. */
class LaneBook {
  constructor() {
    /** @type {Map<string, Lane>} by key and conversation */
    this.byJob = new Map();
    /** @type {Map<string, string>} message → conversation */
    this.jobOfMessage = new Map();
    /** @type {Map<string, Exchange>} attachment → its upload, which belongs to whoever refers to it */
    this.uploads = new Map();
    /** @type {Map<string, Exchange[]>} by request: those that may be repeated */
    this.sameRequests = new Map();
  }

  /** @param {Exchange} exchange */
  add(exchange) {
    const reply = jsonOf(exchange.replyBody);
    const job = this.jobOf(exchange, reply);
    const lane = this.lane(exchange.key, job);
    this.addCall(lane, exchange);
    if (isObject(reply)) this.learn(lane, exchange, reply);
  }

  /** @returns {Lane[]} */
  lanes() {
    const lanes = [...this.byJob.values()];
    for (const lane of lanes) finishLane(lane);
    return lanes.filter((lane) => lane.calls.length).sort((a, b) => Number(!a.id) - Number(!b.id) || a.from - b.from);
  }

  /** @param {Exchange} exchange @param {any} reply @returns {string} */
  jobOf(exchange, reply) {
    const path = pathOf(exchange.target);
    const parts = path.split("/");
    switch (exchange.operation) {
      case "start":
        return text(reply?.job_id);
      case "continue":
      case "messages":
        return parts[2];
      case "poll":
        return text(reply?.job_id) || (this.jobOfMessage.get(parts[2]) ?? "");
      default:
        return "";
    }
  }

  /** @param {string} key @param {string} job @returns {Lane} */
  lane(key, job) {
    const name = `${key}\n${job}`;
    let lane = this.byJob.get(name);
    if (!lane) {
      lane = { id: job, key, agent: "", title: job ? "" : "Other calls", jobStatus: "", calls: [],
               messages: [], from: Infinity, to: -Infinity, troubles: 0 };
      this.byJob.set(name, lane);
    }
    return lane;
  }

  /** @param {Lane} lane @param {Exchange} exchange */
  addCall(lane, exchange) {
    const last = lane.calls[lane.calls.length - 1]?.exchange;
    const waited = last ? exchange.began - last.began - last.took : -1;
    const outcome = outcomeOf(exchange);
    lane.calls.push({ exchange, outcome, repeats: this.repeatedBy(exchange), waited });
  }

  /**
   * The exchange that this one repeats: the same request of the same key, which was not answered
   * well. Who polls again after an answer repeats nothing.
   * @param {Exchange} exchange @returns {number}
   */
  repeatedBy(exchange) {
    const request = `${exchange.key}\n${exchange.method} ${exchange.target}\n${exchange.requestBody}`;
    const before = this.sameRequests.get(request);
    this.sameRequests.set(request, [exchange]);
    if (!before) return 0;
    const failed = outcomeOf(before[0]);
    return failed === "unavailable" || failed === "broken" ? before[0].number : 0;
  }

  /** @param {Lane} lane @param {Exchange} exchange @param {any} reply */
  learn(lane, exchange, reply) {
    const body = jsonOf(exchange.requestBody);
    const shownAt = exchange.began + exchange.took;
    switch (exchange.operation) {
      case "start":
      case "continue":
        if (!text(reply.message_id)) break;
        this.jobOfMessage.set(reply.message_id, lane.id);
        lane.title ||= text(body?.prompt);
        lane.agent ||= text(body?.agent_id);
        for (const id of array(body?.attachment_ids)) this.bringUpload(lane, id);
        break;
      case "upload":
        if (text(reply.attachment_id)) this.uploads.set(reply.attachment_id, exchange);
        break;
      case "poll":
        if (text(reply.id)) this.see(lane, reply, shownAt);
        break;
      case "messages":
        for (const message of array(reply.messages)) {
          if (isObject(message)) this.see(lane, message, shownAt);
        }
        break;
      case "conversations":
        for (const one of array(reply.conversations)) {
          const listed = this.byJob.get(`${exchange.key}\n${text(one?.id)}`);
          if (listed) listed.jobStatus = text(one.status);
        }
        break;
    }
  }

  /** Moves the upload of a file to the conversation that uses it. @param {Lane} lane @param {any} id */
  bringUpload(lane, id) {
    const upload = this.uploads.get(text(id));
    const others = upload && this.byJob.get(`${upload.key}\n`);
    const at = others?.calls.findIndex((call) => call.exchange === upload) ?? -1;
    if (others && at >= 0) lane.calls.unshift(...others.calls.splice(at, 1));
  }

  /** @param {Lane} lane @param {any} seen @param {number} at */
  see(lane, seen, at) {
    this.jobOfMessage.set(text(seen.id), lane.id);
    let message = lane.messages.find((one) => one.id === seen.id);
    if (!message) {
      message = { id: text(seen.id), role: text(seen.role), content: "", spans: [], progressType: text(seen.progress_type),
                  summary: "", isNotice: false };
      lane.messages.push(message);
    }
    message.content = text(seen.content);
    message.summary = summaryOf(seen);
    message.isNotice = message.role === "system" && !message.content.startsWith("nairid encountered error:");
    const last = message.spans[message.spans.length - 1];
    if (last?.status === seen.status) {
      last.to = at;
    } else {
      if (last) last.to = at;
      message.spans.push({ status: text(seen.status), from: at, to: at });
    }
  }
}

/** @param {Lane} lane */
function finishLane(lane) {
  lane.calls.sort((a, b) => a.exchange.began - b.exchange.began || a.exchange.number - b.exchange.number);
  for (const { exchange, outcome } of lane.calls) {
    lane.from = Math.min(lane.from, exchange.began);
    lane.to = Math.max(lane.to, exchange.began + exchange.took);
    if (outcome !== "ok") ++lane.troubles;
  }
  lane.title ||= lane.messages.find((message) => message.role === "user")?.content ?? "";
}

/** @param {Exchange} exchange @returns {Outcome} */
function outcomeOf(exchange) {
  if (exchange.ending !== "whole" || exchange.status === 0) return "broken";
  if (/malformed|truncate|reset|empty/.test(exchange.fault)) return "broken";
  if (exchange.status === 429 || exchange.status >= 500) return "unavailable";
  return exchange.status >= 400 ? "refused" : "ok";
}

/** A message in one line. @param {any} message @returns {string} */
function summaryOf(message) {
  if (message.role !== "progress") return oneLine(text(message.content));
  const envelope = jsonOf(text(message.content)) ?? {};
  const tool = text(envelope.tool_name || message.tool_name);
  const what = text(envelope.text_delta) || text(envelope.summary) || text(envelope.tool_output) || text(envelope.tool_input);
  return oneLine([text(message.progress_type), tool, text(envelope.tool_status), what].filter(Boolean).join(" · "));
}

/** @param {string} long @returns {string} */
function oneLine(long) {
  const line = long.replace(/\s+/g, " ").trim();
  const characters = Array.from(line.slice(0, 400));
  return characters.length > 160 ? `${characters.slice(0, 159).join("")}…` : line;
}

/** @param {unknown} value @returns {any[]} */
function array(value) {
  return Array.isArray(value) ? value : [];
}

/** @param {unknown} value @returns {boolean} */
function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

// ------------------------------------------------------------------------------------------ scale

/**
 * Where a moment stands on the lane. Pauses much longer than the others are shown shortened, as
 * breaks, so that neither they nor what is between them gets lost.
 * @typedef {object} Scale
 * @property {number} width
 * @property {(time: number) => number} x
 * @property {{x: number, pause: number}[]} breaks  the middle of each, and how long it really is
 */

const LEAST_GAP_PX = 3;
const WIDEST_PX = 60000;

/**
 * @param {number[]} times   at which something happens, in any order
 * @param {number} width     of what there is to see without scrolling
 * @param {number} zoom      1: as wide as needed to tell the calls from one another
 * @returns {Scale}
 */
function scaleOf(times, width, zoom) {
  const moments = [...new Set(times)].sort((a, b) => a - b);
  const gaps = moments.slice(1).map((moment, i) => moment - moments[i]);
  const usual = quantileOf(gaps, 0.5);
  const longest = Math.max(quantileOf(gaps, 0.9) * 4, 1e-6);
  const shown = gaps.map((gap) => Math.min(gap, longest));
  const whole = shown.reduce((sum, gap) => sum + gap, 0) || 1;
  const needed = usual > 0 ? (LEAST_GAP_PX * whole) / usual : 0;
  const scaled = Math.min(Math.max(width, needed) * zoom, WIDEST_PX);
  const places = [0];
  const breaks = [];
  for (let i = 0; i < gaps.length; ++i) {
    const end = places[i] + (shown[i] / whole) * scaled;
    if (gaps[i] > longest) breaks.push({ x: (places[i] + end) / 2, pause: gaps[i] });
    places.push(end);
  }
  return { width: scaled, breaks, x: (time) => placeOf(time, moments, places) };
}

/** @param {number[]} numbers @param {number} part @returns {number} */
function quantileOf(numbers, part) {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted.length ? sorted[Math.floor((sorted.length - 1) * part)] : 0;
}

/** Between two moments, in proportion. @param {number} time @param {number[]} moments @param {number[]} places */
function placeOf(time, moments, places) {
  let low = 0;
  let high = moments.length - 1;
  if (high < 0 || time <= moments[0]) return 0;
  if (time >= moments[high]) return places[high];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (moments[middle] <= time) low = middle;
    else high = middle;
  }
  const part = (time - moments[low]) / (moments[high] - moments[low]);
  return places[low] + part * (places[high] - places[low]);
}

/** "340 ms", "2.1 s", "12 min", "3.2 h". @param {number} ms @returns {string} */
function duration(ms) {
  if (ms < 10) return `${Math.round(ms * 10) / 10} ms`;
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 100000) return `${Math.round(ms / 100) / 10} s`;
  if (ms < 6000000) return `${Math.round(ms / 60000)} min`;
  return `${Math.round(ms / 360000) / 10} h`;
}

// -------------------------------------------------------------------------------------- filtering

/**
 * What the page is asked to show.
 * @typedef {object} Filter
 * @property {string} text       anywhere in an exchange or a message, without case
 * @property {string} key
 * @property {string} operation
 * @property {string} status     "200", "4xx", "none"; "" for any
 * @property {boolean} faults    only what a fault struck
 */

/** @param {Exchange} exchange @param {Filter} filter @returns {boolean} */
function fits(exchange, filter) {
  if (filter.key && exchange.key !== filter.key) return false;
  if (filter.operation && exchange.operation !== filter.operation) return false;
  if (filter.faults && !exchange.fault) return false;
  if (filter.status && !statusFits(exchange.status, filter.status)) return false;
  if (!filter.text) return true;
  const wanted = filter.text.toLowerCase();
  return [exchange.target, exchange.requestBody, exchange.replyBody, exchange.fault, exchange.hint, exchange.refused]
    .some((where) => where.toLowerCase().includes(wanted));
}

/** @param {number} status @param {string} wanted @returns {boolean} */
function statusFits(status, wanted) {
  if (wanted === "none") return status === 0;
  return /^\dxx$/.test(wanted) ? Math.floor(status / 100) === Number(wanted[0]) : status === Number(wanted);
}

// ----------------------------------------------------------------------------------------- saving

/** The exchange as a command for a shell. The key stays out. @param {Exchange} exchange @param {string} root @returns {string} */
function curlOf(exchange, root) {
  const parts = ["curl", "-i"];
  if (exchange.method !== "GET") parts.push("-X", exchange.method);
  for (const [name, value] of exchange.requestHeaders) {
    if (/^(host|content-length|connection|accept-encoding)$/i.test(name)) continue;
    if (/^authorization$/i.test(name)) {
      parts.push("-H", '"Authorization: Bearer $NAIRI_API_KEY"');
    } else {
      parts.push("-H", shellQuoted(`${name}: ${value}`));
    }
  }
  if (exchange.requestBody) parts.push("--data-binary", shellQuoted(exchange.requestBody));
  parts.push(shellQuoted(root + exchange.target));
  return parts.join(" ");
}

/** @param {string} word @returns {string} */
function shellQuoted(word) {
  return `'${word.replaceAll("'", "'\\''")}'`;
}

/** A world in which this conversation's prompts are answered as they were. @param {Lane} lane @returns {any} */
function worldOf(lane) {
  return {
    turns: turnsOf(lane).map(({ prompt, timeline }) => ({ when: { prompt: { equals: prompt } }, timeline })),
  };
}

/**
 * Each prompt of a conversation, with the stages that its answer went through.
 * @param {Lane} lane
 * @returns {{prompt: string, timeline: any[]}[]}
 */
function turnsOf(lane) {
  /** @type {{prompt: string, timeline: any[]}[]} */
  const turns = [];
  for (const message of lane.messages) {
    if (message.role === "user") {
      turns.push({ prompt: message.content, timeline: stagesOf(message) });
      continue;
    }
    const turn = turns[turns.length - 1];
    if (!turn) continue;
    const last = turn.timeline[turn.timeline.length - 1];
    if (message.role === "assistant" && last.status === "completed") last.reply = message.content;
    if (message.role === "system" && last.status === "failed") {
      last.error = message.content.replace(/^nairid encountered error: /, "");
    }
  }
  return turns;
}

/** @param {Message} message @returns {any[]} */
function stagesOf(message) {
  const stages = message.spans.map(({ status, from, to }) => {
    const ended = status === "completed" || status === "failed";
    return ended ? { status } : { status, polls: 1, ms: Math.max(1, Math.round(to - from)) };
  });
  return stages.some((stage) => !("polls" in stage)) ? stages : [...stages, { status: "completed", reply: "" }];
}
