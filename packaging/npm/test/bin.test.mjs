// npx nairi-mock: the program where there is one, and a word where there is none.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const bin = fileURLToPath(new URL("node_modules/nairi-mock/bin/nairi-mock.js", import.meta.url));
const program = new URL(`node_modules/nairi-mock-linux-${process.arch}/`, import.meta.url);

if (existsSync(program)) {
  test("the program serves, and ends by the signal that its wrapper gets", async () => {
    const child = spawn(process.execPath, [bin, "serve", "--port", "0", "--log", "none"],
      { stdio: ["ignore", "pipe", "inherit"] });
    const [piece] = await once(child.stdout, "data");
    const { base_url: url } = JSON.parse(String(piece).split("\n")[0]);
    assert.equal((await fetch(`${url}/agents`, { headers: { Authorization: "Bearer k" } })).status, 200);
    child.kill("SIGTERM");
    await once(child, "exit");
    await assert.rejects(fetch(`${url}/agents`));
  });

  test("the program's exit code is the wrapper's", () => {
    assert.equal(spawnSync(process.execPath, [bin, "sevre"]).status, 2);
  });
} else {
  test("without a program it says what serves instead", () => {
    const { status, stderr } = spawnSync(process.execPath, [bin, "serve"], { encoding: "utf8" });
    assert.equal(status, 69);
    assert.match(stderr, /no program for .*nairi-mock-linux-x64.*createFake\(\).*listen/s);
  });
}
