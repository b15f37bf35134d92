// The fake in a page of headless Chromium: by fake.fetch, and by the page's own fetch and the relay.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

const HERE = new URL("./", import.meta.url);
const PACKAGE = new URL("node_modules/nairi-mock/", HERE);
const TYPES = { js: "text/javascript", mjs: "text/javascript", wasm: "application/wasm",
                html: "text/html" };
const PAGE = `<!DOCTYPE html><script type="importmap">{"imports": {
  "nairi-mock": "/package/index.js", "nairi-mock/browser": "/package/browser.js"}}</script>
  <script type="module">
    import { run } from "/browser_page.mjs";
    const report = await run().catch((error) => ({ error: String(error.stack ?? error) }));
    await fetch("/report", { method: "POST", body: JSON.stringify(report) });
  </script>`;

// A page's server, which gets the page's report.
async function site() {
  let tell;
  const report = new Promise((resolve) => { tell = resolve; });
  const server = createServer(async (request, response) => {
    const path = request.url.split("?")[0];
    if (path === "/report") {
      let text = "";
      for await (const piece of request) text += piece;
      response.end();
      return tell(JSON.parse(text));
    }
    try {
      const url = path === "/relay-worker.js" ? new URL("relay-worker.js", PACKAGE)
        : path.startsWith("/package/") ? new URL(path.slice(9), PACKAGE) : new URL(path.slice(1), HERE);
      const body = path === "/" ? PAGE : readFileSync(url);
      response.setHeader("Content-Type", TYPES[path.split(".").at(-1)] ?? "text/html");
      response.end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { server, report, url: `http://127.0.0.1:${server.address().port}/` };
}

test("the fake plays in a page, and the relay hands it the page's own requests", async (t) => {
  const { server, report, url } = await site();
  const profile = mkdtempSync(join(tmpdir(), "nairi-mock-"));
  const chromium = spawn("chromium", ["--headless=new", "--no-sandbox", "--disable-gpu",
    "--disable-dev-shm-usage", "--no-first-run", `--user-data-dir=${profile}`, url],
    { stdio: ["ignore", "ignore", "pipe"], detached: true });
  let said = "";
  chromium.stderr.on("data", (piece) => { said += piece; });
  // Until nobody has its stderr any more: its helpers write to the profile after it has gone.
  const closed = once(chromium, "close");
  t.after(async () => {
    process.kill(-chromium.pid, "SIGKILL");
    server.closeAllConnections();
    server.close();
    await closed;
    rmSync(profile, { recursive: true, force: true });
  });
  const ended = once(chromium, "exit").then(() => { throw new Error(`chromium ended: ${said.slice(-2000)}`); });
  ended.catch(() => {});
  const { error, ...results } = await Promise.race([report, ended]);
  assert.equal(error, undefined);
  assert.deepEqual(results, {
    inPage: 'Refunded cus_123 as asked: "Refund the failed charge"',
    relayed: 'Refunded cus_123 as asked: "Refund the failed charge"',
    uploaded: ["a.bin", "YQD/"],
    journal: ["start", "messages", "upload"],
    lost: "TypeError",
    elsewhere: 404,
  });
});
