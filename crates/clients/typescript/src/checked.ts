// Failing closed and open: what an answer says if Headroom did not.

import { type AnyHeadroomError, isHeadroomError } from "./errors.js";

/** An answer of Headroom. */
export type Checked<Answer> = Answer & { readonly checked: true };

/** Not an answer of Headroom, which could not be asked: everything is permitted (see `failOpen`). */
export interface Unchecked {
  readonly checked: false;
  readonly allowed: true;
  readonly code: null;
  /** Why Headroom could not be asked. */
  readonly error: AnyHeadroomError;
}

/**
 * Marks an answer as checked; or, if the client fails open and Headroom does not answer, returns the fallback.
 *
 * @internal
 */
export async function checkedOr<Answer extends object, Fallback>(
  answer: Promise<Answer>,
  fallback: ((error: AnyHeadroomError) => Fallback) | undefined,
): Promise<Checked<Answer> | Fallback> {
  try {
    return Object.assign(await answer, { checked: true as const });
  } catch (error) {
    if (fallback !== undefined && isHeadroomError(error) && isOutage(error)) return fallback(error);
    throw error;
  }
}

/** @internal */
export function unchecked(error: AnyHeadroomError): Unchecked {
  return { checked: false, allowed: true, code: null, error };
}

/** Whether Headroom did not answer. A refusal of the request itself (a wrong key, an unknown metric) is an answer. */
function isOutage({ code, status }: AnyHeadroomError): boolean {
  return code === "rate_limited" || code === "connection_failed" || code === "timeout" || status >= 500;
}
