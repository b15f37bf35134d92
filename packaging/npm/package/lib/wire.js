// A reply's way over a wire: its head as bytes, and how much of it comes through.

const REASONS = {
  200: "OK", 201: "Created", 202: "Accepted", 204: "No Content", 301: "Moved Permanently",
  302: "Found", 303: "See Other", 304: "Not Modified", 307: "Temporary Redirect",
  308: "Permanent Redirect", 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden",
  404: "Not Found", 405: "Method Not Allowed", 409: "Conflict", 413: "Payload Too Large",
  415: "Unsupported Media Type", 422: "Unprocessable Entity", 429: "Too Many Requests",
  500: "Internal Server Error", 501: "Not Implemented", 502: "Bad Gateway",
  503: "Service Unavailable", 504: "Gateway Timeout",
};

/** Status line and header fields, of bytes as characters. */
export function headOf(reply) {
  const lines = reply.headers.map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${reply.status} ${REASONS[reply.status] ?? ""}\r\n${lines.join("")}\r\n`;
}

// All bytes but the last at most: a fault that was asked for does not pass unseen.
const atMost = (wanted, size) => Math.min(Math.max(wanted, 0), Math.max(size - 1, 0));

/** How many bytes of the head and of the body come through. */
export function received(reply, head = headOf(reply).length, body = reply.body.length) {
  switch (reply.ending) {
    case "empty":
      return { head: 0, body: 0 };
    case "truncated":
      return { head, body: atMost(reply.afterBytes, body) };
    case "reset": {
      const sent = atMost(reply.afterBytes, head + body);
      return { head: Math.min(sent, head), body: Math.max(sent - head, 0) };
    }
    default:
      return { head, body };
  }
}
