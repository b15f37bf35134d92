import type { http, RequestHandler } from "msw";

import type { Controls } from "./index.js";

/** Handlers for setupServer() or setupWorker(): what comes to the fake's origin, it answers. */
export function handlers(fake: Controls, http_: typeof http): RequestHandler[];
