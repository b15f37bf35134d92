// The page follows a fake that runs, and tells it what to do.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { axe, eventually, folder, isTooWide, step } from "./browser.mjs";
import { Client, Fake, WORLD, play } from "./scene.mjs";

const world = join(folder, "world.json");
writeFileSync(world, JSON.stringify(WORLD));

let restarted;

/** A step with a fake of its own, of these options, which ends after the page. */
function live(name, options, body, look, expected) {
  let fake;
  step(name, async (t) => {
    fake = await Fake.serve(...(options.includes("--judge") ? [] : ["--judge", "warn"]), ...options);
    t.after(() => fake.stop());
    return fake.pageAddress();
  }, (page) => body(page, fake), look, expected);
}

const titles = (page) => page.getByRole("article").getByRole("heading", { level: 3 }).allTextContents();
const lane = (page, title) => page.getByRole("article").filter({ has: page.getByRole("heading", { name: title, exact: true }) });
const steer = (page) => page.getByText("Steer the fake").click();
const press = (page, name) => page.getByRole("button", { name, exact: true }).click();
const said = (page, text) => page.getByText(text).filter({ visible: true }).first().waitFor();
const follows = (page) => said(page, /^Following/);

live("serve prints the page's address; its token is in no request, no log and no link", ["--log", "text"], async (page, fake) => {
  const asked = [];
  page.on("request", (request) => asked.push(request.url()));
  await follows(page);
  await page.reload();
  await follows(page);
  assert.ok(asked.includes(`${fake.control_url}/`), String(asked));
  assert.deepEqual(asked.filter((url) => url.includes(fake.control_token)), []);
  assert.equal(page.url().includes(fake.control_token), false);
  assert.equal((await page.content()).includes(fake.control_token), false);
  const log = fake.said.split("\n").filter((line) => !line.includes("#token="));
  assert.deepEqual(log.filter((line) => line.includes(fake.control_token)), []);
});

live("a page without the token says where to get it", [], async (page, fake) => {
  const other = await page.context().browser().newContext();
  const stranger = await other.newPage();
  await stranger.goto(`${fake.control_url}/`);
  await said(stranger, /token/);
  assert.deepEqual(await titles(stranger), []);
  await other.close();
});

live("what is called appears, lane by lane, call by call", ["--world", world], async (page, fake) => {
  await follows(page);
  const client = new Client(fake.base_url);
  const { message_id: message } = await client.start("Refund cus_1");
  await eventually(() => titles(page), ["Refund cus_1"]);
  const calls = lane(page, "Refund cus_1").getByRole("slider");
  await client.poll(message);
  await eventually(() => calls.getAttribute("aria-valuemax"), "2");
  await calls.focus();
  await page.keyboard.press("End");
  await page.keyboard.press("Enter");
  await client.wait(message);
  await eventually(async () => (await lane(page, "Refund cus_1").locator("li summary").textContent()).includes("completed"), true);
  // What was opened and had the focus still is, and has.
  assert.match(await page.getByRole("complementary").innerText(), /#2 GET/);
  client.close();
});

live("verdicts and prompts that no script matched appear while it runs", ["--world", world], async (page, fake) => {
  await follows(page);
  await play(fake.base_url);
  const rule = page.locator("[data-rule=no-blind-retry-of-post]").first();
  await rule.locator(".outcome.broken").waitFor();
  await rule.locator("summary").click();
  await said(page, "◎ proves it: #19");
  await said(page, '✗ prompt contains "Refund", got "refund cus_9, in small letters"');
});

live("a fake without a judge has no verdicts, and is followed all the same", ["--judge", "off"], async (page, fake) => {
  const client = new Client(fake.base_url);
  await client.call("GET", "/agents");
  await eventually(() => titles(page), ["Other calls"]);
  await steer(page);
  await said(page, /Clock: poll/);
  assert.equal(await page.getByText("Verdicts").filter({ visible: true }).count(), 0);
  client.close();
}, {}, /400/);

live("who waits for what comes next asks once, and holds up nobody", [], async (page, fake) => {
  await follows(page);
  const asked = [];
  page.on("request", (request) => asked.push(new URL(request.url())));
  const client = new Client(fake.base_url);
  await client.call("GET", "/agents");
  await eventually(() => titles(page), ["Other calls"]);
  const polls = asked.filter((url) => url.pathname.endsWith("/journal"));
  assert.ok(polls.every((url) => Number(url.searchParams.get("wait_ms")) > 0), String(polls));
  client.close();
});

live("a reset empties the page, and it follows what comes then", [], async (page, fake) => {
  const client = new Client(fake.base_url);
  await client.start("Before");
  await eventually(() => titles(page), ["Before"]);
  await fake.control("POST", "/reset?all=true");
  await eventually(() => titles(page), []);
  await client.start("After");
  await eventually(() => titles(page), ["After"]);
  client.close();
});

live("a reset closes what was opened, says so, and leaves no address of it", [], async (page, fake) => {
  const client = new Client(fake.base_url);
  await client.start("Before");
  await eventually(() => titles(page), ["Before"]);
  await page.getByRole("slider").focus();
  await page.keyboard.press("Enter");
  await page.getByRole("complementary").waitFor();
  await fake.control("POST", "/reset?all=true");
  await said(page, "#1 of before was closed");
  assert.equal(await page.getByRole("complementary").isVisible(), false);
  assert.equal(new URL(page.url()).hash.includes("exchange"), false);
  assert.equal(await page.evaluate(() => document.activeElement.id), "runs");
  client.close();
});

live("what has the focus keeps it while more comes", ["--world", world], async (page, fake) => {
  const client = new Client(fake.base_url);
  const focused = () => page.evaluate(() => document.activeElement.textContent);
  await client.start("no script has this");
  await client.start("nor this, whose reply is lost");
  await page.getByRole("button", { name: "Show", exact: true }).last().focus();
  const { message_id: message } = await client.start("nor that");
  await eventually(() => page.getByRole("button", { name: "Show", exact: true }).count(), 3);
  assert.equal(await focused(), "Show");
  await page.locator("li summary").filter({ hasText: "1. nor that" }).focus();
  await client.wait(message);
  await eventually(async () => (await focused()).includes("completed"), true);
  client.close();
});

live("one key is reset by a button, and the others keep what they did", [], async (page, fake) => {
  const [one, other] = [new Client(fake.base_url, "nr_one"), new Client(fake.base_url, "nr_other")];
  await one.start("Of one key");
  await other.start("Of the other");
  await eventually(() => titles(page), ["Of one key", "Of the other"]);
  await steer(page);
  await eventually(() => page.locator("#live-key option").allTextContents(), ["organization 1", "organization 2"]);
  await page.locator("#live-key").selectOption("1");
  await press(page, "Reset this key");
  await said(page, "The key was reset");
  const { entries } = await fake.control("GET", "/journal?all=true");
  assert.deepEqual(entries.map(({ organization }) => organization), [2]);
  await eventually(() => titles(page), ["Of the other"]);
  one.close();
  other.close();
});

live("a reload opens again what was opened, and a link leads there", ["--world", world], async (page, fake) => {
  const detail = page.getByRole("complementary");
  const client = new Client(fake.base_url);
  const { message_id: message } = await client.start("Refund cus_1");
  await client.poll(message);
  await eventually(() => titles(page), ["Refund cus_1"]);
  await page.getByRole("slider").focus();
  await page.keyboard.press("End");
  await page.keyboard.press("Enter");
  await eventually(() => new URL(page.url()).hash, "#exchange=0+2");
  await page.reload();
  await detail.getByText(/^#2 GET/).waitFor();
  await page.goto(`${fake.control_url}/#exchange=0+1&zoom=-1`);
  await detail.getByText(/^#1 POST/).waitFor();
  assert.equal(new URL(page.url()).hash, "#exchange=0+1&zoom=0.0625");
  assert.ok(await page.locator(".lanes svg").first().evaluate((svg) => svg.clientWidth) > 20);
  client.close();
});

live("a link to what has not come yet waits for it, and says nothing", ["--world", world], async (page, fake) => {
  await follows(page);
  await page.goto(`${fake.control_url}/#exchange=0+1`);
  await page.getByLabel(/struck by a fault/).check();
  await eventually(() => new URL(page.url()).hash, "#faults=1&exchange=0+1");
  assert.equal(await page.locator("#said").textContent(), "");
  await page.getByLabel(/struck by a fault/).uncheck();
  await eventually(() => new URL(page.url()).hash, "#exchange=0+1");
  const client = new Client(fake.base_url);
  await client.start("Refund cus_1");
  await page.getByRole("complementary").getByText(/^#1 POST/).waitFor();
  client.close();
});

live("a link to what is not there says so, once all is there", ["--world", world], async (page, fake) => {
  const client = new Client(fake.base_url);
  await client.start("Refund cus_1");
  await page.goto(`${fake.control_url}/#exchange=0+77`);
  await page.reload();
  await said(page, /^#77 is not here/);
  client.close();
});

live("the printed address may lead to an exchange, also in a tab that is open", [], async (page, fake) => {
  const client = new Client(fake.base_url);
  await client.start("Refund cus_1");
  await eventually(() => titles(page), ["Refund cus_1"]);
  await page.evaluate(() => sessionStorage.clear());
  await page.goto(`${await fake.pageAddress()}&exchange=0+1`);
  await page.getByRole("complementary").getByText(/^#1 POST/).waitFor();
  assert.equal(await page.evaluate(() => sessionStorage.getItem("token")), fake.control_token);
  client.close();
});

live("the virtual clock is shown, and moved", ["--clock", "virtual"], async (page, fake) => {
  const client = new Client(fake.base_url);
  const { message_id: message } = await client.start("Refund cus_1");
  assert.equal((await client.poll(message)).status, "queued");
  await eventually(() => titles(page), ["Refund cus_1"]);
  await steer(page);
  const shown = () => page.locator("#clock").textContent();
  await said(page, /Clock: virtual, 2026-/);
  const before = await shown();
  await page.getByLabel("Move the clock by").fill("");
  await press(page, "Move");
  assert.equal(await page.getByText("The clock was moved by").count(), 0);
  await page.getByLabel("Move the clock by").fill("600000");
  await press(page, "Move");
  await said(page, "The clock was moved by");
  await eventually(async () => (await shown()) !== before, true);
  assert.equal((await client.poll(message)).status, "completed");
  client.close();
});

live("a clock that moves by itself can't be moved, and the page says so", [], async (page, fake) => {
  await new Client(fake.base_url).call("GET", "/agents");
  await steer(page);
  await said(page, /only a virtual clock/);
  assert.equal(await page.getByRole("button", { name: "Move", exact: true }).isVisible(), false);
});

live("a fault is added, strikes, is listed, and is cleared", [], async (page, fake) => {
  const client = new Client(fake.base_url);
  await client.call("GET", "/agents");
  await eventually(() => titles(page), ["Other calls"]);
  await steer(page);
  await page.locator("#fault-kind").selectOption("status");
  await page.getByLabel("A fault as in a world file").fill('{"at": "agents", "do": {"status": 503}}');
  await press(page, "Add the fault");
  await said(page, "The fault was added");
  await eventually(async () => (await page.locator("#faults").textContent()).includes("agents"), true);
  assert.equal((await client.call("GET", "/agents")).status, 503);
  await said(page, "#2 agents 503 ◆ fault");
  await press(page, "Clear all faults");
  await said(page, "The key has no faults any more");
  assert.equal((await client.call("GET", "/agents")).status, 200);
  client.close();
});

live("an example strikes the next call; what is over already, and nothing at all, are told", [], async (page, fake) => {
  const client = new Client(fake.base_url);
  const { message_id: message } = await client.start("Refund cus_1");
  await client.poll(message);
  await eventually(() => titles(page), ["Refund cus_1"]);
  await steer(page);
  await press(page, "Add the fault");
  await said(page, /^The fault was added\.$/);
  assert.equal((await client.poll(message)).status, 503);
  const written = page.getByLabel("A fault as in a world file");
  await written.fill('{"at": "poll#1", "do": {"status": 503}}');
  await press(page, "Add the fault");
  await said(page, /^The fault was added\. It is over/);
  await written.fill("[]");
  await press(page, "Add the fault");
  await said(page, "There is no fault in it.");
  client.close();
});

live("a fault that is none is refused in words", [], async (page, fake) => {
  await new Client(fake.base_url).call("GET", "/agents");
  await steer(page);
  await page.getByLabel("A fault as in a world file").fill('{"at": "nowhere", "do": {"status": 503}}');
  await press(page, "Add the fault");
  await said(page, /nowhere/);
}, {}, /400/);

live("a held reply is listed, and released by a button", [], async (page, fake) => {
  await fake.control("POST", "/faults", { at: "poll#1", do: { hold: "first look" } }, "nr_test");
  const client = new Client(fake.base_url);
  await follows(page);
  const { message_id: message } = await client.start("Refund cus_1");
  const answer = client.poll(message);
  await page.getByRole("button", { name: "Release first look" }).click();
  assert.equal((await answer).role, "user");
  await eventually(() => page.getByRole("button", { name: "Release first look" }).count(), 0);
  client.close();
});

live("a name that would turn its line turns nothing", [], async (page, fake) => {
  await fake.control("POST", "/faults", { at: "poll#1", do: { hold: "\u202eeman" } }, "nr_test");
  const client = new Client(fake.base_url);
  const { message_id: message } = await client.start("Refund cus_1");
  const answer = client.poll(message);
  await page.getByRole("button", { name: "Release ␦eman" }).click();
  assert.equal((await answer).role, "user");
  await said(page, "␦eman was released.");
  const turned = await page.evaluate(() => [...document.querySelectorAll("body *")].filter((one) => !one.closest("script, pre, q, .text")
    && [...one.childNodes].some(({ nodeType, data }) => nodeType === 3 && /[\u202a-\u202e\u2066-\u2069]/.test(data))).map((one) => one.outerHTML));
  assert.deepEqual(turned, []);
  client.close();
});

// While the server is away, requests fail, and the browser says so.
step("a restart of the server is seen, and its new address followed", async () => {
  restarted = await Fake.serve();
  return restarted.pageAddress();
}, async (page, t) => {
  const client = new Client(restarted.base_url);
  await client.start("Before");
  await eventually(() => titles(page), ["Before"]);
  const { port } = restarted;
  await restarted.stop();
  client.close();
  await said(page, /connection to the server is lost/);
  const next = await Fake.serve("--port", String(port));
  t.after(() => next.stop());
  await said(page, /token/);
  await page.goto(await next.pageAddress());
  await new Client(next.base_url).start("After");
  await eventually(() => titles(page), ["After"]);
}, {}, /ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE|ERR_INCOMPLETE|40[013]/);

const lasting = "one-that-outlives-0";
step("a server with the token of the one before is followed without a word", async () => {
  restarted = await Fake.serve("--control-token", lasting);
  return restarted.pageAddress();
}, async (page, t) => {
  await new Client(restarted.base_url).start("Before");
  await eventually(() => titles(page), ["Before"]);
  const { port } = restarted;
  await restarted.stop();
  await said(page, /connection to the server is lost/);
  const next = await Fake.serve("--control-token", lasting, "--port", String(port));
  t.after(() => next.stop());
  await new Client(next.base_url).start("After");
  await eventually(() => titles(page), ["After"]);
}, {}, /ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE|ERR_INCOMPLETE|40[013]/);

for (const width of [1600, 360]) {
  for (const colorScheme of ["light", "dark"]) {
    live(`axe finds nothing, and nothing is cut off, at ${width} pixels in ${colorScheme}`, ["--world", world, "--clock", "virtual"], async (page, fake) => {
      await follows(page);
      const client = new Client(fake.base_url);
      await client.start("Refund cus_1");
      await eventually(() => titles(page), ["Refund cus_1"]);
      await steer(page);
      assert.deepEqual(await axe(page), []);
      assert.equal(await isTooWide(page), false);
      client.close();
    }, { viewport: { width, height: 1000 }, colorScheme });
  }
}
