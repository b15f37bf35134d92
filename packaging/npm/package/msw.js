// For Mock Service Worker: setupServer(...handlers(fake, http)).

/** `http` is that of "msw". What comes to the fake's origin, the fake answers. */
export function handlers(fake, http) {
  return [http.all(`${fake.origin}/*`, async ({ request }) => {
    try {
      return await fake.fetch(request);
    } catch (error) {
      if (error.message !== "fetch failed") throw error;
      return Response.error(); // what went wrong on the wire
    }
  })];
}
