// Clients on Node with one fault each, as people write them. Which rules name the fault stands beside it.
//
//   broken.mjs NAME [--stdio]    does the job in NAIRI_JOB, or those on stdin
//   broken.mjs --list            a line of JSON for each client
import { EventEmitter, once } from "node:events";
import { readFile } from "node:fs/promises";
import http from "node:http";
import { basename } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Client, Refused, TurnFailed, encode, ended, main, request } from "../node/kit.mjs";

const clients = [];
const broken = (name, rules, why, what, limits) =>
  clients.push({ name: `node/${name}`, rules, why, what, ...limits });
const TALKS = { ops: ["converse", "continue"], attaches: false }; // a client that can do no more

// -- Prompts that run twice --------------------------------------------------------------------------

// retry(() => ask(prompt)): the retry library stands around the whole question, not around each read.
broken("asks-again-after-a-cut-read", ["sends-a-prompt-once"],
  "When the connection breaks while it waits, it asks the same in a new conversation.",
  class extends Client {
    readsAgain() {
      return false;
    }
    async answer(turn) {
      for (let tries = 3; ; ) {
        try {
          return await super.answer(turn);
        } catch (error) {
          if (error instanceof Refused || error instanceof TurnFailed || this.signal.aborted || !--tries) throw error;
          turn = await this.prompt(undefined, this.job.prompts[this.replies.length], []);
        }
      }
    }
  });

// "The agent sometimes hangs in queued; a second message wakes it up."
broken("nudges-a-queued-turn", ["sends-a-prompt-once"],
  "After three polls that say queued it sends the prompt once more in the same conversation.",
  class extends Client {
    queued = 0;

    async poll(turn) {
      const message = await super.poll(turn);
      this.queued = message.status === "queued" ? this.queued + 1 : 0;
      if (this.queued === 3) {
        Object.assign(turn, await this.prompt(turn.job_id, this.job.prompts[this.replies.length], []));
      }
      return message;
    }
  });

// Promise.race gives up the waiting, not the request.
broken("posts-again-when-a-race-is-lost", ["no-blind-retry-of-post"],
  "A POST that takes more than a third of a second is sent a second time, while the first still runs.",
  class extends Client {
    async post(path, json) {
      const post = super.post(path, json);
      const late = Symbol("late");
      const first = await Promise.race([post, sleep(333, late)]);
      return first === late ? super.post(path, json) : first;
    }
  });

// -- Texts -------------------------------------------------------------------------------------------

// `text += chunk` turns each chunk into a string on its own.
const oneAgent = new http.Agent({ keepAlive: true });
broken("decodes-chunk-by-chunk", ["keeps-texts-as-they-are"],
  "It decodes each chunk of a reply by itself, so a character that lies across two becomes rubbish.",
  class extends Client {
    async send(method, path, headers, body) {
      const agent = this.root.startsWith("https:") ? undefined : oneAgent;
      const reply = await request(this.root + path, { method, headers, body, agent, signal: this.signal });
      let text = "";
      reply.on("data", (chunk) => (text += chunk));
      await once(reply, "end"); // or its error
      return { status: reply.statusCode, headers: reply.headers, text };
    }
  });

// As in many an old answer about http.request: "Content-Length": data.length.
broken("counts-characters-for-content-length", ["valid-requests", "keeps-texts-as-they-are"],
  "Its Content-Length counts characters, not bytes, so a prompt that is not ASCII arrives cut.",
  class extends Client {
    async send(method, path, headers, body) {
      if (body) headers["Content-Length"] = body.length;
      const reply = await request(this.root + path, { method, headers, body, signal: this.signal });
      const chunks = await reply.toArray();
      return { status: reply.statusCode, headers: reply.headers, text: Buffer.concat(chunks).toString() };
    }
  });

// A form's habit.
broken("trims-prompts", ["keeps-texts-as-they-are"],
  "It cuts blanks and line ends off both ends of a prompt.",
  class extends Client {
    prompt(jobId, text, files) {
      return super.prompt(jobId, text.trim(), files);
    }
  });

// The answer goes into innerHTML some day, so it is made safe here.
broken("escapes-answers-for-html", ["keeps-texts-as-they-are"],
  "It writes & < > and quotes of an answer as HTML entities.",
  class extends Client {
    pick(messages, turn) {
      return super.pick(messages, turn).replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt()};`);
    }
  });

// -- Files -------------------------------------------------------------------------------------------

// "utf8" is in every example of readFile.
broken("reads-files-as-text", ["keeps-texts-as-they-are"],
  "It reads files as UTF-8 text, which damages all that is none.",
  class extends Client {
    async upload(path) {
      return this.uploadBytes(await readFile(path, "utf8"), basename(path));
    }
  });

// forEach does not wait for an async function.
broken("uploads-without-waiting", ["keeps-texts-as-they-are", "result"],
  "It uploads files but does not wait for their ids, so the prompt is sent without them.",
  class extends Client {
    async uploads(paths) {
      const ids = [];
      paths.forEach(async (path) => ids.push(await this.upload(path).catch(console.error)));
      return [...ids];
    }
  });

// -- Whose answer ------------------------------------------------------------------------------------

// find, where findLast was meant: right for as long as one tries with a single prompt.
broken("answers-with-the-first-answer-of-the-job", ["reads-the-answer"],
  "Its answer to each prompt is the first assistant message of the conversation.",
  class extends Client {
    pick(messages) {
      return messages.find((message) => message.role === "assistant")?.content ?? "";
    }
  });

// A stream for a chat window: what was streamed is taken for the answer.
class Stream extends EventEmitter {
  constructor(client, turn) {
    super();
    this.seen = new Set();
    this.follow(client, turn).catch((error) => this.emit("error", error));
  }
  async follow(client, turn) {
    for (;;) {
      const { status } = await client.poll(turn);
      const messages = await client.timeline(turn.job_id);
      const own = messages.slice(messages.findIndex(({ id }) => id === turn.message_id));
      for (const { id, role, content, progress_type } of own) {
        if (role === "progress" && progress_type === "text" && !this.seen.has(id)) {
          this.emit("delta", JSON.parse(content).text_delta);
        }
        this.seen.add(id);
      }
      if (ended(status)) return this.emit("end", status, messages);
      await client.sleep(client.job.poll_ms);
    }
  }
}
broken("joins-the-deltas", ["reads-the-answer", "filters-progress", "result-matches-terminal"],
  "It gives back the joined text deltas of the progress, not the text of the assistant message.",
  class extends Client {
    answer(turn) {
      return new Promise((resolve, reject) => {
        const deltas = [];
        new Stream(this, turn)
          .on("delta", (text) => deltas.push(text))
          .on("error", reject)
          .on("end", (status, messages) => {
            if (status === "failed") return reject(new TurnFailed(this.failure(messages)));
            resolve(deltas.join("") || this.pick(messages, turn));
          });
      });
    }
  });

// -- Time --------------------------------------------------------------------------------------------

// timer.refresh() on each reply: a timeout for silence, which is no deadline.
broken("starts-its-deadline-anew-with-each-reply", ["deadline-kept"],
  "Each reply starts its deadline anew, so it waits for ever while the server answers polls.",
  class extends Client {
    constructor(job) {
      super(job);
      const controller = new AbortController();
      this.timer = setTimeout(() => controller.abort(), this.job.deadline_ms);
      this.signal = controller.signal;
    }
    async send(...request) {
      const reply = await super.send(...request);
      this.timer.refresh();
      return reply;
    }
  });

// The signal was given to fetch, and forgotten for the pause.
broken("sleeps-through-its-deadline", ["deadline-kept"],
  "It waits as long as Retry-After asks, even far beyond its deadline.",
  class extends Client {
    sleep(ms) {
      return sleep(ms);
    }
  });

// 2 ^ n is no power in JavaScript.
broken("grows-its-pauses-with-xor", ["backoff-grows"],
  "Its pauses between retries are 200, 300, 0 and 100 ms, as it takes ^ for a power.",
  class extends Client {
    pauses = [0, 1, 2, 3].map((attempt) => 100 * (2 ^ attempt));
  });

// -- Statuses ----------------------------------------------------------------------------------------

// "Eventual consistency: it will be there in a moment."
broken("takes-a-404-for-not-yet", ["no-retry-on-4xx", "surfaces-api-errors"],
  "It polls a message on for as long as the server answers 404.",
  class extends Client {
    async poll(turn) {
      try {
        return await super.poll(turn);
      } catch (error) {
        if (error.status !== 404) throw error;
        return { status: "pending" };
      }
    }
  });

// A turn is an emitter with one event for its end, whatever that end is.
class Turn extends EventEmitter {
  async watch(client, { job_id, message_id }) {
    try {
      let message;
      do {
        await client.sleep(client.job.poll_ms);
        message = await client.get(`/messages/${encode(message_id)}`);
      } while (!ended(message.status));
      this.emit("done", await client.timeline(job_id));
    } catch (error) {
      this.emit("error", error);
    }
  }
}
broken("calls-a-failed-turn-completed", ["result-matches-terminal"],
  "It looks for an answer only, so a turn that failed is reported as completed with an empty answer.",
  async (job) => {
    const client = new Client(job);
    const replies = [];
    let turn = { job_id: job.job_id };
    try {
      for (const text of job.prompts) {
        turn = await client.prompt(turn.job_id, text, []);
        const watched = new Turn();
        watched.watch(client, turn);
        const messages = await new Promise((done, fail) => watched.once("done", done).once("error", fail));
        replies.push(client.pick(messages, turn));
      }
      return { outcome: "completed", replies };
    } catch ({ status, message }) {
      return { outcome: client.signal.aborted ? "timeout" : "error", replies, error: { status, message } };
    }
  }, TALKS);

// -- Pages -------------------------------------------------------------------------------------------

// It knows the greatest page, not the usual one.
broken("thinks-a-page-has-a-hundred", ["reads-all-pages"],
  "It asks for pages without a limit, and takes the first with less than a hundred entries for the last.",
  class extends Client {
    async conversations() {
      const ids = [];
      for (let size = 100; size === 100; ) {
        const path = `/agents/${encode(this.job.agent_id)}/conversations?offset=${ids.length}`;
        const page = await this.get(path);
        ids.push(...page.conversations.map(({ id }) => id));
        size = page.conversations.length;
      }
      return { conversations: ids };
    }
  });

// A template string is no URLSearchParams.
async function* pagesByRawCursor(client) {
  const path = `/agents/${encode(client.job.agent_id)}/conversations?limit=100`;
  let page = await client.get(path);
  yield page;
  while (page.next_cursor) yield (page = await client.get(`${path}&cursor=${page.next_cursor}`));
}
broken("puts-cursors-raw-into-urls", ["reads-all-pages", "result"],
  "It does not encode cursors, so one with a plus or an ampersand comes to the server as another.",
  class extends Client {
    async conversations() {
      const ids = [];
      for await (const page of pagesByRawCursor(this)) ids.push(...page.conversations.map(({ id }) => id));
      return { conversations: ids };
    }
  });

// -- Errors ------------------------------------------------------------------------------------------

// throw new Error(body.error): there was a status once.
broken("loses-the-status-of-errors", ["surfaces-api-errors"],
  "Its errors have the server's text, but no status.",
  class extends Client {
    async call(...request) {
      try {
        return await super.call(...request);
      } catch (error) {
        throw error instanceof Refused ? new Error(error.message) : error;
      }
    }
  });

// await reply.json() comes before the status is looked at.
broken("chokes-on-an-error-page", ["surfaces-api-errors"],
  "An error whose body is a proxy's HTML becomes \"Unexpected token <\", without its status and text.",
  class extends Client {
    async send(...request) {
      const reply = await super.send(...request);
      JSON.parse(reply.text);
      return reply;
    }
  });

// -- Transport ---------------------------------------------------------------------------------------

// node:http follows no redirects, so people do it themselves.
broken("sends-the-key-on-a-redirect", ["auth-on-every-call"],
  "It follows a redirect to another origin, and sends the key there.",
  class extends Client {
    async send(method, path, headers, body) {
      const follow = async (url) => {
        const reply = await request(url, { method, headers, body, signal: this.signal });
        const text = (await reply.setEncoding("utf8").toArray()).join("");
        const { location } = reply.headers;
        if (method === "GET" && location && reply.statusCode < 400) return follow(new URL(location, url).href);
        return { status: reply.statusCode, headers: reply.headers, text };
      };
      return follow(this.root + path);
    }
  });

// Copied from the browser's network tab; fetch unpacks by itself, node:http does not.
broken("asks-for-gzip-and-cannot-read-it", ["result"],
  "It asks for compressed replies, which it does not unpack, and so ends with an error.",
  class extends Client {
    async send(method, path, headers, body) {
      const packed = { ...headers, "Accept-Encoding": "gzip, deflate, br" };
      const options = { method, headers: packed, body, signal: this.signal };
      const reply = await request(this.root + path, options);
      const text = (await reply.setEncoding("utf8").toArray()).join("");
      return { status: reply.statusCode, headers: reply.headers, text };
    }
  });

// -- Process -----------------------------------------------------------------------------------------

// Nobody awaits what an async callback of a timer throws.
broken("dies-of-an-unhandled-rejection", ["surfaces-api-errors", "result"],
  "It polls in the callback of a timer, where an error of a poll ends the whole process.",
  async (job) => {
    const client = new Client(job);
    const replies = [];
    let turn = { job_id: job.job_id };
    const wait = () => new Promise((resolve, reject) => {
      client.signal.addEventListener("abort", () => reject(client.signal.reason));
      const tick = async () => {
        const message = await client.poll(turn).catch((error) => {
          if (!client.signal.aborted) throw error;
        });
        if (ended(message?.status)) resolve(message.status);
        else if (!client.signal.aborted) setTimeout(tick, job.poll_ms);
      };
      setTimeout(tick, job.poll_ms);
    });
    try {
      for (const text of job.prompts) {
        turn = await client.prompt(turn.job_id, text, []);
        const status = await wait();
        replies.push(client.outcome(status, await client.timeline(turn.job_id), turn));
      }
      return { outcome: "completed", replies };
    } catch (error) {
      const { status, message } = error;
      const failed = error instanceof TurnFailed ? "failed" : "error";
      return { outcome: client.signal.aborted ? "timeout" : failed, replies, error: { status, message } };
    }
  }, TALKS);

// A table of renderers, with the roles of the day on which it was written.
const RENDER = {
  user: (message) => message,
  assistant: (message) => message,
  system: (message) => message,
  progress: (message) => message,
};
broken("crashes-at-a-role-it-does-not-know", ["survives-additive-changes"],
  "A message of a role that it does not know is a TypeError.",
  class extends Client {
    async timeline(jobId) {
      return (await super.timeline(jobId)).map((message) => RENDER[message.role](message));
    }
  });

await main(clients);
