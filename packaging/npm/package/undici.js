// For undici's MockAgent: intercept(fake, agent), then setGlobalDispatcher(agent).

/** What comes to the fake's origin, the fake answers; without delays, and whole. */
export function intercept(fake, agent) {
  const pool = agent.get(fake.origin);
  for (const method of ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]) {
    pool.intercept({ path: () => true, method }).reply(({ path, headers, body }) => {
      const reply = fake.handle(method, path, headers, body ?? "");
      if (reply.ending !== "whole") throw new TypeError(`the fake's reply is ${reply.ending}`);
      return { statusCode: reply.status, data: Buffer.from(reply.body),
               responseOptions: { headers: Object.fromEntries(reply.headers) } };
    }).persist();
  }
}
