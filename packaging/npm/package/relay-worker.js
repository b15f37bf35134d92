// The service worker of nairi-mock/browser: it holds nothing, and relays what goes to the fake to
// the page that sent it.
const origin = new URL(location.href).searchParams.get("origin");

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  if (new URL(event.request.url).origin === origin) event.respondWith(relay(event));
});

async function relay({ request, clientId }) {
  const page = await self.clients.get(clientId);
  const { port1, port2 } = new MessageChannel();
  const answered = new Promise((resolve) => { port1.onmessage = ({ data }) => resolve(data); });
  const body = await request.arrayBuffer();
  const call = { url: request.url, method: request.method, headers: [...request.headers] };
  if (body.byteLength > 0) call.body = body;
  page.postMessage({ nairiMock: call }, [port2]);
  const { error, status, headers, body: content } = await answered;
  if (error !== undefined) return Response.error();
  const hasNone = [204, 205, 304].includes(status) || request.method === "HEAD";
  return new Response(hasNone ? null : content, { status, headers });
}
