// For Vitest: each test has a fake of its own.
//
//   import { test } from "nairi-mock/vitest";
//   test("refunds", async ({ fake }) => { … });
//   const test2 = test.extend({ fakeOptions: { world } });
import { test as base } from "vitest";

import { createFake } from "./index.js";

/** `test` with `fake`, which fakeOptions describes. At the end of the test it is closed, and the
 * test fails if the client broke a rule that it must keep, unless fakeOptions.mustBehave is false. */
export const test = base.extend({
  fakeOptions: {},
  fake: async ({ fakeOptions }, use) => {
    const { mustBehave = true, ...options } = fakeOptions;
    const fake = await createFake(options);
    await use(fake);
    await fake.close();
    if (mustBehave) fake.verdicts().check();
  },
});
export const it = test;
