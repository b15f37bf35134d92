// Good clients on Node of other habits than node/client.mjs, which must be judged as good.
//
//   styles.mjs NAME [--stdio]    does the job in NAIRI_JOB, or those on stdin
//   styles.mjs --list            a line of JSON for each client
import { EventEmitter, once } from "node:events";
import http from "node:http";
import { createGunzip, createInflate } from "node:zlib";
import { Client, Refused, encode, ended, main, request } from "../node/kit.mjs";

const clients = [];
const style = (name, why, what) => clients.push({ name: `node/${name}`, rules: [], why, what });

// Spares the server: what takes long is asked for less often, and never in step with others.
style("polls-with-jitter-and-growing-pauses",
  "It polls after pauses that grow to five times of what was asked, with jitter, and retries likewise.",
  class extends Client {
    pauses = [200, 400, 800, 1600].map((ms) => ms * (0.75 + Math.random() / 2));

    async answer(turn) {
      for (let factor = 1; ; factor = Math.min(5, factor * 1.5)) {
        const { status } = await this.poll(turn);
        if (ended(status)) return this.outcome(status, await this.timeline(turn.job_id), turn);
        await this.sleep(this.job.poll_ms * factor * (1 + Math.random() / 4));
      }
    }
  });

// A chat window: an emitter tells what is new in the timeline, and never looks at a single message.
class Feed extends EventEmitter {
  async follow(client, turn) {
    for (const shown = new Set(); ; await client.sleep(client.job.poll_ms)) {
      const messages = await client.timeline(turn.job_id);
      for (const message of messages.filter(({ id }) => !shown.has(id))) {
        shown.add(message.id);
        this.emit("message", message);
      }
      const own = messages.find(({ id }) => id === turn.message_id);
      if (ended(own?.status)) return this.emit("end", own.status, messages);
    }
  }
}
style("follows-the-timeline-with-events",
  "It reads only the timeline, as a stream of text that it decodes piece by piece, and tells by events what is new.",
  class extends Client {
    async send(method, path, headers, body) {
      const options = { method, headers, body, signal: this.signal, redirect: "manual" };
      const reply = await fetch(this.root + path, options);
      let text = "";
      for await (const piece of reply.body?.pipeThrough(new TextDecoderStream()) ?? []) text += piece;
      return { status: reply.status, headers: Object.fromEntries(reply.headers), text };
    }
    async answer(turn) {
      const feed = new Feed();
      feed.on("message", ({ role }) => process.stderr.write(`${role}\n`));
      const end = once(feed, "end");
      await Promise.race([end, feed.follow(this, turn)]);
      const [status, messages] = await end;
      return this.outcome(status, messages, turn);
    }
  });

// No fetch: an agent of its own, replies that it unpacks itself, bodies for people to read.
const agent = new http.Agent({ keepAlive: true, maxSockets: 2 });
style("speaks-node-http-and-unpacks-gzip",
  "It uses node:http with an agent of its own, asks for gzip, writes JSON with blanks and its headers in capitals.",
  class extends Client {
    headers() {
      return {
        AUTHORIZATION: `Bearer ${this.job.api_key}`,
        "USER-AGENT": "plain-old-node (+https://example.com)",
        "ACCEPT-ENCODING": "gzip, deflate",
        ACCEPT: "application/json, */*;q=0.1",
      };
    }
    post(path, json) {
      const type = { "CONTENT-TYPE": "application/json; charset=utf-8" };
      return this.call("POST", path, type, Buffer.from(JSON.stringify(json, null, 2)));
    }
    async send(method, path, headers, body) {
      const options = { method, headers, body, signal: this.signal };
      if (body) headers["CONTENT-LENGTH"] = body.length;
      if (this.root.startsWith("http:")) options.agent = agent;
      const reply = await request(this.root + path, options);
      const unpack = { gzip: createGunzip, deflate: createInflate }[reply.headers["content-encoding"]]?.();
      if (unpack) reply.on("error", (error) => unpack.destroy(error)).pipe(unpack);
      const text = Buffer.concat(await (unpack ?? reply).toArray()).toString();
      return { status: reply.statusCode, headers: reply.headers, text };
    }
  });

// Nothing is paid twice, and nothing is lost: what broke is looked for before it is sent again.
style("looks-before-it-posts-again",
  "When the reply to a prompt is lost, it looks whether the prompt arrived, and sends it again only if not.",
  class extends Client {
    async prompt(jobId, text, files) {
      const before = new Set(await this.#known(jobId));
      try {
        return await super.prompt(jobId, text, files);
      } catch (error) {
        if (this.signal.aborted || (error instanceof Refused && error.status < 500)) throw error;
        await this.sleep(Math.max(300, error.askedMs ?? 0)); // it may still be on its way
        const [arrived] = (await this.#known(jobId)).filter((id) => !before.has(id));
        if (!arrived) return super.prompt(jobId, text, files);
        if (jobId) return { job_id: jobId, message_id: arrived };
        const own = (await this.timeline(arrived)).find((message) => message.role === "user");
        return { job_id: arrived, message_id: own.id };
      }
    }
    // The prompts of a conversation, or else the conversations of the agent.
    async #known(jobId) {
      if (!jobId) return (await this.conversations()).conversations;
      return (await this.timeline(jobId)).filter(({ role }) => role === "user").map(({ id }) => id);
    }
  });

// Slugs can be renamed, ids can't; and a wrong name shows before anything is uploaded.
style("asks-for-the-agent-first",
  "It asks for the agent, calls it by its id from then on, and walks over lists by cursor.",
  class extends Client {
    async #name() {
      const { id } = await this.get(`/agents/${encode(this.job.agent_id)}`);
      this.job.agent_id = id;
    }
    async converse() {
      if (!this.job.job_id) await this.#name();
      return super.converse();
    }
    async conversations() {
      await this.#name();
      const ids = [];
      for await (const { conversations } of this.#pages()) ids.push(...conversations.map(({ id }) => id));
      return { conversations: ids };
    }
    async *#pages() {
      const query = new URLSearchParams({ limit: 25 });
      for (let next = ""; next !== null; ) {
        if (next) query.set("cursor", next);
        const page = await this.get(`/agents/${encode(this.job.agent_id)}/conversations?${query}`);
        yield page;
        next = page.next_cursor ?? null;
      }
    }
  });

// One controller for all, classic promises, and each poll has a time of its own.
style("gives-each-read-a-time-of-its-own",
  "It ends a read that takes more than three seconds and tries it again, and aborts all at its deadline.",
  class extends Client {
    constructor(job) {
      super(job);
      const all = new AbortController();
      setTimeout(() => all.abort(new Error("the deadline came")), this.job.deadline_ms).unref();
      this.signal = all.signal;
    }
    send(method, path, headers, body) {
      const one = new AbortController();
      const stop = () => one.abort(new Error("it took too long"));
      const timer = method === "GET" ? setTimeout(stop, 3000) : undefined;
      this.signal.addEventListener("abort", stop);
      if (this.signal.aborted) stop();
      return fetch(`${this.root}${path}`, { method, headers, body, signal: one.signal, redirect: "manual" })
        .then((reply) => reply.arrayBuffer().then((bytes) => ({
          status: reply.status,
          headers: Object.fromEntries(reply.headers.entries()),
          text: new TextDecoder().decode(bytes),
        })))
        .finally(() => {
          clearTimeout(timer);
          this.signal.removeEventListener("abort", stop);
        });
    }
    answer(turn) {
      return this.poll(turn).then(({ status }) => ended(status)
        ? this.timeline(turn.job_id).then((messages) => this.outcome(status, messages, turn))
        : this.sleep(this.job.poll_ms).then(() => this.answer(turn)));
    }
  });

await main(clients);
