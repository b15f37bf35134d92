// What people give as a world, and what the engine takes.
import { fileSystem } from "./platform.js";

/** The world's text, its name in messages, and how the files that it names are opened. */
export async function readWorld(world = "builtin:default", files = undefined) {
  const given = files === undefined ? undefined : givenFiles(files);
  if (typeof world === "object" && world !== null && !(world instanceof URL)) {
    return { text: JSON.stringify(world, null, 2), name: "world", openFile: given ?? refused };
  }
  if (!(world instanceof URL) && typeof world !== "string") {
    throw new TypeError(`world: expected an object, JSON text, a path, a URL or "builtin:NAME", ` +
      `got ${describe(world)}`);
  }
  if (typeof world === "string" && (world.startsWith("builtin:") || /^\s*[{[]/.test(world))) {
    return { text: world, name: "world", openFile: given ?? refused };
  }
  return readFile(world, given);
}

async function readFile(world, given) {
  const system = await fileSystem();
  if (system === null) {
    throw new TypeError("world: there are no files here: fetch the world, and give its JSON");
  }
  const path = world instanceof URL ? system.fileURLToPath(world) : world;
  const folder = system.dirname(path);
  let text;
  try {
    text = system.readFileSync(path, "utf8");
  } catch (cause) {
    const from = globalThis.process?.cwd?.();
    throw new Error(`world: can't read ${path}${from ? ` from ${from}` : ""}: ${cause.message}`, { cause });
  }
  return {
    text,
    name: path,
    openFile: given ?? ((name) => system.readFileSync(system.join(folder, name))),
  };
}

function givenFiles(files) {
  return (path) => {
    if (!Object.hasOwn(files, path)) {
      throw new Error(`"files" has none of this name; it has: ${Object.keys(files).join(", ")}`);
    }
    const file = files[path];
    return typeof file === "string" ? new TextEncoder().encode(file) : new Uint8Array(file);
  };
}

function refused() {
  throw new Error(`a world that is no file needs the option "files"`);
}

export function describe(value) {
  if (value === null) return "null";
  if (Array.isArray(value)) return "an array";
  return ["string", "number", "boolean"].includes(typeof value)
    ? `the ${typeof value} ${JSON.stringify(value)}` : `a value of type ${typeof value}`;
}
