// Runs the quickstart of tests/quickstart against a fake:  run_quickstart.mjs fetch|listen FILE
import { pathToFileURL } from "node:url";

import { createFake } from "nairi-mock";

const [how, file] = process.argv.slice(2);
const fake = await createFake();
const server = how === "listen" ? await fake.listen() : null;
if (how === "fetch") globalThis.fetch = fake.fetch;
const { agent, slack_job: slackJob } = fake.states();
Object.assign(process.env, {
  NAIRI_BASE_URL: (server ?? fake).baseUrl, NAIRI_API_KEY: fake.apiKey, NAIRI_AGENT: agent,
  NAIRI_SLACK_JOB: slackJob, NAIRI_POLL_MS: "0",
});
await import(pathToFileURL(file));
fake.verdicts().check();
await server?.close();
