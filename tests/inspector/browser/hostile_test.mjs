// Everything that came from outside is text, whatever it says.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { before } from "node:test";
import { pathToFileURL } from "node:url";

import { fileOf, folder, step, withData } from "./browser.mjs";
import { MARKUP, WORLD } from "./hostile.mjs";
import { replaced, tainted } from "./made.mjs";
import { report, reportOf } from "./scene.mjs";

const ALL = MARKUP.join(" ");

/** What of a page is markup that it should not have. */
const strangers = (page) => page.evaluate(() => {
  const elements = "img, iframe, object, embed, video, audio, link, base, foreignObject, image, use, body style, body * script, body a:not(.skip)";
  const found = [...document.querySelectorAll(elements)].map((one) => one.outerHTML);
  if ("hacked" in window) found.push("a script ran");
  for (const one of document.querySelectorAll("*")) {
    for (const { name, value } of one.attributes) {
      const leads = /^(href|src|action|formaction|xlink:href)$/.test(name) && !value.startsWith("#");
      if (/^on/i.test(name) || name === "style" || leads) found.push(`${one.tagName} ${name}=${value}`);
    }
  }
  return found;
});

const openAll = async (page) => {
  for (let round = 0; round < 4; ++round) await page.locator("details:not([hidden])").evaluateAll((all) => all.forEach((one) => { one.open = true; }));
};

/** Opens what there is, and each call of each lane. */
async function lookAtAll(page) {
  await openAll(page);
  for (const strip of await page.getByRole("slider").all()) {
    await strip.focus();
    const calls = Number(await strip.getAttribute("aria-valuemax"));
    for (let i = 0; i < calls; ++i) {
      await page.keyboard.press("Enter");
      await strip.focus();
      await page.keyboard.press("ArrowRight");
    }
  }
  await openAll(page);
}

async function harmless(page) {
  await lookAtAll(page);
  assert.deepEqual(await strangers(page), []);
}

let shell;
let hostile;
before(async () => {
  shell = await report(folder);
  hostile = await reportOf(folder, "hostile", WORLD, new URL("hostile.mjs", import.meta.url), MARKUP);
});
const dataOf = (file) => JSON.parse(readFileSync(file, "utf8").match(/<script type="application\/json" id="data">([^]*?)<\/script>/)[1]);

step("what a hostile client sends and a hostile world says is shown as it is", () => pathToFileURL(hostile).href, async (page) => {
  await harmless(page);
  const shown = await page.locator("body").innerText();
  for (const one of ["<img src=x onerror=hacked=1>", "</script><script>hacked=1</script>", "{{data}}/*{{view.js}}*/"]) assert.ok(shown.includes(one), one);
});

for (const taint of ["</script><script>hacked=1</script>", "<!--<script>", ALL]) {
  step(`whatever text the data has, it stays text: ${JSON.stringify(taint).slice(0, 40)}`, () => fileOf("tainted.html", withData(shell, tainted(dataOf(shell), taint))), async (page) => {
    await harmless(page);
    const texts = await page.locator("body").evaluate((body) => body.textContent.replace(body.querySelector("#data").textContent, ""));
    const sign = taint.replace(/\s+/g, " ").trim().slice(0, 12);
    assert.ok(texts.replace(/\s+/g, " ").includes(sign), sign);
  });
}

for (const value of [null, "", -1, 1e300, [], {}, "\ud800"]) {
  step(`data of another form breaks nothing: ${JSON.stringify(value)}`, () => fileOf("replaced.html", withData(shell, replaced(dataOf(shell), value))), async (page) => {
    await openAll(page);
    assert.deepEqual(await strangers(page), []);
  });
}

step("a link with a hostile fragment is text too", () => `${pathToFileURL(hostile).href}#text=${encodeURIComponent(ALL)}&key=${encodeURIComponent(ALL)}&exchange=<img>&zoom=-1e9`, async (page) => {
  assert.deepEqual(await strangers(page), []);
});
