/// <reference lib="esnext.disposable" />
/** The fake of Nairi's Conversations API, in this process. */

/** How a fake is made. */
export interface FakeOptions {
  /** An object or JSON text as docs/worlds.md tells, "builtin:NAME", or a file: its path or URL.
   * Default: "builtin:default". */
  world?: object | string | URL;
  /** The files that the world names as attachments, by their names there. Those of a world file
   * are read from its folder if this is not given. */
  files?: Record<string, string | Uint8Array | ArrayBuffer>;
  /** "poll": each read of a job moves its turn on. "virtual": `advance` does. "wall": real time
   * does, and replies take the time that they take. Default: "poll". */
  clock?: "poll" | "virtual" | "wall";
  /** How many times as fast as real time; under the wall clock. Default: 1. */
  speed?: number;
  /** The same seed, key and calls give the same ids. Default: 1. */
  seed?: number;
  /** Which keys are let in: any, or those of the world. Default: "any". */
  keys?: "any" | "listed";
  /** "additive": replies gain what clients must ignore. */
  mutate?: "additive";
  /** The text of a ledger of what is known of the service, which the fake follows. */
  fidelity?: string;
  /** How many exchanges the journal keeps. Default: 10000. */
  journalMax?: number;
  /** Whether verdicts() tells anything. Default: true. */
  judge?: boolean;
  /** Pages of which origins may call the API on a port. */
  corsOrigins?: string[];
  /** Which origin the fake plays for `fetch`. Default: one that nobody can reach. */
  origin?: string | URL;
  /** nairi_mock.wasm as bytes or compiled, where its own loading does not work. */
  wasm?: Uint8Array | ArrayBuffer | WebAssembly.Module;
}

export function createFake(options?: FakeOptions): Promise<Fake>;

/** Whose: that of one key, or of all together if there is none. */
export interface OfKey {
  key?: string;
}

/** What can be asked of a fake. `journal`, `verdicts`, `held`, `release`, `reset` and `setWorld` are
 * about all keys unless one is named; the others about `apiKey`. What forKey() gives, is about its key alone. */
export interface Controls {
  /** A key that is let in. */
  readonly apiKey: string;
  /** Where the API is, with its prefix: what your client takes. */
  readonly baseUrl: string;
  /** `baseUrl` without a path. */
  readonly origin: string;
  /** What your client takes in place of the platform's fetch. It needs no `this`. */
  readonly fetch: typeof globalThis.fetch;

  /** Has a small client ask an agent: what it replies. Throws what it fails with. Under the virtual
   * clock nobody moves the time meanwhile. */
  ask(agent: string, prompt: string): Promise<string>;
  /** Moves the virtual clock. Under the others it is a ControlError. */
  advance(ms: number, whose?: OfKey): void;
  /** Every exchange that the fake saw, oldest first. */
  journal(whose?: OfKey): JournalEntry[];
  /** How the client behaved, as if its run ended now. */
  verdicts(whose?: OfKey): Verdicts;
  /** The prompts that no script matched, and which came nearest. */
  unmatched(whose?: OfKey): UnmatchedPrompt[];
  /** Forgets all that happened. */
  reset(whose?: OfKey): void;
  /** The key answers 401 from now on, until it is reset. */
  revoke(whose?: OfKey): void;
  /** One fault or a list of them: docs/worlds.md#faults. */
  addFaults(faults: object | object[], whose?: OfKey): void;
  /** The replies that faults hold now, oldest first. */
  held(whose?: OfKey): HeldReply[];
  /** Lets go of the replies that are held by that name: how many. None is a ControlError. */
  release(name: string, whose?: OfKey): number;
  /** Makes a job of any origin, as an entry of a world's "jobs". Answers its id. */
  addJob(job: object, whose?: OfKey): string;
  /** Resets, and plays this world from now on: an object or JSON text, without files. */
  setWorld(world: object | string, whose?: OfKey): void;
  /** The named things of the world: an agent, a job from Slack, a key that is revoked. */
  states(): Record<string, string>;
}

export interface Fake extends Controls {
  /** The version of the engine. */
  readonly version: string;
  /** A key that nobody used yet: its world is a fresh copy. */
  newKey(): string;
  /** The same fake as one key sees it; as a new one, if none is given. */
  forKey(apiKey?: string): Controls;
  /** Puts the fake on a port, a free one of 127.0.0.1 by default: Node, Bun and Deno. */
  listen(options?: { host?: string; port?: number }): Promise<FakeServer>;
  /** Closes every port that listen() opened. */
  close(): Promise<void>;
  /** One exchange without any HTTP. `target` is path and query as sent. */
  handle(method: string, target: string, headers?: Record<string, string> | [string, string][],
    body?: string | Uint8Array): Reply;
}

export interface FakeServer extends AsyncDisposable {
  readonly port: number;
  /** http://127.0.0.1:40123 */
  readonly rootUrl: string;
  /** The same with /api/public/v1 behind it. */
  readonly baseUrl: string;
  /** The same with /__mock: docs/control.md. */
  readonly controlUrl: string;
  close(): Promise<void>;
}

/** A reply before anything happens to it on its way. */
export interface Reply {
  status: number;
  headers: [name: string, value: string][];
  body: Uint8Array;
  /** To be waited before its first byte. */
  delayMs: number;
  /** `delayMs`, and what the dripping takes. */
  sendingMs: number;
  dripBytesPerS: number;
  ending: "whole" | "truncated" | "reset" | "empty";
  afterBytes: number;
  encoding: "plain" | "chunked" | "gzip";
  /** Whether nothing of the body is missing when it arrives. */
  isWhole: boolean;
  /** Whether a fault holds it, until release() is called by its name. */
  isHeld(): boolean;
  /** Nobody waits for it any more on this side: it is not held either. */
  giveUp(): void;
  /** Whether nobody waits for it any more, as its key was reset. */
  isCancelled(): boolean;
}

/** A reply that a fault holds: docs/worlds.md#held-replies. */
export interface HeldReply {
  name: string;
  /** The call that it answers, such as "poll#3". */
  at: string;
  since: string;
  /** As in the journal. */
  number: number;
  organization: number;
}

/** An entry of the journal: docs/control.md. */
export interface JournalEntry {
  number: number;
  organization?: number;
  at?: string;
  received_us: number;
  connection: number;
  operation: string;
  method: string;
  target: string;
  headers: unknown;
  body: string;
  body_bytes: number;
  status: number;
  /** How long a fault had the reply wait or drip. */
  sending_ms: number;
  reply_headers: { name: string; value: string }[];
  reply_body: string;
  reply_bytes: number;
  fault?: string;
  hint?: string;
  refused?: string;
}

export interface UnmatchedPrompt {
  [name: string]: unknown;
}

/** One rule of docs/rules.md. */
export interface Verdict {
  rule: string;
  level: "MUST" | "SHOULD" | "INFO";
  outcome: "kept" | "broken" | "not_seen" | "not_judged" | "measured";
  sentence: string;
  /** Where the rule is explained. */
  page: string;
  /** The first exchanges that prove it. */
  evidence: { number: number; at?: string; exchange: string }[];
  /** Of all that prove it. */
  evidence_count: number;
}

export class Verdicts {
  readonly traffic: Record<string, number>;
  /** Requests that no route fits. */
  readonly unrouted: { count: number; example: string; hint: string };
  /** What was refused before it could be played. */
  readonly refused: { count: number; example: string; hint: string };
  readonly verdicts: Verdict[];
  /** The verdict on one rule. */
  of(rule: string): Verdict;
  /** The broken rules of a level. Default: "MUST". */
  broken(level?: Verdict["level"]): Verdict[];
  /** Throws RuleBroken, with the evidence, if the client broke a rule that it must keep. */
  check(): void;
  /** The broken rules of a level, for people. */
  text(level?: Verdict["level"]): string;
}

export class RuleBroken extends Error {}

/** A world or an option is wrong. */
export class WorldError extends Error {
  /** A line for each: file, line, column, JSON pointer, and what was expected. */
  readonly mistakes: string[];
}

/** The control API refused a call. */
export class ControlError extends Error {
  readonly status: number;
}
