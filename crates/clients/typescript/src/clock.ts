// Time and chance: what tests replace.

/** @internal */
export interface Clock {
  /** Milliseconds that never go back. */
  now(): number;
  /** Waits; rejects with the signal's reason if it is aborted. */
  sleep(milliseconds: number, signal: AbortSignal | undefined): Promise<void>;
  /** A number from 0, inclusive, to 1, exclusive. */
  random(): number;
}

/** @internal */
export const SYSTEM_CLOCK: Clock = {
  now: () => performance.now(),
  random: () => Math.random(),
  sleep: (milliseconds, signal) => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const slept = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, milliseconds);
    });
    return abortable(slept, signal).finally(() => clearTimeout(timer));
  },
};

/**
 * The promise, or the reason of the signal if that is aborted first. The work behind the promise goes on.
 *
 * @internal
 */
export function abortable<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise<T>((resolve, reject) => {
    const abort = () => reject(signal.reason as unknown);
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}
