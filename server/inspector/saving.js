// What is taken along from the page: an exchange as a command, a conversation as a world that plays
// it again, or as a contract case. Pure, as model.js is.
"use strict";

// ------------------------------------------------------------------------------------------- curl

/**
 * The exchange as a command for a shell. The key stays out.
 * @param {Exchange} exchange
 * @param {string} root  of the API, with its prefix; "": nobody knows
 * @returns {string}
 */
function curlOf(exchange, root) {
  const parts = ["curl", "-i", "-g", "--path-as-is"];
  if (exchange.method === "HEAD")
    parts.push("--head");
  else if (exchange.method !== "GET")
    parts.push("-X", shellQuoted(exchange.method));
  for (const [name, value] of exchange.requestHeaders) parts.push(...headerForCurl(name, value));
  if (exchange.requestBody) parts.push("--data-raw", shellQuoted(exchange.requestBody));
  parts.push(urlForCurl(exchange, root));
  const kept = new TextEncoder().encode(exchange.requestBody).length;
  const note = kept < exchange.requestBytes ?
      `# Only ${kept} of the body's ${exchange.requestBytes} bytes were kept.\n` :
      "";
  return note + parts.join(" ");
}

/** @param {string} name @param {string} value @returns {string[]} */
function headerForCurl(name, value) {
  const isOfConnection =
      /^(host|content-length|connection|accept-encoding|transfer-encoding)$/i.test(name);
  if (isOfConnection || !/^[\w!#$%&'*+.^`|~-]+$/.test(name)) return [];
  if (/^authorization$/i.test(name)) return ["-H", '"Authorization: Bearer $NAIRI_API_KEY"'];
  return ["-H", shellQuoted(value ? `${name}: ${value}` : `${name};`)];
}

/**
 * Of a root that nobody knows: below NAIRI_BASE_URL, which has the prefix.
 * @param {Exchange} exchange
 * @param {string} root
 * @returns {string}
 */
function urlForCurl({target, recorded}, root) {
  const base = recorded ? root : root.replace(/^(\w+:\/\/[^/]*).*$/, "$1");
  if (base) return shellQuoted(base + target);
  return `"$NAIRI_BASE_URL"${shellQuoted(recorded ? target : belowPrefix(target))}`;
}

/**
 * In quotes that hold; control characters, which a terminal would obey, as escapes.
 * @param {string} word
 * @returns {string}
 */
function shellQuoted(word) {
  if (!/[\x00-\x1f\x7f]/.test(word)) return `'${word.replaceAll("'", "'\\''")}'`;
  const escaped =
      word.replace(/[\\']/g, "\\$&")
          .replace(
              /[\x00-\x1f\x7f]/g,
              (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`);
  return `$'${escaped}'`;
}

// ------------------------------------------------------------------------------------------ world

/** A text that is safe in names of files and cases. @param {Lane} lane @returns {string} */
function nameOf(lane) {
  return lane.id.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "").slice(0, 60) ||
      "conversation";
}

/**
 * A world in which this conversation's prompts are answered as they were.
 * @param {Lane} lane
 * @returns {any}
 */
function worldOf(lane) {
  const world =
      {agents: [agentOf(lane)], jobs: jobsOf(lane), turns: scriptsOf(lane), faults: faultsOf(lane)};
  return Object.fromEntries(Object.entries(world).filter(([, list]) => list.length));
}

/** @param {Lane} lane @returns {any} */
function agentOf({agent}) {
  if (/^cci_[0-9A-HJKMNP-TV-Z]{26}$/.test(agent)) return {agent_id: "agent", id: agent};
  return {agent_id: /^[\w.-]+(\/[\w.-]+)*$/.test(agent) ? agent : "agent"};
}

/**
 * The turns whose prompts the client sent; those before them were there.
 * @param {Lane} lane
 * @returns {Turn[]}
 */
function askedTurns(lane) {
  const turns = turnsOf(lane);
  const first = turns.findIndex(({prompt}) => prompt.asked);
  return first < 0 ? [] : turns.slice(first);
}

/**
 * The conversation as it was before the client came, if it did not start it.
 * @param {Lane} lane
 * @returns {any[]}
 */
function jobsOf(lane) {
  if (isStarted(lane) || !/^(job|j)_[0-9A-HJKMNP-TV-Z]{26}$/.test(lane.id)) return [];
  const turns = turnsOf(lane);
  const before = turns.slice(0, turns.length - askedTurns(lane).length)
                     .flatMap(({prompt, others}) => [prompt, ...others]);
  const messages =
      before.filter(({role}) => ["user", "assistant", "system"].includes(role))
          .map(
              ({role, content, spans}) => ({role, content, status: knownStatus(spans[0]?.status)}));
  return [{id: lane.id, agent_id: agentOf(lane).agent_id, ...(messages.length ? {messages} : {})}];
}

/** @param {string} status @returns {string} */
function knownStatus(status) {
  return ["queued", "pending", "failed"].includes(status) ? status : "completed";
}

/** @param {Lane} lane @returns {any[]} */
function scriptsOf(lane) {
  const turns = askedTurns(lane);
  const before = turnsOf(lane).length - turns.length;
  return turns.map((turn, i) => {
    const {content, isCut} = turn.prompt;
    return {
      when: {
        prompt: isCut ? {contains: content || " "} : {equals: content},
        ...(isRepeated(turn, turns) ? {turn: before + i + 1} : {})
      },
      timeline: timelineOf(turn, i + 1 === turns.length)
    };
  });
}

/** @param {Turn} turn @param {Turn[]} turns @returns {boolean} */
function isRepeated(turn, turns) {
  return turns.some((other) => other !== turn && other.prompt.content === turn.prompt.content);
}

/**
 * The stages of a turn: as many reads of each as there were.
 * @param {Turn} turn
 * @param {boolean} isLast  so that its end may never have come
 * @returns {any[]}
 */
function timelineOf(turn, isLast) {
  const stages = stagesOf(turn.prompt);
  const end = stages[stages.length - 1];
  if (!end || !("error" in end || end.status === "completed")) {
    if (!isLast)
      stages.push({from: Infinity, status: "completed"});
    else if (!end)
      stages.push({from: 0, status: "pending"});
    else
      Object.assign(end, {polls: undefined, ms: undefined});
  }
  for (const message of turn.others) tell(stages, stageOf(message, stages, turn.prompt), message);
  for (const stage of stages) finishStage(stage);
  return stages;
}

/**
 * Up to the first end, as no stage follows one. What a world can't show, because it goes back or is
 * no status of the API, is shown as what was before.
 * @param {Message} prompt
 * @returns {any[]}
 */
function stagesOf({spans}) {
  const order = ["queued", "pending"];
  /** @type {any[]} */
  const stages = [];
  for (const {status, from, to, reads} of spans) {
    if (isEnd(status))
      return [...stages, {from, status, ...(status === "failed" ? {error: []} : {})}];
    const last = stages[stages.length - 1];
    if (order.indexOf(status) > order.indexOf(last?.status))
      stages.push({from, status, polls: reads, ms: wholeMs(from, to)});
    else if (last)
      Object.assign(last, {polls: last.polls + reads, ms: wholeMs(last.from, to)});
  }
  return stages;
}

/** @param {number} from @param {number} to @returns {number} */
function wholeMs(from, to) {
  return Math.max(1, Math.round(to - from));
}

/**
 * The stage in which a message was first seen, unless its time tells that it was there before the
 * end.
 * @param {Message} message
 * @param {any[]} stages
 * @param {Message} prompt
 * @returns {any}
 */
function stageOf(message, stages, prompt) {
  const seen = stages.findLast((stage) => stage.from <= message.from) ?? stages[0];
  const isLate =
      seen === stages[stages.length - 1] && isOver(prompt) && message.created < prompt.updated;
  return isLate ? stages[stages.length - 2] ?? seen : seen;
}

/**
 * Puts a message into its stage, or where the end has it.
 * @param {any[]} stages
 * @param {any} at
 * @param {Message} message
 */
function tell(stages, at, message) {
  const end = stages[stages.length - 1];
  const add = (/** @type {any} */ stage, /** @type {string} */ list, /** @type {any} */ value) =>
      (stage[list] ??= []).push(value);
  const done = /^Job complete - (.*)$/s.exec(message.content);
  if (message.role === "progress")
    add(at.status === "queued" ? stages[stages.indexOf(at) + 1] ?? at : at, "progress",
        progressOf(message));
  else if (message.role === "assistant" && end.status === "completed" && end.reply === undefined)
    end.reply = template(message.content);
  else if (message.role === "assistant")
    add(end, "messages", {role: "assistant", content: template(message.content)});
  else if (isFailure(message) && end.status === "failed")
    end.error.push(template(message.content.slice(ERROR.length)));
  else if (message.role === "system" && done && end.status === "completed")
    Object.assign(end, {job_status: "completed", reason: template(done[1])});
  else if (message.role === "system")
    add(at, "system", template(message.content));
}

/** @param {any} stage */
function finishStage(stage) {
  delete stage.from;
  if (stage.polls === undefined) delete stage.polls;
  if (stage.ms === undefined) delete stage.ms;
  if (stage.status === "queued") delete stage.progress;
  if (stage.error?.length === 0) stage.error = "its text was not seen";
  if (stage.error?.length === 1) stage.error = stage.error[0];
}

/** @param {Message} message @returns {any} */
function progressOf({content}) {
  const envelope = jsonOf(content);
  if (!isObject(envelope) || !text(envelope.progress_type)) return {raw: template(content)};
  const fields = Object.entries(envelope).filter(
      ([name, value]) => name !== "job_id" && name !== "processed_message_id" &&
          ["string", "number", "boolean"].includes(typeof value));
  return Object.fromEntries(
      fields.map(([name, value]) => [name, typeof value === "string" ? template(value) : value]));
}

/** A template that stands for this text. @param {string} literal @returns {string} */
function template(literal) {
  return literal.replaceAll("{{", "{{{{");
}

// ----------------------------------------------------------------------------------------- faults

/**
 * What went wrong, in a world's words, with calls counted in this lane.
 * @param {Lane} lane
 * @returns {any[]}
 */
function faultsOf(lane) {
  /** @type {Map<string, number>} */
  const counts = new Map();
  const faults = [];
  for (const {exchange} of lane.calls) {
    if (!exchange.operation || exchange.method === "HEAD" || exchange.status === 401) continue;
    const count = (counts.get(exchange.operation) ?? 0) + 1;
    counts.set(exchange.operation, count);
    const effect = exchange.fault ? effectOf(exchange) : recordedEffect(exchange);
    if (Object.keys(effect).length) faults.push({at: `${exchange.operation}#${count}`, do: effect});
  }
  return faults;
}

/**
 * A fault as the journal tells it: "poll#3 status 503, retry_after_s 1".
 * @param {Exchange} exchange
 * @returns {any}
 */
function effectOf(exchange) {
  /** @type {any} */
  const effect = {};
  const fault = unquoted(exchange.fault);
  for (const part of fault.slice(fault.indexOf(" ") + 1).split(", ")) {
    const [, name, value] = /^(\w+) (.*)$/s.exec(part) ?? [];
    if (name === "body")
      Object.assign(
          effect, {body: exchange.replyBody, content_type: value.replace(/^\d+ bytes of /, "")});
    else if (name && name !== "hold")  // nobody would let it go
      effect[name] = /^(\d+|true|false)$/.test(value) ? JSON.parse(value) : value;
  }
  const error = text(jsonOf(exchange.replyBody)?.error);
  if (effect.status && error && !effect.body) effect.error = error;
  return effect;
}

/**
 * What a service did to a call, as far as a fault can play it.
 * @param {Exchange} exchange
 * @returns {any}
 */
function recordedEffect(exchange) {
  if (!exchange.recorded) return {};
  if (exchange.ending === "cut" && exchange.status)
    return {truncate_after_bytes: exchange.replyBytes};
  if (exchange.ending === "cut" || exchange.ending === "none") return {empty_response: true};
  if (exchange.ending === "reset") return {reset_after_bytes: exchange.replyBytes};
  if (exchange.status !== 429 && exchange.status < 500) return {};
  const error = text(jsonOf(exchange.replyBody)?.error);
  const wait = askedToWait(exchange);
  return {
    status: exchange.status,
    ...(error ? {error} : {}),
    ...(wait >= 0 ? {retry_after_s: Math.round(wait / 1000)} : {})
  };
}

/** Whether a call comes to nothing by it. @param {any} fault @returns {boolean} */
function isBreaking(fault) {
  return Object.keys(fault.do).some(
      (name) => !/^(delay_ms|drip_bytes_per_s|encode|hold)$/.test(name));
}

// ------------------------------------------------------------------------------------------- case

/**
 * The conversation as a contract case for clients, and for servers unless these can't be told: a
 * step's timeline is known by its prompt, and nothing says how a conversation was before.
 * @param {Lane} lane
 * @returns {any}
 */
function caseOf(lane) {
  const turns = askedTurns(lane);
  const forServers = isStarted(lane) && !turns.some((turn) => isRepeated(turn, turns));
  return {
    name: nameOf(lane),
    why: [
      "REFERENCE: GET /messages/{message_id}: Poll the user message until `status` is `completed` or `failed`"
    ],
    source: "seed",
    given: {agent: true, open_brace: "{"},
    ...(forServers ? {steps: stepsOf(lane)} : {world: caseWorldOf(lane)}),
    ...clientPartOf(lane),
  };
}

/** @param {Lane} lane @returns {boolean} */
function isStarted(lane) {
  return lane.calls.some(({exchange}) => exchange.operation === "start");
}

/** @param {Lane} lane @returns {any} */
function caseWorldOf(lane) {
  const jobs = jobsOf(lane).map((job) => ({...job, agent_id: "my-agent"}));
  return {...(jobs.length ? {jobs} : {}), turns: scriptsOf(lane)};
}

const NAMES = /\{(?=\+?[a-z][a-z0-9_]*\})/g;

/**
 * In cases a name in braces stands for a value: this prompt stands for itself.
 * @param {string} prompt
 * @returns {string}
 */
function literally(prompt) {
  return prompt.replace(NAMES, "{open_brace}");
}

/** What equals this text alone. @param {string} wanted @returns {any} */
function patternOf(wanted) {
  if (wanted.search(NAMES) < 0) return wanted;
  return {regex: `^${wanted.replace(/[\\^$.*+?()[\]|}]/g, "\\$&").replaceAll("{", "[{]")}$`};
}

/** @param {Lane} lane @returns {any[]} */
function stepsOf(lane) {
  const turns = askedTurns(lane);
  return turns.flatMap((turn, i) => turnSteps(turn, i, timelineOf(turn, i + 1 === turns.length)));
}

/** @param {Turn} turn @param {number} i @param {any[]} timeline @returns {any[]} */
function turnSteps(turn, i, timeline) {
  const end = timeline[timeline.length - 1].status;
  const prompt = literally(turn.prompt.content);
  const call = i ? {post: "/conversations/{job}/continue", json: {prompt}} : {
    post: "/conversations/start",
    json: {agent_id: "{agent}", prompt, ...(turn.prompt.askMode ? {ask_mode: true} : {})}
  };
  const sent = {
    status: "2xx",
    json: {
      job_id: i ? {same_as: "job"} : {id: "job", capture: "job"},
      message_id: {id: "cmsg", capture: `message_${i + 1}`}
    }
  };
  const wait = {
    id: `poll-${i + 1}`,
    call: {get: `/messages/{message_${i + 1}}`},
    timeline,
    ...(isEnd(end) ? {until: {"/status": {in : ["completed", "failed"]}}} : {}),
    reply: {status: 200, json: {role: "user", status: {scripted: end}}}
  };
  const reply = turn.others.find(({role}) => role === "assistant")?.content;
  const read = {
    id: `read-${i + 1}`,
    call: {get: "/conversations/{job}/messages"},
    reply: {
      status: 200,
      json: {
        messages: {
          contains: [
            {id: {same_as: `message_${i + 1}`}},
            ...(reply === undefined ?
                    [] :
                    [{role: "assistant", content: {type: "string", scripted: patternOf(reply)}}])
          ]
        }
      }
    }
  };
  return [
    {id: i ? `continue-${i + 1}` : "start", call, reply: sent}, wait,
    ...(end === "completed" ? [read] : [])
  ];
}

/**
 * What a client is asked to do: up to the first turn that fails, as that ends its job.
 * @param {Lane} lane
 * @returns {any}
 */
function clientPartOf(lane) {
  const all = askedTurns(lane);
  const failed = all.findIndex(({prompt}) => endingOf(prompt) === "failed");
  const turns = failed < 0 ? all : all.slice(0, failed + 1);
  if (!turns.length) return {};
  const faults = faultsOf(lane);
  return {
    ...(faults.length ? {faults} : {}),
    client: {
      do: {
        ...(isStarted(lane) ? {op: "converse", agent_id: "{agent}"} :
                              {op: "continue", job_id: lane.id}),
        prompts: turns.map(({prompt}) => literally(prompt.content)),
        ...(turns[0].prompt.askMode ? {ask_mode: true} : {}),
        poll_ms: 2000,
        deadline_ms: 60000
      },
      expect: expectationOf(turns, faults.some(isBreaking)),
      rules: ["auth-on-every-call", "valid-requests"],
    },
  };
}

/** @param {Turn[]} turns @param {boolean} mayBreak @returns {any} */
function expectationOf(turns, mayBreak) {
  const outcome = endingOf(turns[turns.length - 1].prompt) || "timeout";
  if (mayBreak) return {outcome: {in : [outcome, "error"]}};
  const replies =
      turns.map(({others}) => others.filter(({role}) => role === "assistant").at(-1)?.content);
  const allKnown = outcome === "completed" && replies.every((reply) => reply);
  return {outcome, ...(allKnown ? {replies: replies.map((reply) => patternOf(reply ?? ""))} : {})};
}
