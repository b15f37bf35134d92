// The page's model, which is written for a page, as node has it.
import {readFileSync} from "node:fs";
import vm from "node:vm";

export const model = vm.createContext({TextEncoder});
for (const file of ["model.js", "saving.js"]) {
  vm.runInContext(
      readFileSync(new URL(`../../server/inspector/${file}`, import.meta.url), "utf8"), model);
}

/** Values of the other context, as this one's. */
export const plain = (value) => JSON.parse(JSON.stringify(value));

/** The lanes of a journal's entries. */
export const lanesOf = (entries) => model.runOf({journal: {entries}}).book.lanes();
