// The page with as much in it as a fake keeps.
import assert from "node:assert/strict";
import { before } from "node:test";

import { eventually, fileOf, folder, step, withData } from "./browser.mjs";
import { longLane, manyLanes } from "./made.mjs";
import { report } from "./scene.mjs";

let shell;
before(async () => { shell = await report(folder); });
const made = (name, data) => () => fileOf(name, withData(shell, data));

const titles = (page) => page.getByRole("article").getByRole("heading", { level: 3 });
const isDrawn = (lane) => lane.locator("svg").count();

step("of 10,000 exchanges each conversation has a lane, drawn when it is scrolled to", made("many.html", manyLanes(20, 500)), async (page) => {
  assert.equal(await titles(page).count(), 20);
  assert.match(await page.locator("details.run > summary").innerText(), /20 conversations · 10,000 exchanges/);
  const last = page.getByRole("article").last();
  assert.equal(await isDrawn(last), 0);
  await page.keyboard.press("End");
  await eventually(() => isDrawn(last), 1);
  const elements = await page.evaluate(() => document.querySelectorAll("*").length);
  assert.ok(elements < 4000, `${elements} elements`);
});

step("1,000 conversations can be scrolled through and filtered", made("conversations.html", manyLanes(1000, 10)), async (page) => {
  assert.equal(await titles(page).count(), 1000);
  await page.getByLabel("Find").fill("Prompt 777.");
  await eventually(() => titles(page).allTextContents(), ["Prompt 777."]);
});

step("5,000 polls are ticks that can be told from one another, and the pause between them is seen", made("long.html", longLane(5000)), async (page) => {
  const lane = page.getByRole("article").first();
  await eventually(() => isDrawn(lane), 1);
  const places = await lane.locator("path.tick").evaluateAll((paths) => paths.flatMap((path) =>
    [...path.getAttribute("d").matchAll(/M([\d.]+) [\d.]+V/g)].map((match) => Number(match[1]))).sort((a, b) => a - b));
  assert.equal(places.length, 5001);
  const gaps = places.slice(1).map((place, i) => place - places[i]);
  assert.ok(Math.min(...gaps) >= 2, `${Math.min(...gaps)} pixels`);
  assert.deepEqual(await lane.locator("svg text.pause").allTextContents(), ["10 min"]);
  const strip = lane.getByRole("slider");
  await strip.focus();
  await page.keyboard.press("End");
  assert.equal(await strip.getAttribute("aria-valuenow"), "5001");
  assert.ok(await strip.evaluate((one) => one.scrollLeft > 0));
});
