// fake.fetch: what the fetch of the platform would give if the fake were a server.
import { pause, release } from "./pause.js";
import { headOf, received } from "./wire.js";
import { userAgent } from "./platform.js";

const MOST_REDIRECTS = 20;
const REDIRECTS = [301, 302, 303, 307, 308];
const WITHOUT_BODY = [204, 205, 304];
const NOTHING = new Uint8Array(0);

/** A fetch whose requests `exchange(head, body)` answers, all of them below `origin`. */
export function makeFetch({ origin, exchange, isTimed }) {
  async function fetch(input, init) {
    const request = new Request(input, init); // refuses what fetch refuses
    const hasBody = request.method !== "GET" && request.method !== "HEAD";
    const body = hasBody ? new Uint8Array(await request.arrayBuffer()) : NOTHING;
    const redirect = init?.redirect ?? request.redirect;
    const signal = init?.signal ?? request.signal;
    let call = { method: request.method, url: new URL(request.url), body,
                 headers: new Headers(request.headers) };
    for (let redirects = 0; ; ++redirects) {
      signal?.throwIfAborted();
      const reply = send(call);
      await arrival(reply, signal);
      const location = reply.headers.find(([name]) => name.toLowerCase() === "location")?.[1];
      if (!REDIRECTS.includes(reply.status) || location === undefined || redirect === "manual") {
        return response(reply, call, redirects > 0, signal);
      }
      if (redirect === "error") throw failed("unexpected redirect");
      if (redirects === MOST_REDIRECTS) throw failed("redirect count exceeded");
      call = redirected(call, reply.status, new URL(location, call.url));
    }
  }

  function send({ method, url, headers, body }) {
    if (url.origin !== origin) {
      throw failed(`${method} ${url.href}: this fetch reaches ${origin} alone, where the fake is`);
    }
    const lines = [`${method} ${url.pathname}${url.search} HTTP/1.1`];
    for (const [name, value] of headers) lines.push(`${name}: ${value}`);
    if (!headers.has("accept")) lines.push("accept: */*");
    if (!headers.has("user-agent")) lines.push(`user-agent: ${userAgent}`);
    if (body.length > 0) lines.push(`content-length: ${body.length}`);
    return exchange(lines.join("\r\n") + "\r\n\r\n", body);
  }

  // Until the reply's head is there.
  async function arrival(reply, signal) {
    if (reply.isHeld()) await release(reply, signal, closed);
    if (isTimed && reply.delayMs > 0) await pause(reply.delayMs, signal, reply.isCancelled, closed);
    if (reply.ending === "empty") throw closed();
    if (reply.ending === "reset" && received(reply).head < headOf(reply).length) throw reset();
  }

  function response(reply, call, wasRedirected, signal) {
    const hasNone = WITHOUT_BODY.includes(reply.status) || call.method === "HEAD";
    const answer = new Response(hasNone ? null : content(reply, signal),
      { status: reply.status, headers: reply.headers });
    Object.defineProperties(answer, {
      url: { value: call.url.href }, redirected: { value: wasRedirected } });
    return answer;
  }

  function content(reply, signal) {
    const isDripped = isTimed && reply.dripBytesPerS > 0;
    if (reply.isWhole && !isDripped) return reply.body;
    const pieces = isDripped ? drips(reply, signal) : [reply.body.subarray(0, received(reply).body)];
    const iterator = toAsync(pieces);
    return new ReadableStream({
      async pull(controller) {
        try {
          const { done, value } = await iterator.next();
          if (!done) return controller.enqueue(value);
          if (reply.isWhole) return controller.close();
          throw terminated(reply.ending === "reset" ? reset().cause : closed().cause);
        } catch (error) {
          controller.error(error);
        }
      },
    }, { highWaterMark: 0 });
  }

  return fetch;
}

async function* toAsync(pieces) {
  for await (const piece of pieces) {
    if (piece.length > 0) yield piece;
  }
}

// The body as slowly as the fake says, in some fifty pieces a second.
async function* drips(reply, signal) {
  const body = reply.body.subarray(0, received(reply).body);
  const size = Math.max(1, Math.floor(reply.dripBytesPerS / 50));
  for (let at = 0; at < body.length; at += size) {
    await pause((1000 * size) / reply.dripBytesPerS, signal, reply.isCancelled,
      () => terminated(closed().cause));
    yield body.subarray(at, at + size);
  }
}

// The Fetch Standard, HTTP-redirect fetch.
function redirected(call, status, url) {
  const headers = new Headers(call.headers);
  const isPost = call.method === "POST";
  const becomesGet = (status <= 302 && isPost) ||
    (status === 303 && call.method !== "GET" && call.method !== "HEAD");
  if (becomesGet) {
    for (const name of ["content-encoding", "content-language", "content-location", "content-type"]) {
      headers.delete(name);
    }
  }
  if (url.origin !== call.url.origin) headers.delete("authorization");
  return { method: becomesGet ? "GET" : call.method, url, headers,
           body: becomesGet ? NOTHING : call.body };
}

function failed(reason, code) {
  const cause = new Error(reason);
  if (code !== undefined) cause.code = code;
  return new TypeError("fetch failed", { cause });
}
const closed = () => failed("other side closed", "UND_ERR_SOCKET");
const reset = () => failed("read ECONNRESET", "ECONNRESET");
const terminated = (cause) => new TypeError("terminated", { cause });
