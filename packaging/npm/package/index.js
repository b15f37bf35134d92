// The fake of Nairi's Conversations API, in this process.
//
//   const fake = await createFake();
//   const client = new MyClient({ fetch: fake.fetch, baseUrl: fake.baseUrl, apiKey: fake.apiKey });
//
// docs/in-javascript-tests.md tells the whole story.
import { createEngine, EngineError } from "./lib/engine.js";
import { makeFetch } from "./lib/fetch.js";
import { randomToken } from "./lib/platform.js";
import { RuleBroken, Verdicts } from "./lib/verdicts.js";
import { describe, readWorld } from "./lib/world.js";

export { RuleBroken, Verdicts };

const API = "/api/public/v1";
// Nothing listens there, and no resolver may find it: a client that was not given fake.fetch says
// so, and its key goes nowhere.
const NOWHERE = "http://nairi-mock.invalid";

// Those of the engine, by their names there; what it says of them, it says in those.
const ENGINE_OPTIONS = {
  clock: "clock", speed: "speed", seed: "seed", keys: "keys", mutate: "mutate",
  fidelity: "fidelity", judge: "judge", journalMax: "journal_max", corsOrigins: "cors_origins",
};
const OWN_OPTIONS = ["world", "files", "origin", "wasm"];

/** A world or an option is wrong; `mistakes` has a line for each. */
export class WorldError extends Error {
  name = "WorldError";

  constructor(mistakes) {
    super(mistakes.length === 1 ? mistakes[0] : ["", ...mistakes].join("\n  "));
    this.mistakes = mistakes;
  }
}

/** The control API refused a call. */
export class ControlError extends Error {
  name = "ControlError";

  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/** Makes a fake. */
export async function createFake(options = {}) {
  const settings = engineOptions(options);
  const world = await readWorld(options.world, options.files);
  const token = await randomToken();
  try {
    const engine = await createEngine(
      world.text, { ...settings, world_file: world.name, control_token: token }, world.openFile,
      options.wasm);
    return new Fake(engine, token, options);
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    throw new WorldError(error.message.split("\n"));
  }
}

function engineOptions(options) {
  const settings = { judge: true };
  for (const [name, value] of Object.entries(options)) {
    if (name in ENGINE_OPTIONS) {
      if (value !== undefined) settings[ENGINE_OPTIONS[name]] = value;
    } else if (!OWN_OPTIONS.includes(name)) {
      const known = [...OWN_OPTIONS, ...Object.keys(ENGINE_OPTIONS)].join(", ");
      throw new TypeError(`createFake: no option is called ${JSON.stringify(name)}; known: ${known}`);
    }
  }
  return settings;
}

// What can be asked of a fake, by all keys together or by one: docs/control.md.
class Controls {
  /** Where the API is, with its prefix: what your client takes. */
  get baseUrl() {
    return this.origin + API;
  }

  /** Has a small client ask an agent: what it replies. Throws what it fails with. */
  async ask(agent, prompt) {
    const turn = await this.#call("/conversations/start", { agent_id: agent, prompt });
    let status;
    for (let polls = 1; ; polls++) {
      ({ status } = await this.#call(`/messages/${turn.message_id}`));
      if (status === "completed" || status === "failed") break;
      if (this._clock === "virtual") this.advance(1000, { key: this.apiKey });
      else if (this._clock === "wall") await new Promise((done) => setTimeout(done, 10));
      else if (polls >= 1000) {
        throw new Error(`the turn is still ${status} after ${polls} polls: does it ever end?`);
      }
    }
    const { messages } = await this.#call(`/conversations/${turn.job_id}/messages`);
    const said = (role) => messages.findLast((one) => one.role === role)?.content ?? "";
    if (status === "failed") throw new Error(said("system"));
    return said("assistant");
  }

  async #call(path, json) {
    const headers = { Authorization: `Bearer ${this.apiKey}`, "Content-Type": "application/json" };
    const response = await this.fetch(this.baseUrl + path,
      json ? { method: "POST", headers, body: JSON.stringify(json) } : { headers });
    const answer = await response.json();
    if (!response.ok) {
      const hint = response.headers.get("X-Mock-Hint");
      throw new Error(`${path}: ${response.status} ${answer.error}${hint ? ` (${hint})` : ""}`);
    }
    return answer;
  }

  /** Moves the virtual clock. Under the others it is a ControlError. */
  advance(ms, { key } = {}) {
    this._control("POST", "clock", key, { advance_ms: ms });
  }

  /** Every exchange that the fake saw, oldest first. */
  journal({ key } = {}) {
    return this._control("GET", "journal", key).entries;
  }

  /** How the client behaved, as if its run ended now. */
  verdicts({ key } = {}) {
    return new Verdicts(this._control("GET", "verdicts", key));
  }

  /** Forgets all that happened. */
  reset({ key } = {}) {
    this._control("POST", "reset", key);
  }

  /** Resets, and plays this world from now on: an object or JSON text, without files. */
  setWorld(world, { key } = {}) {
    const text = typeof world === "string" ? world : JSON.stringify(world);
    if (!/^\s*[{[]/.test(text ?? "")) {
      throw new TypeError(`setWorld: expected an object or its JSON, got ${describe(world)}`);
    }
    try {
      this._control("PUT", "world", key, text);
    } catch (error) {
      if (error.status !== 400) throw error;
      throw new WorldError(error.message.split("; world:").map((one, i) => (i ? "world:" : "") + one));
    }
  }

  /** The prompts that no script matched, and which came nearest. */
  unmatched({ key = this.apiKey } = {}) {
    return this._control("GET", "unmatched", key).prompts;
  }

  /** The key answers 401 from now on, until it is reset. */
  revoke({ key = this.apiKey } = {}) {
    this._control("POST", "revoke", key);
  }

  /** One fault or a list of them: docs/worlds.md#faults. */
  addFaults(faults, { key = this.apiKey } = {}) {
    this._control("POST", "faults", key, faults);
  }

  /** The replies that faults hold now, oldest first. */
  held({ key } = {}) {
    return this._control("GET", "held", key).held;
  }

  /** Lets go of the replies that are held by that name: how many. None is a ControlError. */
  release(name, { key } = {}) {
    return this._control("POST", "release", key, { name }).released;
  }

  /** Makes a job of any origin, as an entry of a world's "jobs". Answers its id. */
  addJob(job, { key = this.apiKey } = {}) {
    return this._control("POST", "jobs", key, job).job_id;
  }
}

class Fake extends Controls {
  #engine;
  #token;
  #isTimed;
  #isListed;
  #keysMade = 0;
  #servers = [];

  constructor(engine, token, { clock, keys, origin }) {
    super();
    this.#engine = engine;
    this.#token = token;
    this._clock = clock;
    this.#isTimed = clock === "wall";
    this.#isListed = keys === "listed";
    this.origin = origin === undefined ? NOWHERE : new URL(origin).origin;
    this.apiKey = this.#isListed ? this.states().api_key : this.newKey();
    this.fetch = makeFetch({
      origin: this.origin,
      isTimed: this.#isTimed,
      exchange: (head, body) => this.#exchange(head, body),
    });
  }

  /** Version of the engine. */
  get version() {
    return this.#engine.version();
  }

  /** A key that nobody used yet: its world is a fresh copy. */
  newKey() {
    if (this.#isListed) throw new Error(`with keys: "listed" the world alone has keys`);
    return `nr_js${++this.#keysMade}`;
  }

  /** The same fake as a new key sees it: what you ask of it is about that key alone. */
  forKey(apiKey = this.newKey()) {
    return new OneKey(this, apiKey);
  }

  /** The named things of the world: an agent, a job from Slack, a key that is revoked. */
  states() {
    return this.#engine.states();
  }

  /** One exchange without any HTTP: the reply as the engine gives it. */
  handle(method, target, headers = {}, body = "") {
    const lines = [`${method} ${target} HTTP/1.1`];
    for (const [name, value] of new Headers(headers)) lines.push(`${name}: ${value}`);
    const bytes = typeof body === "string" ? new TextEncoder().encode(body) : body;
    return this.#exchange(lines.join("\r\n") + "\r\n\r\n", bytes);
  }

  /** Puts the fake on a port of 127.0.0.1: Node, Bun and Deno. */
  async listen(options) {
    const { listen } = await import("./lib/listen.js");
    const exchange = (head, body, how) => this.#engine.handle(head, body, how);
    const server = await listen(exchange, options);
    this.#servers.push(server);
    return server;
  }

  /** Closes every port that listen() opened. */
  async close() {
    await Promise.all(this.#servers.splice(0).map((server) => server.close()));
  }

  #exchange(head, body) {
    const receivedUs = this.#isTimed ? Math.round(performance.now() * 1000) : 0;
    return this.#engine.handle(head, body, { receivedUs });
  }

  _control(method, name, key, body) {
    const target = `/__mock/${name}${key === undefined ? "?all=true" : ""}`;
    const text = typeof body === "string" ? body : JSON.stringify(body) ?? "";
    const reply = this.handle(method, target, { Authorization: `Bearer ${key ?? this.#token}` }, text);
    const answer = JSON.parse(new TextDecoder().decode(reply.body));
    if (reply.status >= 300) throw new ControlError(reply.status, answer.error);
    return answer;
  }
}

class OneKey extends Controls {
  #fake;

  constructor(fake, apiKey) {
    super();
    this.#fake = fake;
    this.apiKey = apiKey;
    this.origin = fake.origin;
    this.fetch = fake.fetch;
    this._clock = fake._clock;
  }

  states() {
    return this.#fake.states();
  }

  _control(method, name, key = this.apiKey, body = undefined) {
    return this.#fake._control(method, name, key, body);
  }
}
