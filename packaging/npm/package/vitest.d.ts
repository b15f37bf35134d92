import type { TestAPI } from "vitest";

import type { Fake, FakeOptions } from "./index.js";

/** Vitest's test, in which each test has a fake of its own, made with these options. A test fails
 * if its client broke a rule that it must keep, unless `mustBehave` is false. */
export function testWith(options?: FakeOptions & { mustBehave?: boolean }): TestAPI<{ fake: Fake }>;
/** The same with the built-in world. */
export const test: TestAPI<{ fake: Fake }>;
export const it: typeof test;
