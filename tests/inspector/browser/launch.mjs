// Debian's Chromium, driven by what install.sh has put into a folder.
import { createRequire } from "node:module";

export const installed = createRequire(`${process.env.NAIRI_INSPECTOR_PACKAGES}/`);

// Chromium's sandbox refuses root, and what is opened here is ours.
const SWITCHES = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-component-update", "--disable-sync"];

/** @returns {Promise<any>} */
export function launch() {
  return installed("playwright-core").chromium.launch({ executablePath: process.env.NAIRI_CHROMIUM, args: SWITCHES });
}
