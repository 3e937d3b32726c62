// The accounts near a limit or over it, the most urgent first.

import { useState } from "preact/hooks";
import { number, plural, time } from "../lib/format";
import { to } from "../lib/route";
import { NEAR, type NearAccount, type NearLimitsWalk, useNearLimits } from "../lib/walk";
import { PlanBadge, Section } from "../ui/parts";
import { ProblemNotice } from "../ui/problem";
import { Meter, StateBadge } from "../ui/usage";

/** How many accounts are shown at first, and how many more each time. */
const PAGE = 12;

export function NearLimits() {
  const walk = useNearLimits();
  const [shown, setShown] = useState(PAGE);
  const { found, isComplete } = walk;
  if (walk.error && [403, 404].includes(walk.error.problem.status)) {
    return null;
  }
  return (
    <Section title="Near or over a limit" aside={<Progress walk={walk} />}>
      {walk.error && <ProblemNotice error={walk.error} />}
      {!isComplete && walk.reading === null && found.pages > 0 && (
        <p class="muted">
          The newest accounts were read, {plural(found.pages, "page")} of them. The older ones were not: more of them may be near a limit.
        </p>
      )}
      {found.count > found.accounts.length && (
        <p class="muted">
          {plural(found.count, "account")}, of which the {number(found.accounts.length)} most urgent are listed.
        </p>
      )}
      {found.accounts.length > 0 ? (
        <ul class="cards">
          {found.accounts.slice(0, shown).map((account) => (
            <Card key={account.account_id} account={account} />
          ))}
        </ul>
      ) : isComplete ? (
        <p class="muted">No account uses {NEAR * 100} % of a limit or more.</p>
      ) : (
        walk.reading !== null && <p class="muted">None so far.</p>
      )}
      {found.accounts.length > shown && (
        <p>
          <button type="button" class="quiet" onClick={() => setShown(shown + PAGE)}>
            Show more
          </button>
        </p>
      )}
    </Section>
  );
}

/** How far the walk is, and a button that stops it or goes on with it. */
function Progress({ walk }: { walk: NearLimitsWalk }) {
  const { found, isComplete, reading } = walk;
  if (reading !== null) {
    const what = reading === 0 ? "Reading all accounts" : `Reading all accounts: ${plural(reading, "page")} so far, ${number(found.count)} found`;
    return (
      <p class="progress">
        {isComplete ? `Reading all accounts again: ${plural(reading, "page")} so far` : what}
        <button type="button" class="quiet small" onClick={walk.stop}>
          Stop
        </button>
      </p>
    );
  }
  if (!isComplete && found.pages === 0 && walk.error === undefined) {
    return null;
  }
  return (
    <p class="progress">
      {isComplete && (
        <span>
          All accounts, as of <time dateTime={new Date(walk.readAt).toISOString()}>{time(walk.readAt)}</time>
        </span>
      )}
      <button type="button" class="quiet small" onClick={walk.resume}>
        {isComplete ? "Read again" : "Go on"}
      </button>
    </p>
  );
}

function Card({ account }: { account: NearAccount }) {
  return (
    <li>
      <a class="card" href={to("accounts", account.account_id)}>
        <span class="card-title">{account.name}</span>
        <PlanBadge plan={account.plan} />
        {account.metrics.map((it) => (
          <div key={it.metric} class="card-line">
            <Meter entitlement={it} />
            <StateBadge entitlement={it} />
          </div>
        ))}
      </a>
    </li>
  );
}
