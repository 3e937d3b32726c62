// The page of a route that does not exist.

import { to } from "../lib/route";
import { Page } from "../ui/parts";

export function NotFoundPage() {
  return (
    <Page title="Page not found">
      <p>
        The console has no page at this address. Go to <a href={to("accounts")}>the accounts</a>.
      </p>
    </Page>
  );
}
