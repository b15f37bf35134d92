// What the page of browser.test.mjs does.
import { createFake } from "nairi-mock";
import { startRelay } from "nairi-mock/browser";

import { converse } from "./conversation.mjs";

export async function run() {
  const fake = await createFake();
  const inPage = (await converse(fake)).reply;
  const stop = await startRelay(fake, "/relay-worker.js");
  const page = { fetch: window.fetch.bind(window), baseUrl: fake.baseUrl, apiKey: fake.newKey() };
  const relayed = (await converse(page)).reply;

  const headers = { Authorization: `Bearer ${page.apiKey}` };
  const form = new FormData();
  form.append("file", new Blob([new Uint8Array([97, 0, 255])]), "a.bin");
  const upload = await fetch(`${fake.baseUrl}/attachments`, { method: "POST", headers, body: form });
  const { attachment_id: id } = await upload.json();
  const file = await (await fetch(`${fake.baseUrl}/attachments/${id}`, { headers })).json();
  const seen = fake.journal({ key: page.apiKey }).map((one) => one.operation);

  const failure = (promise) => promise.then(() => "none", (error) => error.name);
  fake.addFaults({ at: "agents#1", do: { empty_response: true } }, { key: page.apiKey });
  const lost = await failure(fetch(`${fake.baseUrl}/agents`, { headers }));
  const elsewhere = (await fetch("/nothing-here")).status;
  await stop();
  return { inPage, relayed, uploaded: [file.filename, file.data], lost, elsewhere,
           journal: ["start", "messages", "upload"].filter((one) => seen.includes(one)) };
}
