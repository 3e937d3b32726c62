// How much of a limit is used: a bar and the figures.

import type { Schemas } from "../lib/api";
import { dateTimeIn, label, limit, number, relative } from "../lib/format";
import { NEAR } from "../lib/walk";
import { Badge } from "./parts";

/** The figures of a metric, in the entitlements of an account or in the list of accounts near a limit. */
export type Figures = Pick<Schemas["Entitlement"], "metric" | "limit" | "used" | "over_by" | "held">;

export type State = "unlimited" | "good" | "near" | "over";

export function stateOf({ used, limit }: Figures): State {
  if (limit === null) {
    return "unlimited";
  }
  return used >= limit ? (used === 0 ? "good" : "over") : used >= limit * NEAR ? "near" : "good";
}

/** What is used and held, as parts of the limit. */
export function Bar({ entitlement: it }: { entitlement: Figures }) {
  const held = it.held ?? 0;
  const whole = Math.max(it.limit ?? 0, it.used, 1);
  const width = (quantity: number) => ({ width: `${(100 * quantity) / whole}%` });
  const parts = it.limit === null ? { width: "0%" } : width(it.used - held);
  const words = `${label(it.metric)}: ${number(it.used)} of ${limit(it.limit)} used${held > 0 ? `, ${number(held)} of it held` : ""}`;
  return (
    <span class={`bar bar-${stateOf(it)}`} role="img" aria-label={words}>
      <span class="bar-used" style={parts} />
      {it.limit !== null && held > 0 && <span class="bar-held" style={width(held)} />}
    </span>
  );
}

export function StateBadge({ entitlement: it }: { entitlement: Figures }) {
  if (it.over_by > 0) {
    return <Badge kind="over">Over by {number(it.over_by)}</Badge>;
  }
  const state = stateOf(it);
  return state === "over" ? <Badge kind="over">Full</Badge> : state === "near" ? <Badge kind="near">Near</Badge> : null;
}

/** A metric in a list of accounts: its name, a bar and the figures. */
export function Meter({ entitlement: it }: { entitlement: Figures }) {
  return (
    <div class="meter">
      <span class="meter-label">{label(it.metric)}</span>
      <span class="meter-figures">
        {number(it.used)} / {it.limit === null ? "∞" : number(it.limit)}
      </span>
      <Bar entitlement={it} />
    </div>
  );
}

/** When the usage begins at 0 again. */
export function Reset({ entitlement: { window } }: { entitlement: Schemas["Entitlement"] }) {
  if (window === null) {
    return <span class="muted">Never</span>;
  }
  const exact = dateTimeIn(window.end, window.time_zone);
  return (
    <time dateTime={window.end} title={exact}>
      {relative(window.end)}
      <span class="below">{exact}</span>
    </time>
  );
}
