// The catalogue: plans side by side, with their limits and features.

import type { ComponentChildren } from "preact";
import { api, call, type Schemas } from "../lib/api";
import { featureValue, label, limit, span } from "../lib/format";
import { LISTS, useLive } from "../lib/live";
import { useSession } from "../lib/session";
import { ActionButton, Badge, Empty, Loading, Page } from "../ui/parts";

type Catalogue = Schemas["PlanList"];

export function PlansPage() {
  const { user } = useSession();
  const plans = useLive("plans", LISTS, async (signal) => ({ value: await call(api.GET("/plans", { signal })), etag: null }));
  const reload = user.is_operator && (
    <ActionButton label="Reload the file" act={() => call(api.POST("/plans/reload"))} done="Loaded the file of the plans again." />
  );
  return (
    <Page title="Plans" aside={reload}>
      <p class="lead">Each plan is an upgrade of the plans to its left. They are defined in a file of the server.</p>
      <Loading live={plans}>{(catalogue) => <Comparison catalogue={catalogue} />}</Loading>
    </Page>
  );
}

function Comparison({ catalogue }: { catalogue: Catalogue }) {
  const { data: plans } = catalogue;
  const metrics = [...new Set(plans.flatMap((plan) => Object.keys(plan.limits)))];
  const features = catalogue.features ?? [];
  if (plans.length === 0) {
    return <Empty title="No plan is on offer">Set HEADROOM_PLANS to a file of plans.</Empty>;
  }
  const row = (key: string, below: string, cell: (plan: Schemas["Plan"]) => ComponentChildren) => (
    <tr key={key}>
      <th scope="row">
        {label(key)}
        <span class="below">
          <code>{key}</code> {below}
        </span>
      </th>
      {plans.map((plan) => (
        <td key={plan.key}>{cell(plan)}</td>
      ))}
    </tr>
  );
  const group = (title: string) => (
    <tr class="group">
      <th scope="colgroup" colSpan={plans.length + 1}>
        {title}
      </th>
    </tr>
  );
  return (
    <div class="table-scroll plans" role="group" aria-label="Plans side by side" tabIndex={0}>
      <table>
        <caption class="visually-hidden">Plans side by side</caption>
        <thead>
          <tr>
            <td />
            {plans.map((plan) => (
              <th key={plan.key} scope="col">
                <span class="plan-name">{plan.name}</span>
                <code>{plan.key}</code>
                <span class="plan-badges">
                  {plan.default && <Badge kind="good">Default</Badge>}
                  {plan.self_service === false && <Badge>Operators only</Badge>}
                </span>
                <span class="below">{plan.description}</span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {group("Limits")}
          {metrics.map((key) => row(key, span(key, catalogue.metrics?.find((it) => it.key === key)?.window ?? null), (plan) => <Limit value={plan.limits[key]} />))}
          {features.length > 0 && group("Features")}
          {features.map(({ key, type }) =>
            row(key, type === "switch" ? "" : type, (plan) => <FeatureCell value={plan.features?.[key] as boolean | number | string | undefined} />),
          )}
        </tbody>
      </table>
    </div>
  );
}

function Limit({ value }: { value: number | null | undefined }) {
  return value === undefined ? <span class="muted">0</span> : <span class={value === 0 ? "muted" : "figure"}>{limit(value)}</span>;
}

function FeatureCell({ value }: { value: boolean | number | string | undefined }) {
  if (value === undefined || value === false) {
    return <span class="muted">–</span>;
  }
  return <span class="figure">{value === true ? "✓ On" : featureValue(value)}</span>;
}
