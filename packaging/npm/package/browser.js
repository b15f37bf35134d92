// For pages: the fake lives in the page, and a service worker hands it what the page sends. A fake
// inside the worker would be forgotten whenever the browser ends it.

/** Has `worker`, a copy of nairi-mock/relay-worker.js on the page's own server, relay what goes to
 * the fake's origin. Answers a function that ends this. */
export async function startRelay(fake, worker = "/relay-worker.js") {
  const url = new URL(worker, location.href);
  url.searchParams.set("origin", fake.origin);
  const registration = await navigator.serviceWorker.register(url);
  const answer = ({ data, ports: [port] }) => data.nairiMock && play(fake, data.nairiMock, port);
  navigator.serviceWorker.addEventListener("message", answer);
  navigator.serviceWorker.startMessages();
  await controlled();
  return async () => {
    navigator.serviceWorker.removeEventListener("message", answer);
    await registration.unregister();
  };
}

async function controlled() {
  await navigator.serviceWorker.ready;
  if (navigator.serviceWorker.controller) return;
  await new Promise((resolve) => {
    navigator.serviceWorker.addEventListener("controllerchange", resolve, { once: true });
  });
}

async function play(fake, { url, ...init }, port) {
  try {
    const response = await fake.fetch(url, { ...init, redirect: "manual" });
    const body = await response.arrayBuffer();
    port.postMessage({ status: response.status, headers: [...response.headers], body });
  } catch (error) {
    port.postMessage({ error: String(error.cause ?? error) });
  }
}
