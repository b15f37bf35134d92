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
 * @property {number} took     milliseconds until the answer was there; of a journal: what a fault added
 * @property {number} connection
 * @property {string} operation  "start", "poll", …; "" when no route fits
 * @property {string} method
 * @property {string} target   path and query; of a recording without the API's prefix
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
 * @property {boolean} recorded  by somebody between client and server, not by the fake itself
 */
/** @typedef {[string, string]} Header */

/**
 * What one call of a lane is to the eye.
 * @typedef {object} Call
 * @property {Exchange} exchange
 * @property {Outcome} outcome
 * @property {number} repeats   the number of the exchange that it repeats; 0: none
 * @property {number} waited    milliseconds since the call before it in the lane ended; -1: the first
 * @property {Wait | null} wait when an earlier reply had asked to wait
 */
/** @typedef {"ok" | "refused" | "unavailable" | "broken"} Outcome */
/**
 * @typedef {object} Wait
 * @property {number} number  of the exchange whose reply asked
 * @property {number} asked   milliseconds
 * @property {number} real    milliseconds
 */

/**
 * One message, as replies showed it.
 * @typedef {object} Message
 * @property {string} id
 * @property {string} role
 * @property {string} content
 * @property {Span[]} spans       its statuses, one after the other; none before one was seen
 * @property {number} from        milliseconds: when it was sent or first seen
 * @property {string} created     as the API tells, or when it was asked
 * @property {string} updated
 * @property {boolean} asked      the prompt of a call in this lane
 * @property {boolean} askMode
 * @property {number} files       how many hang on it
 * @property {number} unseen      reads before the first that showed a status
 * @property {boolean} isCut      only the beginning of its content was kept
 */
/**
 * @typedef {object} Span
 * @property {string} status
 * @property {number} from   milliseconds: when it was first seen
 * @property {number} to     when it was seen last, or when the next status was seen
 * @property {number} reads  how often it was seen
 */

/**
 * @typedef {object} Lane
 * @property {string} id        the conversation's; "" for the calls that belong to none
 * @property {string} key
 * @property {string} agent
 * @property {string} title     the first prompt, or what else the lane is
 * @property {string} jobStatus as a list showed it last; "" when none did
 * @property {Call[]} calls     in the order in which they began
 * @property {Message[]} messages  oldest first
 * @property {number} from
 * @property {number} to
 */
/** A prompt and what came of it. @typedef {{prompt: Message, others: Message[]}} Turn */

/**
 * @typedef {object} Verdict
 * @property {string} rule
 * @property {string} level      "MUST", "SHOULD", "INFO"
 * @property {string} outcome    "kept", "broken", …
 * @property {string} sentence
 * @property {string} page
 * @property {{number: number, text: string}[]} evidence
 * @property {number} evidenceCount
 */
/**
 * @typedef {{prompt: string, job: string, turn: number, nearest: string, criteria: string[]}} Unmatched
 */
/**
 * One run: a case, a key, a recording, or all that a fake sees.
 * @typedef {object} Run
 * @property {string} name
 * @property {string} result    "passed", "failed", "warned", "not checked" or ""
 * @property {string[]} findings
 * @property {LaneBook} book
 * @property {Verdict[]} verdicts
 * @property {Unmatched[]} unmatched
 */

// ---------------------------------------------------------------------------------------- reading

/** @param {any} raw  one of the page's runs @returns {Run} */
function runOf(raw) {
  const run = {
    name: text(raw.name),
    result: text(raw.result),
    findings: array(raw.findings).map(text),
    book: new LaneBook(),
    verdicts: verdictsOf(raw.verdicts),
    unmatched: unmatchedOf(raw.unmatched)
  };
  const exchanges = raw.recording ? exchangesOfRecording(array(raw.recording)) :
                                    exchangesOfJournal(array(raw.journal?.entries));
  for (const exchange of exchanges) run.book.add(exchange);
  if (raw.state) run.book.learnState(raw.state);
  return run;
}

/**
 * The exchanges of a journal (`GET /__mock/journal`) in the order in which they came.
 * @param {any[]} entries
 * @param {number} [first]  the moment from which milliseconds count, if not the first entry's
 * @returns {Exchange[]}
 */
function exchangesOfJournal(entries, first = number(entries[0]?.received_us)) {
  const times = timesOf(entries, first);
  return entries.map((entry, i) => exchangeOf({
                       ...entry,
                       key: entry.organization ? `organization ${number(entry.organization)}` : "",
                       began: times[i],
                       took: entry.sending_ms,
                       ending: entry.status ? "whole" : "none",
                       recorded: false,
                     }));
}

/**
 * In process there may be no time but the world's, and it may stand: then each call comes after the
 * one before.
 * @param {any[]} entries
 * @param {number} first
 * @returns {number[]}
 */
function timesOf(entries, first) {
  const world = Date.parse(entries[0]?.at);
  let before = NaN;
  let shown = 0;
  return entries.map(({received_us, at}) => {
    const time = first ? (number(received_us) - first) / 1000 : Date.parse(at) - world || 0;
    shown = time === before ? shown + 0.001 : time;
    before = time;
    return shown;
  });
}

/**
 * The exchanges of a recording's lines, without its head.
 * @param {any[]} lines
 * @returns {Exchange[]}
 */
function exchangesOfRecording(lines) {
  const first = lines.reduce((least, line) => Math.min(least, number(line.began_us)), Infinity);
  const exchanges =
      lines.map(({request, reply, ...line}) => exchangeOf({
                  ...line,
                  began: (number(line.began_us) - first) / 1000,
                  took: (number(line.ended_us) - number(line.began_us)) / 1000,
                  operation: operationOf(text(request?.method), text(request?.target)),
                  method: request?.method,
                  target: request?.target,
                  headers: request?.headers,
                  body: request?.body?.text,
                  body_bytes: request?.body?.bytes,
                  status: reply?.status,
                  reply_headers: reply?.headers,
                  reply_body: reply?.body?.text,
                  reply_bytes: reply?.body?.bytes,
                  recorded: true,
                }));
  return exchanges.sort((a, b) => a.began - b.began || a.number - b.number);
}

/** What has a journal's names, and may lack any. @param {any} raw @returns {Exchange} */
function exchangeOf(raw) {
  return {
    number: number(raw.number),
    key: text(raw.key),
    at: text(raw.at),
    began: raw.began,
    took: number(raw.took),
    connection: number(raw.connection),
    operation: text(raw.operation),
    method: text(raw.method),
    target: text(raw.target),
    requestHeaders: headers(raw.headers),
    requestBody: text(raw.body),
    requestBytes: number(raw.body_bytes),
    status: number(raw.status),
    replyHeaders: headers(raw.reply_headers),
    replyBody: text(raw.reply_body),
    replyBytes: number(raw.reply_bytes),
    fault: text(raw.fault),
    hint: text(raw.hint),
    refused: text(raw.refused),
    ending: text(raw.ending),
    recorded: raw.recorded,
  };
}

/** What may become of a rule or statement; the first four are for everybody to see. */
const OUTCOMES = [
  "broken", "contradicted", "refuted", "not_judged", "kept", "confirmed", "added", "measured",
  "not_seen"
];

/** @param {any} raw  `GET /__mock/verdicts` @returns {Verdict[]} */
function verdictsOf(raw) {
  const verdicts =
      array(raw?.verdicts).map((one) => ({
                                 rule: text(one.rule),
                                 level: text(one.level),
                                 outcome: text(one.outcome),
                                 sentence: text(one.sentence),
                                 page: text(one.page),
                                 evidenceCount: number(one.evidence_count),
                                 evidence: array(one.evidence).map((proof) => ({
                                                                     number: number(proof.number),
                                                                     text: text(proof.exchange)
                                                                   })),
                               }));
  return verdicts.sort((a, b) => OUTCOMES.indexOf(a.outcome) - OUTCOMES.indexOf(b.outcome));
}

/**
 * How the judge names other exchanges, behind what was called and answered, with quotes emptied.
 * What is quoted came from the client, and may say anything.
 */
const OTHERS = [
  /^\(first #(\d+)\)$/,
  /^after \d+ of \d+ ms \(429 #(\d+)\)$/,
  /^the prompt "" of #(\d+)$/,
  /^(?:queued|pending)(?:; message .*)?; prompt "" of #(\d+)(?:; meanwhile the prompt "" of #(\d+) in the same conversation had ended)?$/,
];

/**
 * What a proof names: an exchange, and often others that belong to it.
 * @param {{number: number, text: string}} proof
 * @returns {number[]}
 */
function numbersOf({number, text}) {
  const note = unquoted(text.replace(/^.*? → \d+(, not delivered)? /, ""));
  const others = OTHERS.flatMap((form) => form.exec(note)?.slice(1) ?? []);
  return [number, ...others.filter(Boolean).map(Number)];
}

/** @param {any} raw  `GET /__mock/unmatched` @returns {Unmatched[]} */
function unmatchedOf(raw) {
  return array(raw?.prompts).map((one) => ({
                                   prompt: text(one.prompt),
                                   job: text(one.job_id),
                                   turn: number(one.turn),
                                   nearest: text(one.nearest?.script),
                                   criteria: array(one.nearest?.criteria).map(text),
                                 }));
}

/**
 * A rule's paragraph, as docs/rules.md has it, in parts: "Why", "Broken by", "Do", … The first has
 * no name.
 * @param {string} paragraph
 * @returns {{name: string, text: string}[]}
 */
function ruleParts(paragraph) {
  const lines =
      paragraph.split("\n").map((line) => line.replace(/\*\*|`/g, "").trim()).filter(Boolean);
  return lines.map((line) => {
    const named = /^- ([A-Z][\w ]*): (.*)$/.exec(line);
    return named ? {name: named[1], text: named[2]} : {name: "", text: line.replace(/^- /, "")};
  });
}

/** @param {unknown} value @returns {string} */
function text(value) {
  return typeof value === "string" ? value : "";
}

/**
 * Without what stands in quotes, which may say anything.
 * @param {string} words
 * @returns {string}
 */
function unquoted(words) {
  return words.replace(/"(\\.|[^"\\])*"/g, '""');
}

/** @param {unknown} value @returns {number} */
function number(value) {
  return typeof value === "number" && Number.isFinite(value) ? value : 0;
}

/** @param {unknown} value @returns {any[]} */
function array(value) {
  return Array.isArray(value) ? value : [];
}

/** @param {unknown} value @returns {boolean} */
function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** @param {unknown} list @returns {Header[]} */
function headers(list) {
  return array(list).map(
      (one) => (
          Array.isArray(one) ? [text(one[0]), text(one[1])] : [text(one?.name), text(one?.value)]));
}

/** @param {Header[]} list @param {string} name in lower case @returns {string} */
function headerOf(list, name) {
  return list.find(([its]) => its.toLowerCase() === name)?.[1] ?? "";
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

/** Below the API's prefix. @param {string} target @returns {string} */
function belowPrefix(target) {
  return target.startsWith(PREFIX) ? target.slice(PREFIX.length) : target;
}

/** The path below the API's prefix. @param {string} target @returns {string} */
function pathOf(target) {
  return belowPrefix(target).split("?")[0];
}

/** The value of JSON text; undefined for anything else. @param {string} body @returns {any} */
function jsonOf(body) {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

/**
 * The same for a body of which only the beginning was kept: without what is not whole.
 * @param {string} body
 * @param {number} bytes  of all of it
 * @returns {any}
 */
function jsonOfKept(body, bytes) {
  const whole = jsonOf(body);
  return whole === undefined && bytes > body.length ? jsonOf(wholePart(body)) : whole;
}

/**
 * JSON that was cut, up to the last member or element that is whole.
 * @param {string} cut
 * @returns {string}
 */
function wholePart(cut) {
  let open = "";
  let best = "";
  const tokens = /"(?:[^"\\]|\\.)*"|["{}[\],]/gs;
  for (let token = tokens.exec(cut); token; token = tokens.exec(cut)) {
    const [mark] = token;
    if (mark === '"') break;  // a text that was cut: what is in it is no mark
    if (mark === "{" || mark === "[")
      open = (mark === "{" ? "}" : "]") + open;
    else if (mark === "}" || mark === "]")
      open = open.slice(1);
    if (mark === ",")
      best = cut.slice(0, token.index) + open;
    else if (!mark.startsWith('"'))
      best = cut.slice(0, token.index + 1) + open;
  }
  return best;
}

// ------------------------------------------------------------------------------------------ lanes

/**
 * Finds out what belongs together: ids in paths, bodies and replies tell. A lane for each
 * conversation, and one for each key's calls that belong to none. Takes more at any time.
 */
class LaneBook {
  constructor() {
    /** @type {Exchange[]} */
    this.exchanges = [];
    /** @type {Set<Lane>} what got something since somebody emptied this */
    this.changed = new Set();
    /** @type {Set<Lane>} what got calls since lanes() */
    this.unfinished = new Set();
    /** @type {Map<string, Lane>} by key and conversation */
    this.byJob = new Map();
    /** @type {Map<string, string>} message → conversation */
    this.jobOfMessage = new Map();
    /** @type {Map<string, Message>} by lane and id */
    this.messages = new Map();
    /**
     * @type {Map<string, Exchange>} attachment → its upload, which belongs to whoever refers to it
     */
    this.uploads = new Map();
    /** @type {Map<string, Exchange>} by request: the newest of each, which the next may repeat */
    this.sameRequests = new Map();
    /**
     * @type {Map<string, Exchange>} by key: the newest 429, which asks all of its calls to wait
     */
    this.tooMany = new Map();
  }

  /** @param {Exchange} exchange */
  add(exchange) {
    const reply = jsonOfKept(exchange.replyBody, exchange.replyBytes);
    const lane = this.lane(exchange.key, this.jobOf(exchange, reply));
    this.exchanges.push(exchange);
    this.touch(lane);
    this.addCall(lane, exchange);
    if (/executed false/.test(unquoted(exchange.fault))) return;
    if (isObject(reply) && exchange.status < 400)
      this.learn(lane, exchange, reply);
    else if (isUnseenRead(exchange))
      countRead(lane);
  }

  /** @param {Lane} lane */
  touch(lane) {
    this.changed.add(lane);
    this.unfinished.add(lane);
  }

  /** @returns {Lane[]} */
  lanes() {
    for (const lane of this.unfinished) finishLane(lane);
    this.unfinished.clear();
    const lanes = [...this.byJob.values()].filter((lane) => lane.calls.length);
    return lanes.sort((a, b) => Number(!a.id) - Number(!b.id) || a.from - b.from);
  }

  /** @param {Exchange} exchange @param {any} reply @returns {string} */
  jobOf(exchange, reply) {
    const id = pathOf(exchange.target).split("/")[2];
    switch (exchange.operation) {
      case "start":
        return text(reply?.job_id);
      case "continue":
      case "messages":
        return id;
      case "poll":
        return text(reply?.job_id) || (this.jobOfMessage.get(id) ?? "");
      default:
        return "";
    }
  }

  /** @param {string} key @param {string} job @returns {Lane} */
  lane(key, job) {
    const name = `${key}\n${job}`;
    let lane = this.byJob.get(name);
    if (!lane) {
      lane = {
        id: job,
        key,
        agent: "",
        title: job ? "" : "Other calls",
        jobStatus: "",
        calls: [],
        messages: [],
        from: Infinity,
        to: -Infinity
      };
      this.byJob.set(name, lane);
    }
    return lane;
  }

  /** @param {Lane} lane @param {Exchange} exchange */
  addCall(lane, exchange) {
    const before = this.newestLike(exchange);
    const isRetry = before !== undefined && failed(before);
    lane.calls.push({
      exchange,
      outcome: outcomeOf(exchange),
      repeats: isRetry ? before.number : 0,
      waited: -1,
      wait: this.waitFor(exchange, before)
    });
  }

  /**
   * The newest call of the same request by the same key, which this one may repeat. Who polls again
   * after an answer repeats nothing.
   * @param {Exchange} exchange @returns {Exchange | undefined}
   */
  newestLike(exchange) {
    const request =
        `${exchange.key}\n${exchange.method} ${exchange.target}\n${exchange.requestBody}`;
    const before = this.sameRequests.get(request);
    this.sameRequests.set(request, exchange);
    return before;
  }

  /** @param {Exchange} exchange @param {Exchange | undefined} before @returns {Wait | null} */
  waitFor(exchange, before) {
    const asker = this.tooMany.get(exchange.key) ?? before;
    this.tooMany.delete(exchange.key);
    if (exchange.status === 429) this.tooMany.set(exchange.key, exchange);
    const asked = asker ? askedToWait(asker) : -1;
    return asker && asked >= 0 ?
        {number: asker.number, asked, real: exchange.began - endOf(asker)} :
        null;
  }

  /** @param {Lane} lane @param {Exchange} exchange @param {any} reply */
  learn(lane, exchange, reply) {
    switch (exchange.operation) {
      case "start":
      case "continue":
        if (text(reply.message_id)) this.ask(lane, exchange, reply.message_id);
        break;
      case "upload":
        if (text(reply.attachment_id)) this.uploads.set(reply.attachment_id, exchange);
        break;
      case "poll":
        if (text(reply.id)) this.see(lane, reply, endOf(exchange));
        break;
      case "messages":
        for (const message of array(reply.messages)) this.see(lane, message, endOf(exchange));
        lane.messages = arranged(lane.messages, array(reply.messages));
        break;
      case "conversations":
        for (const one of array(reply.conversations)) this.list(exchange.key, one);
        break;
    }
  }

  /** A prompt was accepted. @param {Lane} lane @param {Exchange} exchange @param {string} id */
  ask(lane, exchange, id) {
    const body = jsonOfKept(exchange.requestBody, exchange.requestBytes);
    const message = this.message(lane, id, exchange.began);
    const prompt = text(body?.prompt);
    Object.assign(message, {
      role: "user",
      asked: true,
      askMode: body?.ask_mode === true,
      created: exchange.at,
      content: prompt || text(/"prompt"\s*:\s*"([^"\\]*)/.exec(exchange.requestBody)?.[1]),
      isCut: !prompt,
      files: array(body?.attachment_ids).length
    });
    lane.title ||= message.content;
    lane.agent ||= text(body?.agent_id);
    for (const file of array(body?.attachment_ids)) this.bringUpload(lane, text(file));
  }

  /** @param {Lane} lane @param {string} id @param {number} from @returns {Message} */
  message(lane, id, from) {
    const name = `${lane.key}\n${lane.id}\n${id}`;
    let message = this.messages.get(name);
    if (!message) {
      message = {
        id,
        role: "",
        content: "",
        spans: [],
        from,
        created: "",
        updated: "",
        asked: false,
        askMode: false,
        files: 0,
        unseen: 0,
        isCut: false
      };
      this.messages.set(name, message);
      this.jobOfMessage.set(id, lane.id);
      lane.messages.push(message);
    }
    return message;
  }

  /**
   * Moves the upload of a file to the conversation that uses it.
   * @param {Lane} lane
   * @param {string} id
   */
  bringUpload(lane, id) {
    const upload = this.uploads.get(id);
    const others = upload && this.byJob.get(`${upload.key}\n`);
    const at = others?.calls.findIndex((call) => call.exchange === upload) ?? -1;
    if (!others || at < 0) return;
    lane.calls.unshift(...others.calls.splice(at, 1));
    this.touch(others);
  }

  /** A reply showed a message. @param {Lane} lane @param {any} seen @param {number} at */
  see(lane, seen, at) {
    if (!isObject(seen) || !text(seen.id) || !text(seen.role) || !text(seen.status)) return;
    const message = this.message(lane, seen.id, at);
    Object.assign(message, {
      role: text(seen.role),
      content: text(seen.content),
      created: text(seen.created_at),
      updated: text(seen.updated_at),
      isCut: false
    });
    message.files = Math.max(message.files, array(seen.attachments).length);
    const status = text(seen.status);
    const last = message.spans[message.spans.length - 1];
    if (last) last.to = at;
    if (last?.status === status)
      ++last.reads;
    else
      message.spans.push({status, from: at, to: at, reads: last ? 1 : 1 + message.unseen});
  }

  /** A list of conversations showed one. @param {string} key @param {any} one */
  list(key, one) {
    const lane = this.byJob.get(`${key}\n${text(one?.id)}`);
    if (!lane) return;
    lane.jobStatus = text(one.status);
    this.changed.add(lane);
  }

  /**
   * What the fake itself knows of its conversations, seen by the client or not.
   * @param {any} state
   */
  learnState(state) {
    for (const job of array(state.jobs)) this.learnJob(job);
  }

  /** @param {any} job */
  learnJob(job) {
    const id = text(job.job_id);
    const lane = [...this.byJob.values()].find((one) => one.id && one.id === id);
    if (!lane) return;
    lane.jobStatus = text(job.status);
    for (const message of array(job.messages)) {
      const seen = this.messages.get(`${lane.key}\n${lane.id}\n${text(message.id)}`);
      if (!seen?.spans.length)
        this.see(lane, message, lane.calls[lane.calls.length - 1].exchange.began);
    }
    lane.messages = arranged(lane.messages, array(job.messages));
    this.touch(lane);
  }
}

/**
 * In the order of a timeline, which tells more than times that are equal. What is not in it came
 * later, or was cut off.
 * @param {Message[]} messages
 * @param {any[]} timeline
 * @returns {Message[]}
 */
function arranged(messages, timeline) {
  const places = new Map(timeline.map((one, i) => [text(one?.id), i]));
  const rank = (/** @type {Message} */ {id}) => places.get(id) ?? timeline.length;
  return [...messages].sort((a, b) => rank(a) - rank(b));
}

/**
 * Whether the server showed how far a turn was, and the client could not see it.
 * @param {Exchange} exchange
 * @returns {boolean}
 */
function isUnseenRead({operation, fault: told}) {
  const fault = unquoted(told);
  const isPlayed =
      /executed true/.test(fault) || fault !== "" && !/ (status|redirect_to) /.test(fault);
  return isPlayed && (operation === "poll" || operation === "messages");
}

/** @param {Lane} lane */
function countRead({messages}) {
  const running = messages.find((message) => message.role === "user" && !isOver(message));
  if (!running) return;
  if (running.spans.length)
    ++running.spans[running.spans.length - 1].reads;
  else
    ++running.unseen;
}

/** @param {Exchange} exchange @returns {number} */
function endOf(exchange) {
  return exchange.began + exchange.took;
}

/** @param {Lane} lane */
function finishLane(lane) {
  lane.calls.sort(
      (a, b) => a.exchange.began - b.exchange.began || a.exchange.number - b.exchange.number);
  Object.assign(lane, {from: Infinity, to: -Infinity});
  lane.calls.forEach((call, i) => {
    const {exchange} = call;
    const before = lane.calls[i - 1]?.exchange;
    call.waited = before ? exchange.began - endOf(before) : -1;
    lane.from = Math.min(lane.from, exchange.began);
    lane.to = Math.max(lane.to, endOf(exchange));
  });
  lane.messages.sort((a, b) => (a.created && b.created ? a.created.localeCompare(b.created) : 0));
  lane.title ||= lane.messages.find((message) => message.role === "user")?.content ?? "";
}

/** @param {Exchange} exchange @returns {Outcome} */
function outcomeOf(exchange) {
  const fault = unquoted(exchange.fault);
  if (exchange.ending !== "whole" || exchange.status === 0) return "broken";
  if (/malformed_json|truncate_after|reset_after|empty_response/.test(fault)) return "broken";
  if (exchange.status === 429 || exchange.status >= 500) return "unavailable";
  if (exchange.status >= 400) return "refused";
  return / body /.test(fault) ? "broken" : "ok";
}

/** @param {Call} call @returns {boolean} */
function isTrouble({outcome, exchange}) {
  return outcome !== "ok" || exchange.fault !== "";
}

/** Whether the same may be asked again. @param {Exchange} exchange @returns {boolean} */
function failed(exchange) {
  const outcome = outcomeOf(exchange);
  return outcome === "unavailable" || outcome === "broken";
}

/**
 * How many milliseconds a reply asks to wait; -1: it does not.
 * @param {Exchange} exchange
 * @returns {number}
 */
function askedToWait({replyHeaders, fault}) {
  const value = headerOf(replyHeaders, "retry-after") ||
      text(/retry_after_s (\d+)/.exec(unquoted(fault))?.[1]);
  if (!value) return -1;
  if (/^\d+$/.test(value)) return Number(value) * 1000;
  const wait = Date.parse(value) - Date.parse(headerOf(replyHeaders, "date"));
  return Number.isNaN(wait) ? -1 : Math.max(0, wait);
}

/**
 * The prompts of a conversation, each with what came of it. Turns are worked on one after the
 * other, so what came until a prompt's turn had ended belongs to it.
 * @param {Lane} lane
 * @returns {Turn[]}
 */
function turnsOf(lane) {
  const turns = lane.messages.filter(({role}) => role === "user")
                    .map((prompt) => ({prompt, others: /** @type {Message[]} */ ([])}));
  let begun = 0;
  for (const message of lane.messages) {
    if (message.role === "user")
      ++begun;
    else
      (turnOf(message, turns.slice(0, begun)) ?? turns[0])?.others.push(message);
  }
  return turns;
}

/**
 * The turn that ran when a message came. At the very moment of its end this is another, if that was
 * asked at the same moment: where a clock stands, what comes stands behind what it belongs to.
 * @param {Message} message
 * @param {Turn[]} begun  those whose prompts stand before it
 * @returns {Turn | undefined}
 */
function turnOf({created}, begun) {
  const last = begun[begun.length - 1];
  const takesAtEnd = (/** @type {Turn} */ turn) => turn === last || last.prompt.created < created;
  const running = begun.find(
      (turn) => !isOver(turn.prompt) || turn.prompt.updated > created ||
          turn.prompt.updated === created && takesAtEnd(turn));
  return running ?? last;
}

/** @param {Message} prompt @returns {string} */
function statusOf(prompt) {
  return prompt.spans[prompt.spans.length - 1]?.status ?? "";
}

/** @param {string} status @returns {boolean} */
function isEnd(status) {
  return status === "completed" || status === "failed";
}

/**
 * How a turn ended, whatever was shown of it later; "": it did not.
 * @param {Message} prompt
 * @returns {string}
 */
function endingOf({spans}) {
  return spans.find(({status}) => isEnd(status))?.status ?? "";
}

/** @param {Message} prompt @returns {boolean} */
function isOver(prompt) {
  return endingOf(prompt) !== "";
}

const ERROR = "nairid encountered error: ";

/** Whether a message tells why a turn failed. @param {Message} message @returns {boolean} */
function isFailure(message) {
  return message.role === "system" && message.content.startsWith(ERROR);
}

/** A message in one line. @param {Message} message @returns {string} */
function summaryOf(message) {
  const envelope = message.role === "progress" ? jsonOf(message.content) : undefined;
  if (!isObject(envelope)) return oneLine(message.content);
  const what = ["text_delta", "summary", "tool_output", "tool_input"]
                   .map((name) => text(envelope[name]))
                   .find(Boolean);
  return oneLine([
    text(envelope.progress_type), text(envelope.tool_name), text(envelope.tool_status), what
  ].filter(Boolean).join(" · "));
}

/** @param {string} long @returns {string} */
function oneLine(long) {
  const line = long.slice(0, 800).replace(/\s+/g, " ").trim();
  const characters = Array.from(line);
  return characters.length > 160 ? `${characters.slice(0, 159).join("")}…` : line;
}

/** With the judge's tolerance. @param {Wait} wait @returns {string} */
function waitInWords({number, asked, real}) {
  const verdict =
      real + Math.max(50, asked / 20) >= asked ? "waited long enough" : "came too early";
  return `${verdict}: #${number} asked for ${duration(asked)}, this came after ${duration(real)}`;
}

/** A call in words. @param {Call} call @returns {string} */
function describe({exchange, outcome, repeats, waited, wait}) {
  const parts = [`${exchange.operation || exchange.method} → ${exchange.status || "no answer"}`];
  if (exchange.ending !== "whole" && exchange.status) parts.push(exchange.ending);
  if (exchange.took)
    parts.push(
        exchange.recorded ? `took ${duration(exchange.took)}` :
                            `delayed by ${duration(exchange.took)}`);
  if (waited >= 0) parts.push(`${duration(waited)} after the call before`);
  if (exchange.fault) parts.push(`fault: ${exchange.fault}`);
  if (repeats) parts.push(`repeats #${repeats}`);
  if (wait) parts.push(waitInWords(wait));
  if (exchange.refused) parts.push(exchange.refused);
  if (outcome !== "ok" && exchange.hint) parts.push(exchange.hint);
  return parts.join(", ");
}

/**
 * Of calls that succeed: what contracts/openapi.json says of the others is "documented". A test
 * compares.
 */
const OF_THE_SEED = ["start", "messages", "poll"];

/**
 * Where the behaviour that a reply shows comes from, as far as it is known here.
 * @param {Exchange} exchange
 * @returns {string}
 */
function fidelityOf(exchange) {
  const told = headerOf(exchange.replyHeaders, "x-mock-fidelity");
  if (told) return `${told} (the fake said so)`;
  if (exchange.fault) return "a fault that the fake was told to play";
  if (!exchange.status) return "";
  if (exchange.recorded) return "what was recorded: docs/fidelity.md says what is known of the API";
  if (exchange.status >= 400 || !exchange.operation)
    return "not told here: repeat it with the header X-Mock-Fidelity: 1";
  return `${
      OF_THE_SEED.includes(exchange.operation) ?
          "seed" :
          "documented"} (openapi.json, of this call when it succeeds)`;
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
  const longest = Math.max(quantileOf(gaps, 0.9) * 4, 1e-6);
  const shown = gaps.map((gap) => Math.min(gap, longest));
  const whole = shown.reduce((sum, gap) => sum + gap, 0) || 1;
  // Half of the room, at most, keeps neighbours apart; the rest is in proportion to time.
  const needed = 2 * LEAST_GAP_PX * gaps.length;
  const scaled = Math.min(Math.max(width, needed) * zoom, WIDEST_PX);
  const least = Math.min(LEAST_GAP_PX, scaled / (2 * gaps.length));
  const places = [0];
  const breaks = [];
  for (let i = 0; i < gaps.length; ++i) {
    const end = places[i] + least + (shown[i] / whole) * (scaled - least * gaps.length);
    if (gaps[i] > longest) breaks.push({x: (places[i] + end) / 2, pause: gaps[i]});
    places.push(end);
  }
  return {width: scaled, breaks, x: (time) => placeOf(time, moments, places)};
}

/** @param {number[]} numbers @param {number} part @returns {number} */
function quantileOf(numbers, part) {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted.length ? sorted[Math.floor((sorted.length - 1) * part)] : 0;
}

/**
 * Between two moments, in proportion.
 * @param {number} time
 * @param {number[]} moments
 * @param {number[]} places
 */
function placeOf(time, moments, places) {
  let low = 0;
  let high = moments.length - 1;
  if (high < 0 || time <= moments[0]) return 0;
  if (time >= moments[high]) return places[high];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (moments[middle] <= time)
      low = middle;
    else
      high = middle;
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
 * @property {string} text       anywhere in an exchange, without case
 * @property {string} key
 * @property {string} operation
 * @property {string} status     "200", "4xx", "none"; "" for any
 * @property {boolean} faults    only what a fault struck
 */

/** @param {Filter} filter @returns {boolean} */
function isEmpty(filter) {
  return !filter.text && !filter.key && !filter.operation && !filter.status && !filter.faults;
}

/** @param {Exchange} exchange @param {Filter} filter @returns {boolean} */
function fits(exchange, filter) {
  if (filter.key && exchange.key !== filter.key) return false;
  if (filter.operation && exchange.operation !== filter.operation) return false;
  if (filter.faults && !exchange.fault) return false;
  if (filter.status && !statusFits(exchange.status, filter.status)) return false;
  return !filter.text ||
      has(exchange, new RegExp(filter.text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"), "i"));
}

/** @param {Exchange} exchange @param {RegExp} wanted @returns {boolean} */
function has(
    {target, requestBody, replyBody, fault, hint, refused, requestHeaders, replyHeaders}, wanted) {
  return [target, requestBody, replyBody, fault, hint, refused].some(
             (where) => wanted.test(where)) ||
      [...requestHeaders, ...replyHeaders].some((header) => wanted.test(header.join(": ")));
}

/** @param {number} status @param {string} wanted @returns {boolean} */
function statusFits(status, wanted) {
  if (wanted === "none") return status === 0;
  return /^\dxx$/.test(wanted) ? Math.floor(status / 100) === Number(wanted[0]) :
                                 status === Number(wanted);
}
