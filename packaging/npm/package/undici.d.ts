import type { MockAgent } from "undici";

import type { Fake } from "./index.js";

/** What comes to the fake's origin by this agent, the fake answers; without delays, and whole. */
export function intercept(fake: Fake, agent: MockAgent): void;
