// Every metric with its figures, the features, and a chart of a metric over time.

import { api, call, type Schemas } from "../lib/api";
import { dateTime, dateTimeIn, featureValue, inZone, label, limit, number, relative, span } from "../lib/format";
import { to } from "../lib/route";
import { ActionButton, Badge, Empty, Section, Table, Time } from "../ui/parts";
import { Bar, Reset, StateBadge } from "../ui/usage";
import { History } from "./chart";
import { useAccount } from "./context";

export function Overview() {
  const { account, entitlements, metrics } = useAccount();
  if (account.subscription === null) {
    return (
      <Empty title="This account is on no plan yet">
        <p>Without a plan every limit is 0. Choose one: then its staff, bookings and usage count against the plan’s limits.</p>
        <a class="button primary" href={to("accounts", account.id, "plan")}>
          Choose a plan
        </a>
      </Empty>
    );
  }
  return (
    <>
      <Scheduled />
      <Section title="Limits and usage">
        <Table label="Limits and usage" head={["Metric", "Usage", "Used", "Held", "Limit", "Remaining", "Resets"]} wideOnly={[3, 5, 7]}>
          {entitlements.entitlements.map((it) => (
            <LimitRow key={it.metric} entitlement={it} window={metrics.find(({ key }) => key === it.metric)?.window ?? null} />
          ))}
        </Table>
      </Section>
      <History />
      <Features />
      <Facts />
    </>
  );
}

function LimitRow({ entitlement: it, window }: { entitlement: Schemas["Entitlement"]; window: string | null }) {
  const sources = [it.override && "override", it.granted && `${number(it.granted)} granted`].filter(Boolean).join(", ");
  return (
    <tr>
      <th scope="row">
        {label(it.metric)}
        <span class="below">
          <code>{it.metric}</code> {span(it.metric, window)}
        </span>
        <span class="below narrow">{it.window ? `Resets ${relative(it.window.end)}: ${dateTimeIn(it.window.end, it.window.time_zone)}` : "Never resets"}</span>
      </th>
      <td class="wide">
        <Bar entitlement={it} /> <StateBadge entitlement={it} />
        <span class="below narrow">
          {number(it.used)} of {limit(it.limit)}
          {sources && <span class="below">{sources}</span>}
        </span>
      </td>
      <td class="number">{number(it.used)}</td>
      <td class="number">{number(it.held ?? 0)}</td>
      <td class="number">
        {limit(it.limit)}
        {sources && <span class="below">{sources}</span>}
      </td>
      <td class="number">{it.remaining === null ? "–" : number(it.remaining)}</td>
      <td>
        <Reset entitlement={it} />
      </td>
    </tr>
  );
}

/** A change of plan that is to come. */
export function Scheduled() {
  const { account } = useAccount();
  const change = account.subscription?.scheduled_change;
  if (!change) {
    return null;
  }
  const path = { account_id: account.id };
  const cancel = () => call(api.DELETE("/accounts/{account_id}/subscription/scheduled-change", { params: { path } }));
  return (
    <div class="notice" role="note" aria-label="Scheduled change">
      <p>
        {change.plan === null ? "The subscription ends " : `The plan becomes ${change.plan} `}
        <Time at={change.effective_at} isRelative /> ({dateTime(change.effective_at, account.time_zone)} {account.time_zone}).{" "}
        <ActionButton label="Cancel this change" act={cancel} done="Cancelled the scheduled change." />
      </p>
    </div>
  );
}

function Features() {
  const { entitlements } = useAccount();
  const features = entitlements.features ?? [];
  if (features.length === 0) {
    return null;
  }
  return (
    <Section title="Features">
      <Table label="Features" head={["Feature", "Value", "Plan’s value", "Override"]}>
        {features.map((it) => (
          <tr key={it.feature}>
            <th scope="row">{label(it.feature)}</th>
            <td>
              <Badge kind={it.value ? "good" : "plain"}>{featureValue(it.value)}</Badge>
            </td>
            <td>{featureValue(it.plan_value)}</td>
            <td>{it.override ? it.override.reason : <span class="muted">–</span>}</td>
          </tr>
        ))}
      </Table>
    </Section>
  );
}

function Facts() {
  const { account } = useAccount();
  const period = account.subscription?.current_period;
  const day = (instant: string) => dateTime(instant, account.time_zone).split(",")[0];
  return (
    <Section title="Details">
      <dl class="facts">
        {period && (
          <div>
            <dt>Current period</dt>
            <dd>
              {day(period.start)} to {day(period.end)}
            </dd>
          </div>
        )}
        <div>
          <dt>Time zone</dt>
          <dd>{account.time_zone}</dd>
        </div>
        <div>
          <dt>{inZone("Created")}</dt>
          <dd>
            <Time at={account.created_at} />
          </dd>
        </div>
        {account.external_id && (
          <div>
            <dt>External id</dt>
            <dd>
              <code>{account.external_id}</code>
            </dd>
          </div>
        )}
        {Object.entries(account.metadata ?? {}).map(([key, value]) => (
          <div key={key}>
            <dt>{key}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </Section>
  );
}
