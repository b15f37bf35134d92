// For node:test, and every runner whose context has after():
//
//   test("refunds", async (t) => {
//     const fake = await fakeForTest(t, { world });
import { createFake } from "./index.js";

/** A fake for one test. At its end it is closed, and the test fails if the client broke a rule that
 * it must keep; `mustBehave: false` is for tests that break one on purpose. */
export async function fakeForTest(t, { mustBehave = true, ...options } = {}) {
  if (typeof t?.after !== "function") {
    throw new TypeError("fakeForTest: expected the context of a test first: fakeForTest(t, { … })");
  }
  const fake = await createFake(options);
  t.after(async () => {
    await fake.close();
    if (mustBehave) fake.verdicts().check();
  });
  return fake;
}
