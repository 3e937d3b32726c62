// The figures of some meters, above what counts against them.

import { to } from "../lib/route";
import { Meter, StateBadge } from "../ui/usage";
import { useAccount } from "./context";

export function Strip({ meters }: { meters: string[] }) {
  const { account, entitlements, metrics } = useAccount();
  const keys = metrics.filter((metric) => meters.includes(metric.meter)).map((metric) => metric.key);
  const shown = entitlements.entitlements.filter((it) => keys.includes(it.metric));
  if (account.subscription === null) {
    return (
      <div class="notice" role="note" aria-label="No plan">
        <p>
          This account is on no plan, so nothing can be added. <a href={to("accounts", account.id, "plan")}>Choose a plan</a> first.
        </p>
      </div>
    );
  }
  return (
    <div class="strip">
      {shown.map((it) => (
        <div key={it.metric} class="card-line">
          <Meter entitlement={it} />
          <StateBadge entitlement={it} />
        </div>
      ))}
    </div>
  );
}
