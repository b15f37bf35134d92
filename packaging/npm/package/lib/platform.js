// What differs between Node (with Bun and Deno) and browsers.
const isNode = typeof process === "object" && Boolean(process.versions?.node);
// Not seen by bundlers, which would look for it for browsers too.
const nodeModule = (name) => import(/* webpackIgnore: true */ /* @vite-ignore */ `node:${name}`);

/** The bytes of nairi_mock.wasm, which lies beside this package's modules. */
export async function wasmBytes() {
  const url = new URL("../nairi_mock.wasm", import.meta.url);
  if (isNode && url.protocol === "file:") return (await nodeModule("fs/promises")).readFile(url);
  const response = await fetch(url);
  if (!response.ok) throw new Error(`nairi-mock: ${url} answered ${response.status}`);
  return response.arrayBuffer();
}

/** What is needed to read files: null where there are none. */
export async function fileSystem() {
  if (!isNode) return null;
  const [fs, path, url] = await Promise.all(["fs", "path", "url"].map(nodeModule));
  return { ...fs, ...path, fileURLToPath: url.fileURLToPath };
}

export const userAgent =
  isNode ? "node" : (globalThis.navigator?.userAgent ?? "unknown");

/** What nobody guesses. */
export async function randomToken() {
  const crypto = globalThis.crypto ?? (await nodeModule("crypto")).webcrypto; // Node 18
  return crypto.randomUUID();
}
