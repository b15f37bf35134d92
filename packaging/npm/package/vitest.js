// For Vitest: each test has a fake of its own.
//
//   import { test } from "nairi-mock/vitest";
//   test("refunds", async ({ fake }) => { … });
import { test as base } from "vitest";

import { createFake } from "./index.js";

/** A `test` with `fake`, made with these options. At the end of the test it is closed, and the test
 * fails if the client broke a rule that it must keep, unless `mustBehave` is false. */
export function testWith({ mustBehave = true, ...options } = {}) {
  return base.extend({
    fake: async ({}, use) => {
      const fake = await createFake(options);
      await use(fake);
      await fake.close();
      if (mustBehave) fake.verdicts().check();
    },
  });
}

export const test = testWith();
export const it = test;
