#!/usr/bin/env node
// Runs the program nairi-mock where a package of this platform brings it.
import { spawn } from "node:child_process";
import { createRequire } from "node:module";

function program() {
  const name = `nairi-mock-${process.platform}-${process.arch}`;
  try {
    return createRequire(import.meta.url).resolve(`${name}/bin/nairi-mock`);
  } catch {
    return null;
  }
}

const path = program();
if (path === null) {
  console.error(`nairi-mock: there is no program for ${process.platform}-${process.arch} here: it \
comes with the packages nairi-mock-linux-x64 and nairi-mock-linux-arm64.
In JavaScript the fake needs none: createFake() plays it in process, and listen() puts it on a port:
  node -e 'import("nairi-mock").then(async ({ createFake }) => {
    console.log((await (await createFake()).listen({ port: 4747 })).baseUrl) })'`);
  process.exit(69); // EX_UNAVAILABLE
}
const child = spawn(path, process.argv.slice(2), { stdio: "inherit" });
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.on(signal, () => child.kill(signal)); // what a terminal sends, both get: once is enough
}
child.on("exit", (code, signal) => {
  if (signal === null) process.exit(code);
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
});
