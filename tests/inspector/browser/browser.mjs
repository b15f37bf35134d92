// A headless Chromium for the page, and what no page of ours may do in any test: ask for anything
// from elsewhere, offend its own policy, or report an error.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import { isDeepStrictEqual } from "node:util";

import { installed, launch } from "./launch.mjs";

const AXE = readFileSync(installed.resolve("axe-core/axe.min.js"), "utf8");
const WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

// For what is awaited; nothing takes so long.
const PATIENCE_MS = 20000;

let browser;
/** A folder for the files of a test program. */
export const folder = mkdtempSync(join(tmpdir(), "nairi-mock-inspector-"));
before(async () => { browser = await launch(); });
after(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true, force: true });
});

/**
 * A test with a page open at an address or file, which ends well only if the page did nothing wrong.
 * @param {string} name
 * @param {string | ((t: any) => string | Promise<string>)} where
 * @param {(page: any, t: any) => Promise<void>} body
 * @param {object} [options]  of the browser's context: viewport, colorScheme …
 * @param {RegExp} [expected]  what the browser may complain of here
 */
export function step(name, where, body, options = {}, expected = /$^/) {
  test(name, (t) => inContext(options, async (context, watch) => {
    const address = typeof where === "function" ? await where(t) : where;
    const wrongs = await watch(address);
    const page = await context.newPage();
    await page.goto(address);
    await body(page, t);
    assert.deepEqual((await wrongs()).filter((wrong) => !expected.test(wrong)), []);
  }));
}

/**
 * Does something with a context of its own, and a watch over its pages.
 * @param {object} options
 * @param {(context: any, watch: (address: string) => Promise<() => Promise<string[]>>) => Promise<void>} body
 */
export async function inContext(options, body) {
  const context = await browser.newContext({ viewport: { width: 1600, height: 1000 }, ...options });
  context.setDefaultTimeout(PATIENCE_MS);
  try {
    await body(context, (address) => watched(context, address));
  } finally {
    await context.close();
  }
}

/** What a page of this context does that it must not, once it is asked for. */
async function watched(context, address) {
  const wrong = [];
  const { origin, protocol } = new URL(address);
  const mayAsk = (url) => (protocol === "file:" ? url === address.split("#")[0] : new URL(url).origin === origin)
    || /^(blob|data):/.test(url);
  await context.route("**", (route) => {
    if (mayAsk(route.request().url().split("#")[0])) return route.continue();
    wrong.push(`asked for ${route.request().url()}`);
    return route.abort();
  });
  context.on("weberror", (error) => wrong.push(`error: ${error.error().message}`));
  context.on("dialog", (dialog) => {
    wrong.push(`dialog: ${dialog.message()}`);
    dialog.dismiss();
  });
  context.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) wrong.push(`console: ${message.text()}`);
  });
  await context.addInitScript(() => {
    window.violations = [];
    document.addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) => {
      window.violations.push(`policy: ${violatedDirective} forbids ${blockedURI}`);
    });
  });
  return async () => {
    const violations = await Promise.all(context.pages().map((page) => page.evaluate(() => window.violations)));
    return [...wrong, ...violations.flat()];
  };
}

/** What axe finds wrong by WCAG 2.2 AA, one line each. */
export async function axe(page) {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate((tags) => window.axe.run(document, { runOnly: tags }), WCAG);
  return violations.flatMap(({ id, help, nodes }) => nodes.map(({ html }) => `${id}: ${help}: ${html.slice(0, 200)}`));
}

/** Waits until something has a value, and says what it has at last. */
export async function eventually(of, expected) {
  const until = Date.now() + PATIENCE_MS;
  for (;;) {
    const value = await of();
    if (isDeepStrictEqual(value, expected)) return;
    if (Date.now() > until) return assert.deepEqual(value, expected);
    await new Promise((resolve) => { setTimeout(resolve, 20); });
  }
}

/** Whether the page as a whole can be scrolled sideways. */
export const isTooWide = (page) => page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);

/** The same page with other data in it. */
export function withData(file, data) {
  const html = readFileSync(file, "utf8");
  const inside = JSON.stringify(data).replaceAll("<", "\\u003c");
  const opening = '<script type="application/json" id="data">';
  const begin = html.indexOf(opening) + opening.length;
  return html.slice(0, begin) + inside + html.slice(html.indexOf("</script>", begin));
}

/** The address of a file of this text. */
export function fileOf(name, text) {
  const path = join(folder, name);
  writeFileSync(path, text);
  return pathToFileURL(path).href;
}
