// Routes are in the hash of the URL: the server serves one page, under any path prefix.

import { useEffect, useState } from "preact/hooks";

/** The segments of the current route: `#/accounts/acct_1/staff` is `["accounts", "acct_1", "staff"]`. */
function current(): string[] {
  const segments = location.hash.replace(/^#\/?/, "").split("/").filter(Boolean);
  return segments.map((segment) => {
    try {
      return decodeURIComponent(segment);
    } catch {
      return segment;
    }
  });
}

/** The reference to a route. */
export function to(...segments: string[]): string {
  return `#/${segments.map(encodeURIComponent).join("/")}`;
}

export function go(...segments: string[]) {
  location.hash = to(...segments);
}

export function useRoute(): string[] {
  const [route, setRoute] = useState(current);
  useEffect(() => {
    const update = () => setRoute(current());
    addEventListener("hashchange", update);
    return () => removeEventListener("hashchange", update);
  }, []);
  return route;
}
