// Draws docs/pictures/inspector-*.png, as README and docs/inspector.md show them:
//   tests/inspector/pictures.sh BIN
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

import { launch } from "./browser/launch.mjs";
import { report } from "./browser/scene.mjs";

const OUT = fileURLToPath(new URL("../../docs/pictures/", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "nairi-mock-pictures-"));
mkdirSync(OUT, { recursive: true });
const browser = await launch();

/** One picture of a page in light and one in dark. */
async function picture(name, address, size, prepare) {
  for (const colorScheme of ["light", "dark"]) {
    const page = await browser.newPage({ viewport: size, colorScheme });
    await page.goto(address);
    await prepare(page);
    await page.mouse.move(0, 0);
    await page.screenshot({ path: join(OUT, `inspector-${name}-${colorScheme}.png`) });
    await page.close();
  }
}

const file = pathToFileURL(await report(folder, "150")).href;
await picture("report", file, { width: 1280, height: 640 }, async (page) => {
  await page.locator("[data-rule=retry-after] summary").first().click();
  await page.locator("[data-rule=retry-after]").first().getByRole("button", { name: /^#7/ }).click();
  await page.waitForTimeout(200);  // a picture is no test: it may wait for what is drawn anew
  await page.locator("article").first().evaluate((lane) => lane.scrollIntoView({ block: "end" }));
});

await browser.close();
rmSync(folder, { recursive: true });
