// Serves a fake until its standard input ends:  serve.mjs STATES_FILE   prints its root URL.
import { writeFileSync } from "node:fs";

import { createFake } from "nairi-mock";

const fake = await createFake({ journalMax: 100 });
writeFileSync(process.argv[2], JSON.stringify(fake.states()));
const server = await fake.listen();
console.log(server.rootUrl);
process.stdin.resume().on("end", () => server.close());
