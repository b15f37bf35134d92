// What watches over the other tests' pages sees what they must not do.
import { test } from "node:test";

import { eventually, fileOf, inContext } from "./browser.mjs";

const POLICY = `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'unsafe-inline'; img-src *">`;
const PAGES = [
  ["does nothing wrong", "", undefined],
  ["asks for a picture from elsewhere", "<img src=https://elsewhere.example/x.png>", "asked for https://elsewhere.example/x.png"],
  ["offends its policy", "<style>p {}</style>", "policy: style-src-elem forbids inline"],
  ["has a script that fails", "<script>throw new Error('no')</script>", "error: no"],
  ["reports an error", "<script>console.error('no')</script>", "console: no"],
  ["asks the reader", "<script>alert('no')</script>", "dialog: no"],
];

for (const [what, body, expected] of PAGES) {
  test(`a page that ${what}`, () => inContext({}, async (context, watch) => {
    const address = fileOf("watched.html", `<!doctype html>${POLICY}<p>${body}`);
    const wrongs = await watch(address);
    const page = await context.newPage();
    await page.goto(address);
    await eventually(async () => (await wrongs()).find((wrong) => !expected || wrong === expected), expected);
  }));
}
