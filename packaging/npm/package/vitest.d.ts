import type { TestAPI } from "vitest";

import type { Fake, FakeOptions } from "./index.js";

/** Vitest's test with a fake of its own, which fakeOptions describes: test.extend({ fakeOptions }).
 * A test fails if its client broke a rule that it must keep, unless mustBehave is false. */
export const test: TestAPI<{ fake: Fake; fakeOptions: FakeOptions & { mustBehave?: boolean } }>;
export const it: typeof test;
