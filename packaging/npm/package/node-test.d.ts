import type { Fake, FakeOptions } from "./index.js";

/** A fake for one test of node:test, or of any runner whose context has after(). At its end it is
 * closed, and the test fails if the client broke a rule that it must keep. */
export function fakeForTest(
  t: { after(fn: () => Promise<void>): void },
  options?: FakeOptions & {
    /** false for tests that break a rule on purpose. */
    mustBehave?: boolean;
  },
): Promise<Fake>;
