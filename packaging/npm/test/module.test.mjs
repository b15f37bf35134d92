// The module asks for what is listed, and gives what is listed; the packages are whole.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { createFake } from "nairi-mock";

const folder = fileURLToPath(new URL("node_modules/nairi-mock/", import.meta.url));
const manifest = JSON.parse(readFileSync(`${folder}package.json`, "utf8"));
const module = new WebAssembly.Module(readFileSync(`${folder}nairi_mock.wasm`));

test("the module imports nothing but these", () => {
  const imports = WebAssembly.Module.imports(module).map(({ module: from, name }) => `${from}.${name}`);
  assert.deepEqual(imports.sort(), [
    "env.__syscall_stat64", "env.emscripten_notify_memory_growth", "nairi.open_file",
    "wasi_snapshot_preview1.environ_get", "wasi_snapshot_preview1.environ_sizes_get",
    "wasi_snapshot_preview1.fd_close", "wasi_snapshot_preview1.fd_read",
    "wasi_snapshot_preview1.fd_seek", "wasi_snapshot_preview1.fd_write",
    "wasi_snapshot_preview1.proc_exit"]);
});

test("the module exports nothing but these", () => {
  const exports = WebAssembly.Module.exports(module).map(({ name }) => name);
  assert.deepEqual(exports.sort(), [
    "__errno_location", "__indirect_function_table", "_initialize", "abi", "fake_handle", "fake_new",
    "fake_states", "free", "malloc", "memory", "reply_free", "reply_is_cancelled", "reply_is_held",
    "reply_numbers", "setThrew", "stackAlloc", "stackRestore", "stackSave", "text_free", "version"]);
});

test("the module holds no path of the machine that built it", () => {
  const text = readFileSync(`${folder}nairi_mock.wasm`).toString("latin1");
  assert.deepEqual(text.match(/\/(?:home|root|tmp|work)\/[\w./-]+/g) ?? [], []);
});

test("engine and package have one version", async () => {
  assert.equal((await createFake()).version, manifest.version);
});

// npm fetches no optional peers, and --omit=optional would take away those that other packages need.
test("the package depends on nothing, and its optional peers have its version", () => {
  assert.equal(manifest.dependencies, undefined);
  assert.equal(manifest.optionalDependencies, undefined);
  assert.deepEqual(new Set(Object.values(manifest.peerDependencies)), new Set([manifest.version]));
  for (const name of Object.keys(manifest.peerDependencies)) {
    assert.deepEqual(manifest.peerDependenciesMeta[name], { optional: true });
  }
});

test("each module has types, and all that package.json names is there", () => {
  const files = readdirSync(folder);
  for (const { types, default: file } of Object.values(manifest.exports).filter((one) => one.types)) {
    assert.ok(files.includes(types.slice(2)) && files.includes(file.slice(2)), file);
  }
  assert.ok(files.includes("relay-worker.js") && files.includes("LICENSE"));
});

test("a module that was compiled, or its bytes, can be given", async () => {
  const bytes = readFileSync(`${folder}nairi_mock.wasm`);
  for (const wasm of [module, bytes]) {
    assert.match(await (await createFake({ wasm })).ask("my-agent", "Hello"), /Hello/);
  }
});

