// Waiting that a signal ends, a reset of the fake, and a release of what it holds.
const LOOK_MS = 20; // how often somebody who waits looks whether the reply is still wanted

/** Waits until a reply is no longer held; rejects as `pause` does. One that is given up is held no
 * more. */
export async function release(reply, signal, cancelled) {
  try {
    while (reply.isHeld()) await pause(LOOK_MS, signal, reply.isCancelled, cancelled);
  } catch (error) {
    reply.giveUp();
    throw error;
  }
}

/** Waits; rejects with the signal's reason, or with `cancelled()` when `isCancelled()`. */
export function pause(ms, signal, isCancelled, cancelled) {
  return new Promise((resolve, reject) => {
    const end = performance.now() + ms;
    let timer;
    const finish = (then) => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
      then();
    };
    const abort = () => finish(() => reject(signal.reason));
    const look = () => {
      const left = end - performance.now();
      if (isCancelled()) finish(() => reject(cancelled()));
      else if (left <= 0) finish(resolve);
      else timer = setTimeout(look, Math.min(left, LOOK_MS));
    };
    if (signal?.aborted) return reject(signal.reason);
    signal?.addEventListener("abort", abort);
    look();
  });
}
