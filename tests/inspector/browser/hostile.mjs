// A world and a client that say what would do harm if it were taken for markup.
import { once } from "node:events";
import { connect } from "node:net";
import { fileURLToPath } from "node:url";

import { Client } from "./scene.mjs";

export const MARKUP = [
  "<img src=x onerror=hacked=1>", '"><script>hacked=1</script>', "</script><script>hacked=1</script>", "<!--<script>",
  "<svg/onload=hacked=1>", "<iframe src=//elsewhere.example></iframe>", "{{data}}/*{{view.js}}*/", "javascript:hacked=1",
  "&lt;b&gt;&amp;", "\u202egnp.exe \u2028", "';alert(1)//${hacked}`", "<a href=javascript:hacked=1>x</a>",
  "]]><style>*{display:none}</style>", "\\u003cimg src=x onerror=hacked=1\\u003e",
];
const ALL = MARKUP.join(" ");
const SAID = ALL.replaceAll("{{", "{ {");  // else it were a template of ours

export const WORLD = {
  agents: [{ agent_id: "billing-agent", name: ALL }],
  turns: [{
    when: { prompt: { contains: "<img" } },
    timeline: [
      {
        status: "pending", system: [SAID],
        progress: [
          { progress_type: "tool_use", tool_use_id: SAID, tool_name: SAID, tool_input: SAID, tool_status: "running" },
          { progress_type: "text", text_delta: SAID },
        ],
      },
      { status: "failed", error: SAID },
    ],
  }],
  faults: [
    { at: "poll#2", do: { status: 503, error: ALL } },
    { at: "agents#2", do: { status: 502, body: `<html>${ALL}</html>` } },
  ],
};

/** Bytes as they are, which no client of HTTP would send. */
async function send(baseUrl, bytes) {
  const { hostname, port } = new URL(baseUrl);
  const socket = connect(Number(port), hostname);
  await once(socket, "connect");
  socket.end(bytes);
  socket.resume();
  await once(socket, "close");
}

async function play(baseUrl) {
  const latin = ALL.replace(/[^ -~]/g, "");
  const client = new Client(baseUrl, "nr_test", { "user-agent": latin, "x-hostile": latin });
  await client.call("GET", "/agents");
  await client.call("GET", "/agents");
  const { job_id: job, message_id: message } = await client.start(ALL);
  await client.wait(message);
  await client.timeline(job);
  await client.start("no script has this" + ALL.replaceAll("<img", "<IMG"));
  await client.call("POST", "/conversations/start", { agent_id: ALL, prompt: ALL });
  await client.call("POST", "/conversations/start", `{"prompt": "${latin}`);
  await client.call("GET", `/messages/${encodeURIComponent(ALL)}`);
  await client.upload(latin.replaceAll('"', ""), ALL);
  client.close();
  await send(baseUrl, `GET /api/public/v1/<script>hacked=1</script>?"><img/src=x> HTTP/1.1\r\nHost: 127.0.0.1\r\nX-A: \xff<b>\r\n\r\n`);
  await send(baseUrl, `<script>hacked=1</script> ${latin}\r\n\r\n`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await play(process.env.NAIRI_BASE_URL);
