// What every runtime must do, without a test runner: Bun and Deno run it too.
import { createFake } from "nairi-mock";

import { converse, REPLY } from "./conversation.mjs";

function equal(got, wanted, what) {
  if (JSON.stringify(got) !== JSON.stringify(wanted)) {
    throw new Error(`${what}: expected ${JSON.stringify(wanted)}, got ${JSON.stringify(got)}`);
  }
}
async function failure(promise) {
  try {
    await promise;
  } catch (error) {
    return error.name;
  }
  throw new Error("expected a failure, nothing failed");
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
fake.addFaults([{ at: "agents", times: 2, do: { empty_response: true } },
                { at: "agents", times: 2, do: { truncate_after_bytes: 5 } }]);
for (const { fetch, baseUrl } of [fake, served]) {
  equal((await failure(fetch(`${baseUrl}/agents`, { headers }))).endsWith("Error"), true, "a lost reply");
}
for (const { fetch, baseUrl } of [fake, served]) {
  const read = async () => (await fetch(`${baseUrl}/agents`, { headers })).text();
  equal((await failure(read())).endsWith("Error"), true, "a reply that is cut");
}
equal(await failure(createFake({ world: { turns: [{}] } })), "WorldError", "a bad world");
await fake.close();
equal((await failure(fetch(`${server.baseUrl}/agents`))).endsWith("Error"), true, "a closed port");
console.log("the fake is whole here");
