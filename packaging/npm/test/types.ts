// The types say what the package does; tsc reads this, and a line behind @ts-expect-error must fail.
import { createFake, ControlError, RuleBroken, WorldError } from "nairi-mock";
import type { Controls, Fake, FakeServer, JournalEntry, Verdict } from "nairi-mock";
import { startRelay } from "nairi-mock/browser";
import { handlers } from "nairi-mock/msw";
import { fakeForTest } from "nairi-mock/node-test";
import { intercept } from "nairi-mock/undici";
import { test, testWith } from "nairi-mock/vitest";
import { http } from "msw";
import { MockAgent } from "undici";

const fake: Fake = await createFake({ world: { agents: [] }, clock: "wall", speed: 2, seed: 1,
  keys: "any", mutate: "additive", fidelity: "{}", journalMax: 1, judge: false, corsOrigins: [],
  origin: "http://x",
  files: { "a.txt": new Uint8Array() } });
await createFake({ world: new URL("file:///world.json") });
await createFake();
// @ts-expect-error there is no such clock
await createFake({ clock: "walls" });
// @ts-expect-error there is no such option
await createFake({ wrld: {} });

const fetch: typeof globalThis.fetch = fake.fetch;
const said: string = await fake.ask("bot", "Hello");
const one: Controls = fake.forKey();
const entries: JournalEntry[] = one.journal();
const broken: Verdict[] = fake.verdicts({ key: "k" }).broken("SHOULD");
fake.verdicts().check();
fake.advance(1);
fake.addFaults({ at: "poll#1", do: { status: 503 } });
const released: number = fake.release("x", { key: "k" });
const held: string[] = one.held().map(({ name, at }) => `${name} ${at}`);
const isHeld: boolean = fake.handle("GET", "/api/public/v1/agents").isHeld();
const job: string = fake.addJob({ agent_id: "bot" });
fake.setWorld("{}");
const slack: string | undefined = fake.states().slack_job;
const status: number = fake.handle("GET", "/api/public/v1/agents").status;
{
  await using server: FakeServer = await fake.listen({ port: 0 });
  const url: string = server.baseUrl;
  void url;
}
// @ts-expect-error a new key is asked of the fake itself
one.newKey();
const errors: string[] = [...new WorldError(["a"] as never).mistakes, String(new ControlError().status)];
throw new RuleBroken();

void [fetch, said, entries, broken, job, slack, status, errors];
await startRelay(fake);
handlers(fake, http);
intercept(fake, new MockAgent());
testWith({ mustBehave: false, seed: 7 })("vitest", async ({ fake: own }) => void own.baseUrl);
test("vitest", async ({ fake: own }) => void own.apiKey);
await fakeForTest({ after: () => {} }, { mustBehave: false, seed: 7 });
