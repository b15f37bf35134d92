// What every runtime must do, without a test runner: Bun and Deno run it too.
import { createFake } from "nairi-mock";

import { converse, REPLY } from "./conversation.mjs";

function equal(got, wanted, what) {
  if (JSON.stringify(got) !== JSON.stringify(wanted)) {
    throw new Error(`${what}: expected ${JSON.stringify(wanted)}, got ${JSON.stringify(got)}`);
  }
}
async function fails(promise, what) {
  const failed = await promise.then(() => false, (error) => error instanceof Error);
  equal(failed, true, what);
}

const fake = await createFake();
equal((await converse(fake)).reply, REPLY, "in process");
fake.verdicts().check();
const server = await fake.listen();
const other = fake.forKey();
const served = { fetch: globalThis.fetch, baseUrl: server.baseUrl, apiKey: other.apiKey };
equal((await converse(served)).reply, REPLY, "over HTTP");
other.verdicts().check();

const headers = { Authorization: `Bearer ${fake.apiKey}` };
const form = new FormData();
form.append("file", new Blob([new Uint8Array([97, 0, 255])]), "a.bin");
for (const { fetch, baseUrl } of [fake, served]) {
  const uploaded = await fetch(`${baseUrl}/attachments`, { method: "POST", headers, body: form });
  const { attachment_id: id } = await uploaded.json();
  const file = await (await fetch(`${baseUrl}/attachments/${id}`, { headers })).json();
  equal([file.filename, file.data], ["a.bin", "YQD/"], "an upload");
}
fake.addFaults({ at: "agents", do: { empty_response: true } });
for (const { fetch, baseUrl } of [fake, served]) {
  await fails(fetch(`${baseUrl}/agents`, { headers }), `a lost reply of ${baseUrl} fails`);
}
fake.reset();
fake.addFaults({ at: "agents", do: { truncate_after_bytes: 5 } });
for (const { fetch, baseUrl } of [fake, served]) {
  const read = async () => (await fetch(`${baseUrl}/agents`, { headers })).text();
  await fails(read(), `a reply of ${baseUrl} that is cut fails`);
}
await fails(createFake({ world: { turns: [{}] } }), "a bad world fails");
await fake.close();
await fails(fetch(`${server.baseUrl}/agents`), "a closed port fails");
console.log("the fake is whole here");
