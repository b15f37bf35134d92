// The fake on a port, by node:http. What goes wrong on the wire, goes wrong on the socket.
import { createServer } from "node:http";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";

import { latin1 } from "./engine.js";
import { pause, release } from "./pause.js";
import { headOf, received } from "./wire.js";

const API = "/api/public/v1";
const FIRST_CHUNK = 16; // small bodies come in several chunks too
const MOST_COMPRESSED = 1 << 20;
const DRIPS_PER_S = 50;

/** Serves what `exchange(head, body, how)` answers. */
export async function listen(exchange, { host = "127.0.0.1", port = 0 } = {}) {
  const connections = new WeakMap();
  let connectionsMade = 0;
  const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    serve(exchange, connections.get(request.socket), request, response)
      .catch(() => request.socket.destroy());
  });
  server.on("connection", (socket) => {
    const gone = new AbortController();
    connections.set(socket, { number: ++connectionsMade, gone: gone.signal });
    socket.on("close", () => gone.abort());
    socket.on("error", () => {}); // its client went away
  });
  await new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
  return new Server(server, host);
}

class Server {
  #server;

  constructor(server, host) {
    this.#server = server;
    this.port = server.address().port;
    this.rootUrl = `http://${host.includes(":") ? `[${host}]` : host}:${this.port}`;
    this.baseUrl = this.rootUrl + API;
    this.controlUrl = `${this.rootUrl}/__mock`;
    // Where `await using` is not known yet, it is made known by somebody else, or by nobody.
    if (Symbol.asyncDispose) this[Symbol.asyncDispose] = () => this.close();
  }

  /** Ends it, and what is on its way. */
  async close() {
    if (!this.#server.listening) return;
    const closed = promisify(this.#server.close).call(this.#server);
    this.#server.closeAllConnections();
    await closed;
  }
}

async function serve(exchange, connection, request, response) {
  const body = await whole(request);
  const reply = exchange(requestHead(request), body,
    { connection: connection.number, receivedUs: Math.round(performance.now() * 1000) });
  const lost = () => new Error("the reply is not wanted any more");
  const wait = (ms) => pause(ms, connection.gone, reply.isCancelled, lost);
  if (reply.isHeld()) await release(reply, connection.gone, lost);
  if (reply.delayMs > 0) await wait(reply.delayMs);
  const sent = encoded(reply, request);
  if (reply.isWhole && reply.dripBytesPerS === 0) return send(sent, request, response);
  return sendBroken(reply, sent, request.socket, wait);
}

async function whole(request) {
  const pieces = [];
  for await (const piece of request) pieces.push(piece);
  return Buffer.concat(pieces);
}

function requestHead({ method, url, httpVersion, rawHeaders }) {
  let head = `${method} ${url} HTTP/${httpVersion}\r\n`;
  for (let i = 0; i < rawHeaders.length; i += 2) head += `${rawHeaders[i]}: ${rawHeaders[i + 1]}\r\n`;
  return head + "\r\n";
}

// Headers and body as they are packed for their way; `chunks` when it is chunked.
function encoded({ encoding, headers, body, status }, request) {
  const others = headers.filter(([name]) => name.toLowerCase() !== "content-length");
  if (encoding === "chunked" && request.httpVersion !== "1.0" && body.length > 0) {
    return { status, headers: [...others, ["Transfer-Encoding", "chunked"]], chunks: chunks(body) };
  }
  const takesGzip = /(^|,)\s*(x-)?gzip\s*(;(?!\s*q=0(\.0*)?\s*(,|$))[^,]*)?(,|$)/i.test(
    request.headers["accept-encoding"] ?? "");
  if (encoding !== "gzip" || body.length === 0) return { status, headers, body };
  others.push(["Vary", "Accept-Encoding"]);
  if (!takesGzip || body.length > MOST_COMPRESSED) {
    return { status, body, headers: [...others, ["Content-Length", String(body.length)]] };
  }
  const packed = gzipSync(body, { level: 1 });
  return { status, body: packed, headers: [...others, ["Content-Encoding", "gzip"],
    ["Content-Length", String(packed.length)]] };
}

function chunks(body) {
  const pieces = [];
  for (let at = 0, size = FIRST_CHUNK; at < body.length; at += size, size = Math.min(size * 2, 65536)) {
    pieces.push(body.subarray(at, at + size));
  }
  return pieces;
}

async function send({ status, headers, body, chunks: pieces }, request, response) {
  response.sendDate = false;
  response.writeHead(status, headers.flat());
  if (pieces === undefined) return response.end(body);
  // One after the other, as Node may make one chunk of those that come at once.
  for (const piece of pieces) await new Promise((resolve) => response.write(piece, resolve));
  response.end();
}

// What does not arrive whole, or not at once, is written to the socket itself, which then closes.
async function sendBroken(reply, { status, headers, body, chunks: pieces }, socket, wait) {
  const head = Buffer.from(headOf({ status, headers: [...headers, ["Connection", "close"]] }), "latin1");
  const packed = pieces === undefined ? body : Buffer.concat(pieces.flatMap(asChunk));
  const ended = pieces === undefined ? packed : Buffer.concat([packed, Buffer.from("0\r\n\r\n")]);
  const sent = received(reply, head.length, packed.length);
  const bytes = Buffer.concat([head.subarray(0, sent.head),
    reply.isWhole ? ended : ended.subarray(0, sent.body)]);
  if (reply.dripBytesPerS > 0) {
    await drip(bytes, reply.dripBytesPerS, socket, wait);
  } else if (bytes.length > 0) {
    await new Promise((resolve) => socket.write(bytes, resolve));
  }
  if (reply.ending === "reset") return reset(socket);
  socket.end(() => socket.destroy());
}

// Without the FIN that Node's resetAndDestroy() sends first, and that clients take for an end.
function reset(socket) {
  if (typeof socket._reset !== "function") return socket.resetAndDestroy();
  socket.resetAndClosing = true;
  socket.destroy();
}

const asChunk = (piece) =>
  [Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from("\r\n")];

async function drip(bytes, bytesPerS, socket, wait) {
  const size = Math.max(1, Math.floor(bytesPerS / DRIPS_PER_S));
  for (let at = 0; at < bytes.length; at += size) {
    await wait((1000 * size) / bytesPerS);
    socket.write(bytes.subarray(at, at + size));
  }
}
