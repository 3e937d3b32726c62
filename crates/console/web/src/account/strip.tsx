// The figures of some meters, above what counts against them.

import { Meter, StateBadge } from "../ui/usage";
import { useAccount } from "./context";

export function Strip({ meters }: { meters: string[] }) {
  const { entitlements, metrics } = useAccount();
  const keys = metrics.filter((metric) => meters.includes(metric.meter)).map((metric) => metric.key);
  const shown = entitlements.entitlements.filter((it) => keys.includes(it.metric));
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
