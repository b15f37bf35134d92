// What the page shows of a run, and what can be done with it.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { before } from "node:test";
import { pathToFileURL } from "node:url";

import { axe, eventually, fileOf, folder, isTooWide, step, withData } from "./browser.mjs";
import { longLane } from "./made.mjs";
import { Client, Fake, report } from "./scene.mjs";

let address;
before(async () => { address = pathToFileURL(await report(folder)).href; });
const file = () => address;

const lane = (page, title) => page.getByRole("article").filter({ has: page.getByRole("heading", { name: title, exact: true }) });
const strip = (page, title) => lane(page, title).getByRole("slider");
const detail = (page) => page.getByRole("complementary");
const verdictOf = (page, rule) => page.locator(`[data-rule="${rule}"]`).first();
const texts = (locator) => locator.allTextContents();
const program = (name, ...words) => execFileSync(join(process.env.NAIRI_BIN, name), words, { encoding: "utf8", stdio: "pipe" });

// ---------------------------------------------------------------------------------------- lanes

step("each conversation has a lane, in the order in which they began", file, async (page) => {
  assert.deepEqual(await texts(page.getByRole("article").getByRole("heading", { level: 3 })), [
    "Refund cus_123, please", "Refund cus_7 after a lost reply", "Refund cus_7 after a lost reply", "Please decline",
    "refund cus_9, in small letters", "Other calls",
  ]);
});

step("a call says what it was, its status, its delay and what the fault did to it", file, async (page) => {
  const calls = strip(page, "Refund cus_123, please");
  await calls.focus();
  const said = [];
  for (let i = 0; i < 16; ++i) {
    said.push(await calls.getAttribute("aria-valuetext"));
    await page.keyboard.press("ArrowRight");
  }
  assert.match(said[0], /^#2 upload → 201/);
  assert.match(said[1], /^#3 start → 200/);
  assert.match(said[4], /^#6 poll → 503.*fault: poll#3 status 503, retry_after_s 1/);
  assert.match(said[7], /^#9 poll → 200.*fault: poll#6 reset_after_bytes 17/);
  assert.match(said[11], /^#13 messages → 200, delayed by 60 ms.*fault: messages#2 delay_ms 60/);
  assert.match(said[12], /^#14 continue → 200/);
});

step("it is seen which connection carried the calls", file, async (page) => {
  const drawn = await texts(lane(page, "Refund cus_123, please").locator("svg text"));
  assert.deepEqual(drawn.filter((text) => /^c\d+$/.test(text)), ["c1", "c2"]);
});

step("below the axis are the states that the server told, and each turn in words", file, async (page) => {
  const refund = lane(page, "Refund cus_123, please");
  const states = await refund.locator("svg rect title").evaluateAll((all) => all.map((one) => one.textContent));
  assert.deepEqual(states, ["queued", "pending", "completed", "pending", "completed"]);
  const turns = refund.getByRole("list").first().getByRole("group");
  assert.deepEqual(await texts(turns.locator("summary")), [
    "1. Refund cus_123, please → completed → Refunded cus_123 as asked.", "2. And what did it cost? → completed → It cost 3 cents.",
  ]);
  await turns.first().locator("summary").click();
  const said = (await texts(turns.first().getByRole("listitem"))).map((line) => line.replace(/\+\S+ (ms|s) /, ""));
  assert.equal(said.length, 6);
  assert.match(said[0], /^user Refund cus_123, please$/);
  assert.match(said[1], /^progress .*Bash.*running.*stripe refunds create/);
  assert.match(said[2], /^progress .*Bash.*completed.*re_1 succeeded/);
  assert.match(said[3], /^progress .*Refunded/);
  assert.match(said[4], /^assistant Refunded cus_123 as asked\.$/);
  assert.match(said[5], /^system Agent opened a pull request: #42$/);
});

step("no two words of the axis lie over each other", file, async (page) => {
  for (const title of ["Refund cus_123, please", "Please decline", "refund cus_9, in small letters"]) {
    const overlaps = await lane(page, title).locator("svg").evaluate((svg) => {
      const boxes = [...svg.querySelectorAll("text.status")].map((one) => {
        const { x, y, width } = one.getBBox();
        return { said: one.textContent, x, y, end: x + width };
      });
      return boxes.flatMap((one, i) => boxes.slice(i + 1).filter(({ x, y, end }) => y === one.y && x < one.end && one.x < end)
        .map(({ said }) => `${one.said} and ${said}`));
    });
    assert.deepEqual(overlaps, [], title);
  }
}, { viewport: { width: 700, height: 1000 } });

for (const width of [1600, 700, 360]) {
  step(`a state's name stands on no other state's bar, at ${width} pixels`, file, async (page) => {
    const wrong = await page.locator("svg").evaluateAll((all) => all.flatMap((svg) => {
      const bars = [...svg.querySelectorAll("rect.span")].map((one) => [one.textContent, one.getBBox()]);
      return [...svg.querySelectorAll("text.status")].flatMap((label) => {
        const its = label.getBBox();
        return bars.filter(([status, { x, y, width: wide }]) => status !== label.textContent && Math.abs(y - its.y) < 13
          && x + 2 < its.x + its.width && its.x < x + wide - 2).map(([status]) => `${label.textContent} on ${status}`);
      });
    }));
    assert.deepEqual(wrong, []);
  }, { viewport: { width, height: 1000 } });
}

step("what one read showed first stands side by side", file, async (page) => {
  const boxes = await lane(page, "Refund cus_123, please").locator("circle.progress, .answer, .notice").evaluateAll(
    (all) => all.map((one) => one.getBBox()).map(({ x, y, width }) => ({ row: Math.round(y / 40), x, end: x + width })));
  assert.equal(boxes.filter(({ row }) => row === boxes[0].row).length, 5);
  const over = boxes.flatMap((one, i) => boxes.slice(i + 1).filter(({ row, x, end }) => row === one.row && x < one.end && one.x < end));
  assert.deepEqual(over, []);
});

step("pauses are told above the calls, and no two over each other", () => fileOf("pauses.html", withData(fileOfReport(), pauses())), async (page) => {
  const boxes = await page.locator("svg .pause").evaluateAll((all) => all.map((one) => one.getBBox()).map(({ x, y, width, height }) => ({ x, end: x + width, bottom: y + height })));
  assert.ok(boxes.length > 3, String(boxes.length));
  for (let i = 1; i < boxes.length; ++i) assert.ok(boxes[i].x >= boxes[i - 1].end, JSON.stringify(boxes.slice(i - 1, i + 1)));
  assert.ok(Math.max(...boxes.map(({ bottom }) => bottom)) < 40);
});

const fileOfReport = () => join(folder, "report.html");

/** Every twentieth poll comes after a pause. */
function pauses() {
  const data = longLane(500);
  let us = 0;
  data.runs[0].journal.entries.forEach((entry, i) => { entry.received_us = us += i % 20 ? 1_000_000 : 8_000_000; });
  return data;
}

step("a picture that had no room is drawn again when it has", file, async (page) => {
  const width = () => page.locator("svg").first().evaluate((svg) => svg.width.baseVal.value);
  const before = await width();
  const frame = () => page.evaluate(() => new Promise(requestAnimationFrame));
  // Sizes are observed within a frame: in the second that begins, it is done.
  const showBody = async (display) => {
    await page.evaluate((it) => { document.body.style.display = it; }, display);
    await frame();
    await frame();
  };
  await showBody("none");
  await showBody("");
  await eventually(width, before);
  // Nor has a run that is closed any.
  await page.locator(".run > summary").first().click();
  await page.getByLabel("Zoom in").click();
  await page.getByLabel("Zoom out").click();
  await page.locator(".run > summary").first().click();
  await eventually(width, before);
});

step("a failed turn says so, and why", file, async (page) => {
  assert.deepEqual(await texts(lane(page, "Please decline").locator("li summary")),
    ["1. Please decline → failed → nairid encountered error: card declined"]);
});

step("a retry points at what it repeats", file, async (page) => {
  const calls = strip(page, "Refund cus_123, please");
  await calls.focus();
  await page.keyboard.press("e");  // the 503
  await page.keyboard.press("ArrowRight");
  assert.match(await calls.getAttribute("aria-valuetext"), /^#7 poll → 200.*repeats #6/);
  const toNext = async () => { await page.keyboard.press("Shift+E"); return (await calls.getAttribute("aria-valuetext")).split(" ")[0]; };
  assert.deepEqual([await toNext(), await toNext(), await toNext()], ["#9", "#13", "#6"]);
  assert.match(await lane(page, "Refund cus_123, please").textContent(), /3 calls not answered well or struck by a fault: #6.*#9.*#13/);
  const arrows = await lane(page, "Refund cus_123, please").locator("path.retry").getAttribute("d");
  assert.equal(arrows.match(/M/g).length, 2);
});

// -------------------------------------------------------------------------------- what is beside

step("a verdict shows the rule's text and what to do, and marks what proves it", file, async (page) => {
  const verdict = verdictOf(page, "no-blind-retry-of-post");
  await verdict.locator("summary").click();
  assert.match(await verdict.textContent(), /A good client does not send a POST again that may have been carried out/);
  assert.match(await verdict.textContent(), /report the error, or look first whether the conversation is there/);
  const proved = lane(page, "Refund cus_7 after a lost reply").last();
  assert.match(await proved.textContent(), /◎ proves it: #19/);
  assert.equal(await page.locator(".ring").count(), 2);  // it, and what it repeats
  await verdict.getByRole("button", { name: /^#19/ }).click();
  assert.match(await detail(page).getByRole("heading").first().textContent(), /^#19 POST/);
});

step("a prompt that no script matched shows the nearest one, criterion by criterion", file, async (page) => {
  const misses = page.locator(".unmatched").filter({ visible: true });
  assert.match(await misses.textContent(), /refund cus_9, in small letters.*\/turns\/0/);
  assert.deepEqual(await texts(misses.locator("li li")), [
    '✗ prompt contains "Refund", got "refund cus_9, in small letters"', "✓ turn is 1",
  ]);
});

// ----------------------------------------------------------------------------------- an exchange

const open = async (page, title, number) => {
  await strip(page, title).focus();
  while (!(await strip(page, title).getAttribute("aria-valuetext")).startsWith(`#${number} `)) await page.keyboard.press("ArrowRight");
  await page.keyboard.press("Enter");
};

step("an exchange opens to request and reply, and says what it rests on", file, async (page) => {
  await open(page, "Refund cus_123, please", 3);
  const shown = await detail(page).innerText();
  assert.match(shown, /#3 POST \/api\/public\/v1\/conversations\/start/);
  assert.match(shown, /authorization: \[redacted\]/i);
  assert.match(shown, /"prompt": "Refund cus_123, please"/);
  assert.match(shown, /"message_id": "cmsg_/);
  assert.match(shown, /Source\s+(seed|docs|code|protocol|assumed)/);
  assert.doesNotMatch(await page.content(), /nr_test|nr_other/);
});

step("a lane is drawn as wide as there is room, beside an opened exchange too", file, async (page) => {
  const calls = strip(page, "Please decline");
  const isWhole = () => calls.evaluate((one) => one.scrollWidth <= one.clientWidth);
  await eventually(isWhole, true);
  await open(page, "Please decline", 28);
  await eventually(isWhole, true);
  await page.keyboard.press("Escape");
  await eventually(() => calls.evaluate((one) => one.querySelector("svg").clientWidth > one.clientWidth * 0.9), true);
});

step("an exchange is copied as a curl command that does it again", file, async (page) => {
  await open(page, "Refund cus_123, please", 3);
  await page.getByRole("button", { name: "Copy as curl" }).click();
  await page.getByText("Copied").waitFor();
  const command = await page.evaluate(() => navigator.clipboard.readText());
  const fake = await Fake.serve("--world", join(folder, "report.json"));
  try {
    const ready = await new Client(fake.base_url).call("GET", "/agents");
    assert.equal(ready.status, 200);
    const env = { ...process.env, NAIRI_BASE_URL: fake.base_url, NAIRI_API_KEY: "nr_test" };
    const reply = execFileSync("bash", ["-c", command], { encoding: "utf8", stdio: "pipe", env });
    assert.match(reply, /^HTTP\/1\.1 400/);  // the same bytes: its file is of another fake
    assert.match(reply, /attachment/);
  } finally {
    await fake.stop();
  }
}, { permissions: ["clipboard-read", "clipboard-write"] });

step("a conversation is saved as a world that plays it again", file, async (page) => {
  const saved = await download(page, lane(page, "Please decline").getByRole("button", { name: "Save as world" }));
  assert.match(program("nairi-mock", "check", saved), /ok|turns|script/i);
  const fake = await Fake.serve("--world", saved);
  try {
    const client = new Client(fake.base_url);
    const { message_id, job_id } = await client.start("Please decline");
    assert.equal((await client.wait(message_id)).status, "failed");
    assert.match((await client.timeline(job_id)).text, /card declined/);
    client.close();
  } finally {
    await fake.stop();
  }
});

step("a conversation is saved as a contract case that passes lint", file, async (page) => {
  for (const title of ["Refund cus_123, please", "Please decline", "refund cus_9, in small letters"]) {
    const saved = await download(page, lane(page, title).getByRole("button", { name: "Save as contract case" }));
    program("nairi-contract", "lint", saved);
    program("nairi-contract", "server", "--contracts", saved);
  }
});

async function download(page, button) {
  const started = page.waitForEvent("download");
  await button.click();
  const got = await started;
  const path = join(folder, got.suggestedFilename());
  await got.saveAs(path);
  JSON.parse(readFileSync(path, "utf8"));
  return path;
}

// -------------------------------------------------------------------------------- filter and link

const FILTERS = [
  ["key", (page) => page.getByLabel(/^Key/).selectOption("organization 2"), ["Of another key"]],
  ["operation", (page) => page.getByRole("combobox", { name: /^Call/ }).selectOption("continue"), ["Refund cus_123, please"]],
  ["status", (page) => page.getByLabel(/^Status/).selectOption("404"), ["Other calls"]],
  ["class of statuses", (page) => page.getByLabel(/^Status/).selectOption("5xx"), ["Refund cus_123, please"]],
  ["fault", (page) => page.getByLabel("struck by a fault").check(), ["Refund cus_123, please", "Refund cus_7 after a lost reply"]],
  ["text", (page) => page.getByLabel("Find").fill("card DECLINED"), ["Please decline"]],
];
for (const [what, choose, expected] of FILTERS) {
  step(`a filter by ${what} leaves the lanes that have it, and a link leads there`, file, async (page) => {
    await choose(page);
    await eventually(() => titlesShown(page), expected);
    const again = await page.context().newPage();
    await again.goto(page.url());
    await eventually(() => titlesShown(again), expected);
  });
}

/** The titles of all lanes that fit, in whichever run; they are seen once that is open. */
async function titlesShown(page) {
  await page.locator("details.run:not([hidden])").evaluateAll((runs) => runs.forEach((run) => { run.open = true; }));
  return texts(page.getByRole("article").getByRole("heading", { level: 3 }).filter({ visible: true }));
}

step("a filter that nothing fits says so, and all is there again after a click", file, async (page) => {
  await page.getByLabel("Find").fill("no such text");
  await page.locator("#nothing").filter({ visible: true }).waitFor();
  await page.getByRole("button", { name: "Show all", exact: true }).click();
  await page.locator("#nothing").filter({ visible: false }).waitFor({ state: "attached" });
  await lane(page, "Please decline").waitFor();
});

step("a page without calls says that there are none", () => fileOf("empty.html", withData(fileOfReport(), { ...longLane(1), runs: [] })), async (page) => {
  await page.getByText("There are no calls here.").waitFor();
  await page.getByLabel("Find").fill("x");
  await page.getByText("Nothing fits the filter.").waitFor();
});

for (const [link, words] of [["exchange=7+1", /^#1 is not here/], ["exchange=0+999", /^#999 is not here/], ["rule=0+nope", /^nope is not judged here/]]) {
  step(`a link to ${link} says that it leads nowhere`, () => `${address}#${link}`, async (page) => {
    await page.getByText(words).waitFor();
  });
}

step("a link leads to an opened exchange and to a chosen verdict", file, async (page) => {
  await verdictOf(page, "retry-after").locator("summary").click();
  await open(page, "Refund cus_123, please", 6);
  const again = await page.context().newPage();
  await again.goto(page.url());
  assert.match(await detail(again).getByRole("heading").first().textContent(), /^#6 GET/);
  assert.match(await lane(again, "Refund cus_123, please").textContent(), /◎ proves it: #7/);
});

// ------------------------------------------------------------------------------ for all who look

step("the keyboard alone reaches a call, opens it, and comes back", file, async (page) => {
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.textContent), "To the conversations");
  await page.keyboard.press("Enter");
  const focused = () => page.evaluate(() => [document.activeElement.getAttribute("role"), document.activeElement.getAttribute("aria-valuenow")]);
  for (let i = 0; i < 40 && (await focused())[0] !== "slider"; ++i) await page.keyboard.press("Tab");
  assert.deepEqual(await focused(), ["slider", "1"]);
  await page.keyboard.press("End");
  assert.deepEqual(await focused(), ["slider", "16"]);
  await page.keyboard.press("Home");
  await page.keyboard.press("PageDown");
  assert.deepEqual(await focused(), ["slider", "11"]);
  await page.keyboard.press("Enter");
  await detail(page).waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.closest("aside") !== null), true);
  await page.keyboard.press("Escape");
  assert.equal(await detail(page).isVisible(), false);
  assert.deepEqual(await focused(), ["slider", "11"]);
});

const LOOKS = [1600, 360].flatMap((width) => ["light", "dark"].map((colorScheme) => ({ viewport: { width, height: 1000 }, colorScheme })));
for (const look of LOOKS) {
  step(`axe finds nothing, and nothing is cut off, at ${look.viewport.width} pixels in ${look.colorScheme}`, file, async (page) => {
    assert.deepEqual(await axe(page), []);
    assert.equal(await isTooWide(page), false);
    for (const summary of await page.locator("details:not([open]) > summary").filter({ visible: true }).all()) await summary.click();
    await open(page, "Refund cus_123, please", 6);
    assert.deepEqual(await axe(page), []);
    assert.equal(await isTooWide(page), false);
  }, look);
}

step("light and dark are two sets of colours", file, async (page) => {
  const back = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  await page.emulateMedia({ colorScheme: "light" });
  const light = await back();
  await page.emulateMedia({ colorScheme: "dark" });
  assert.notEqual(await back(), light);
});

step("without colours all marks have shapes and words of their own", file, async (page) => {
  const shapes = await lane(page, "Refund cus_123, please").locator("svg path").evaluateAll((paths) => Object.fromEntries(
    paths.map((path) => [path.getAttribute("class"), path.getAttribute("d").replace(/[-\d.]+/g, "n")])));
  for (const one of ["tick unavailable", "tick broken", "fault"]) assert.ok(shapes[one], one);
  assert.equal(new Set(["tick ok", "tick unavailable", "tick broken", "fault", "retry"].map((one) => shapes[one].slice(0, 60))).size, 5);
  const invisible = await page.evaluate(() => [...document.querySelectorAll("svg .tick, svg .span, svg .fault, svg .retry, svg text")]
    .filter((one) => ["stroke", "fill"].every((paint) => ["none", "rgba(0, 0, 0, 0)", getComputedStyle(document.body).backgroundColor]
      .includes(getComputedStyle(one)[paint]))).map((one) => one.outerHTML));
  assert.deepEqual(invisible, []);
}, { forcedColors: "active" });
