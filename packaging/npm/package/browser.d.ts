import type { Controls } from "./index.js";

/** Has a service worker relay what the page sends to the fake's origin. `worker` is where the page's
 * own server has a copy of nairi-mock/relay-worker.js. Answers a function that ends this. */
export function startRelay(fake: Controls, worker?: string | URL): Promise<() => Promise<void>>;
