// The engine in WebAssembly: bytes go in, bytes come out. Each fake has a module instance of its
// own, whose memory goes with it; the code is compiled once.
import { wasmBytes } from "./platform.js";

const ENDINGS = ["whole", "truncated", "reset", "empty"];
const ENCODINGS = ["plain", "chunked", "gzip"];
const NUMBERS = 12; // of a reply; see wasm/shim.c

const encoder = new TextEncoder();
const decoder = new TextDecoder();

let compiled;
function compile(wasm) {
  if (wasm instanceof WebAssembly.Module) return wasm;
  if (wasm !== undefined) return WebAssembly.compile(wasm);
  compiled ??= wasmBytes().then((bytes) => WebAssembly.compile(bytes));
  return compiled;
}

/** `openFile(path)` gives the bytes of a file that the world names, or throws. */
export async function createEngine(world, options, openFile, wasm) {
  const engine = new Engine(await compile(wasm), openFile);
  engine.start(world, options);
  return engine;
}

class Engine {
  constructor(module, openFile) {
    const file = (path, bytes) => this.#open(openFile, path, bytes);
    this.#exports = new WebAssembly.Instance(module, imports(file)).exports;
    this.#exports._initialize();
    this.#numbers = this.#exports.malloc(NUMBERS * 8);
  }

  #exports;
  #fake = 0;
  #numbers;
  #opened = []; // what a world was given of files, until it is made

  start(world, options) {
    const wasm = this.#exports;
    const error = wasm.malloc(4);
    const [worldAt, worldSize] = this.#put(encoder.encode(world));
    const [optionsAt, optionsSize] = this.#put(encoder.encode(JSON.stringify(options)));
    this.#fake = wasm.fake_new(worldAt, worldSize, optionsAt, optionsSize, error);
    for (const at of [worldAt, optionsAt, ...this.#opened.splice(0)]) wasm.free(at);
    if (this.#fake !== 0) return;
    const text = this.#view().getUint32(error, true);
    throw new EngineError(text === 0 ? "there is no memory left" : this.#text(text));
  }

  /** One exchange. `head` is the request line and the header fields, of bytes as characters. */
  handle(head, body, { connection = 0, receivedUs = 0 } = {}) {
    const wasm = this.#exports;
    const size = head.length + body.length;
    const at = wasm.malloc(size);
    if (at === 0 && size > 0) throw new Error("nairi-mock: there is no memory left");
    const memory = new Uint8Array(wasm.memory.buffer, at, size);
    for (let i = 0; i < head.length; ++i) memory[i] = head.charCodeAt(i);
    memory.set(body, head.length);
    const reply = wasm.fake_handle(
      this.#fake, at, head.length, size, connection, receivedUs, Date.now());
    wasm.free(at);
    if (reply === 0) throw new Error("nairi-mock: there is no memory left");
    return this.#reply(reply);
  }

  states() {
    return JSON.parse(this.#text(this.#exports.fake_states(this.#fake)));
  }

  version() {
    return this.#string(this.#exports.version());
  }

  #reply(at) {
    const wasm = this.#exports;
    wasm.reply_numbers(at, this.#numbers);
    const n = new Float64Array(wasm.memory.buffer, this.#numbers, NUMBERS);
    const head = new Uint8Array(wasm.memory.buffer, n[8], n[9]);
    const reply = {
      delayMs: n[0], afterBytes: n[1], dripBytesPerS: n[2], sendingMs: n[3], status: n[4],
      ending: ENDINGS[n[5]], encoding: ENCODINGS[n[6]], isWhole: n[7] !== 0,
      headers: fields(latin1(head)),
      body: new Uint8Array(wasm.memory.buffer, n[10], n[11]).slice(),
      isHeld: () => false, isCancelled: () => false, giveUp() {},
    };
    const isHeld = wasm.reply_is_held(at) !== 0;
    // Only what takes its time can be cancelled.
    if (reply.sendingMs === 0 && !isHeld) {
      wasm.reply_free(at);
      return reply;
    }
    let isKept = true; // by the engine
    reply.isHeld = () => isKept && wasm.reply_is_held(at) !== 0;
    reply.isCancelled = () => isKept && wasm.reply_is_cancelled(at) !== 0;
    const free = () => wasm.reply_free(at);
    finished.register(reply, free, reply);
    reply.giveUp = () => {
      if (!isKept) return;
      isKept = false;
      finished.unregister(reply);
      free();
    };
    return reply;
  }

  #open(openFile, path, bytes) {
    let found = 1;
    let data;
    try {
      data = openFile(this.#string(path));
    } catch (error) {
      found = 0;
      data = encoder.encode(error instanceof Error ? error.message : String(error));
    }
    const [at, size] = this.#put(data);
    this.#opened.push(at);
    this.#view().setUint32(bytes, at, true);
    this.#view().setUint32(bytes + 4, size, true);
    return found;
  }

  #put(bytes) {
    const at = this.#exports.malloc(bytes.length);
    if (at === 0 && bytes.length > 0) throw new Error("nairi-mock: there is no memory left");
    new Uint8Array(this.#exports.memory.buffer).set(bytes, at);
    return [at, bytes.length];
  }

  #view() {
    return new DataView(this.#exports.memory.buffer);
  }

  #string(at) {
    const memory = new Uint8Array(this.#exports.memory.buffer);
    return decoder.decode(memory.subarray(at, memory.indexOf(0, at)));
  }

  #text(at) {
    const text = this.#string(at);
    this.#exports.text_free(at);
    return text;
  }
}

/** What the engine says of a world or an option: a mistake on a line. */
export class EngineError extends Error {}

const finished = new FinalizationRegistry((free) => free());

// The module asks for no more than this; what it never uses answers "not there".
const NOT_THERE = 52; // WASI's ENOSYS
const NO_ENTRY = -2; // Linux's ENOENT
function imports(openFile) {
  const nothing = () => NOT_THERE;
  return {
    nairi: { open_file: openFile },
    env: { emscripten_notify_memory_growth() {}, __syscall_stat64: () => NO_ENTRY },
    wasi_snapshot_preview1: {
      environ_sizes_get: nothing, environ_get: nothing,
      fd_close: nothing, fd_read: nothing, fd_seek: nothing, fd_write: nothing,
      proc_exit(code) { throw new Error(`nairi-mock: the engine ended with ${code}`); },
    },
  };
}

/** Bytes as characters, as HTTP has them in its headers. */
export function latin1(bytes) {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}

function fields(head) {
  return head.split("\r\n").filter(Boolean).map((line) => {
    const colon = line.indexOf(": ");
    return [line.slice(0, colon), line.slice(colon + 2)];
  });
}
