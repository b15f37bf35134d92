// Questions that people come with, answered by what a new user sees and would press.
import assert from "node:assert/strict";
import { before } from "node:test";
import { pathToFileURL } from "node:url";

import { folder, step } from "./browser.mjs";
import { report } from "./scene.mjs";

let address;
before(async () => { address = pathToFileURL(await report(folder)).href; });
const file = () => address;

const press = (page, name) => page.getByRole("button", { name }).filter({ visible: true }).first().click();
const opened = (page) => page.getByRole("complementary").innerText();

step("why is no-blind-retry-of-post broken?", file, async (page) => {
  await page.getByText("no-blind-retry-of-post", { exact: true }).click();
  const said = await page.locator("[data-rule=no-blind-retry-of-post]").innerText();
  assert.match(said, /a POST was sent again that may have been carried out/);
  assert.match(said, /#19 POST \/conversations\/start → 200 \(first #18\)/);
  assert.match(said, /the prompt runs twice, and the user pays twice/);
  await press(page, /^#19 /);
  assert.match(await opened(page), /repeats #18/);
  await press(page, /^#18 /);
  assert.match(await opened(page), /start#2 empty_response true, executed true/);
});

step("which call was struck by the fault?", file, async (page) => {
  await page.getByLabel("struck by a fault").check();
  await page.getByText("1 of 1 call fit the filter").waitFor();
  const struck = await page.getByRole("button", { name: /◆/ }).filter({ visible: true }).allTextContents();
  assert.deepEqual(struck, ["#6 poll 503 ◆ fault", "#9 poll 200 ◆ fault", "#13 messages 200 ◆ fault", "#18 start 200 ◆ fault"]);
  await press(page, /^#9 poll/);
  assert.match(await opened(page), /fault: poll#6 reset_after_bytes 17/);
});

step("what did the agent answer to the second prompt?", file, async (page) => {
  const turns = page.getByRole("article").first().locator("li summary");
  assert.match(await turns.nth(1).innerText(), /And what did it cost\?.* → completed → .*It cost 3 cents\./);
});

step("did my client wait for Retry-After?", file, async (page) => {
  await page.getByText("retry-after", { exact: true }).click();
  const said = await page.locator("[data-rule=retry-after]").innerText();
  assert.match(said, /broken.*a request came again sooner than Retry-After asked/);
  assert.match(said, /#7 GET \/messages\/\S+ → 200 after \d+ of 1000 ms/);
  await press(page, /^#6 poll/);
  assert.match(await opened(page), /Retry-After: 1/i);
});

step("why did no script match?", file, async (page) => {
  const miss = page.getByText("refund cus_9, in small letters").first().locator("xpath=ancestor::li[1]");
  assert.match(await miss.innerText(), /✗ prompt contains "Refund", got "refund cus_9, in small letters"\s+✓ turn is 1/);
});
