// The change of plan, with its preview: what changes, and what would exceed the new limits.

import { useEffect, useState } from "preact/hooks";
import { api, call, type Schemas } from "../lib/api";
import { dateTime, day, featureValue, label, limit, number } from "../lib/format";
import { LISTS, useAction, useLive } from "../lib/live";
import { go } from "../lib/route";
import { useSay, useSession } from "../lib/session";
import { Badge, ConfirmButton, Empty, Loading, Section, Table } from "../ui/parts";
import { ProblemNotice } from "../ui/problem";
import { useAccount } from "./context";
import { Scheduled } from "./overview";

type Timing = Schemas["Timing"];

export function PlanTab({ choice }: { choice: string | undefined }) {
  const { account, plans } = useAccount();
  const { user } = useSession();
  const current = account.subscription?.plan ?? null;
  const offered = plans.filter((plan) => plan.self_service !== false || user.is_operator);
  const chosen = offered.find((plan) => plan.key === choice && plan.key !== current);
  return (
    <>
      <Scheduled />
      <Section title={current === null ? "Choose a plan" : "Change the plan"}>
        {offered.length === 0 && <Empty title="No plan is on offer" />}
        <div class="choices" role="radiogroup" aria-label="Plan">
          {offered.map((plan) => (
            <label key={plan.key} class={plan.key === (chosen?.key ?? current) ? "choice chosen" : "choice"}>
              <input
                type="radio"
                name="plan"
                value={plan.key}
                checked={plan.key === (chosen?.key ?? current)}
                onChange={() => (plan.key === current ? go("accounts", account.id, "plan") : go("accounts", account.id, "plan", plan.key))}
              />
              <span class="choice-title">
                {plan.name} {plan.key === current && <Badge kind="good">Current</Badge>}
                {plan.self_service === false && <Badge>Operators only</Badge>}
              </span>
              <span class="below">{plan.description}</span>
            </label>
          ))}
        </div>
        {chosen && <Change key={chosen.key} plan={chosen} isFirst={current === null} />}
      </Section>
      {current !== null && <End />}
    </>
  );
}

function Change({ plan, isFirst }: { plan: Schemas["Plan"]; isFirst: boolean }) {
  const { account } = useAccount();
  const say = useSay();
  const [timing, setTiming] = useState<Timing>("immediate");
  const [isStrict, setStrict] = useState(false);
  const [reason, setReason] = useState("");
  const params = { path: { account_id: account.id } };
  const preview = useLive(`preview ${account.id} ${plan.key} ${timing}`, LISTS, async (signal) => ({
    value: await call(api.POST("/accounts/{account_id}/subscribe/preview", { params, body: { plan: plan.key, timing }, signal })),
    etag: null,
  }));
  const change = useAction(async () => {
    const body: Schemas["PlanChoice"] = { plan: plan.key, timing, over_limit: isStrict ? "reject" : "keep", reason: reason.trim() || null };
    await call(api.POST("/accounts/{account_id}/subscribe", { params, body }));
    go("accounts", account.id, "plan");
    say(timing === "period_end" && !isFirst ? `The plan becomes ${plan.name} at the end of the period.` : `The account is on ${plan.name}.`);
  });
  useEffect(() => change.clear(), [timing, isStrict]);
  return (
    <div class="preview" role="group" aria-label={`Change to ${plan.name}`}>
      <div class="filters">
        {!isFirst && (
          <label class="filter">
            When
            <select value={timing} onChange={(event) => setTiming(event.currentTarget.value as Timing)}>
              <option value="immediate">Now</option>
              <option value="period_end">At the end of the period</option>
            </select>
          </label>
        )}
        <label class="filter grow">
          Reason
          <input type="text" value={reason} maxLength={2000} placeholder="For the history" onInput={(event) => setReason(event.currentTarget.value)} />
        </label>
      </div>
      <Loading live={preview}>{(it) => <Preview preview={it} />}</Loading>
      {preview.value && preview.value.exceeded.length > 0 && (
        <label class="check">
          <input type="checkbox" checked={isStrict} onChange={(event) => setStrict(event.currentTarget.checked)} />
          Do not change the plan if anything exceeds its limits
        </label>
      )}
      {change.error && <ProblemNotice error={change.error} account={account.id} />}
      <div class="buttons">
        <button type="button" class="primary" disabled={change.isRunning} onClick={() => void change.run()}>
          {isFirst ? `Subscribe to ${plan.name}` : `Change to ${plan.name} ${timing === "immediate" ? "now" : "at the end of the period"}`}
        </button>
      </div>
    </div>
  );
}

function Preview({ preview }: { preview: Schemas["PlanChangePreview"] }) {
  const { account } = useAccount();
  const features = preview.features ?? [];
  return (
    <>
      <p>
        <Badge kind={preview.direction === "downgrade" ? "near" : "good"}>{preview.direction}</Badge>{" "}
        {preview.from === null ? `To ${preview.to}` : `From ${preview.from} to ${preview.to}`}, in effect{" "}
        {dateTime(preview.effective_at, account.time_zone)} ({account.time_zone}).
      </p>
      <Table label="What changes" head={["Limit or feature", "Now", "Then"]}>
        {preview.limits.map((it) => (
          <tr key={it.metric}>
            <th scope="row">{label(it.metric)}</th>
            <td class="number">{limit(it.from)}</td>
            <td class={it.from === it.to ? "number" : "number figure"}>{limit(it.to)}</td>
          </tr>
        ))}
        {features.map((it) => (
          <tr key={it.feature}>
            <th scope="row">{label(it.feature)}</th>
            <td>{featureValue(it.from)}</td>
            <td class="figure">{featureValue(it.to)}</td>
          </tr>
        ))}
      </Table>
      {preview.exceeded.length > 0 && (
        <div class="notice refusal">
          <p class="notice-title">What exists would exceed the new limits</p>
          <p>It stays, but nothing can be added to it until it is below the limit.</p>
          <ul>
            {preview.exceeded.map((it) => (
              <li key={`${it.metric} ${it.day}`}>
                {label(it.metric)}
                {it.day && ` on ${day(it.day)}`}: {number(it.used)} used, {number(it.new_limit)} permitted, {number(it.excess)} too many
              </li>
            ))}
          </ul>
        </div>
      )}
    </>
  );
}

function End() {
  const { account } = useAccount();
  const params = { path: { account_id: account.id } };
  const end = (timing: Timing) => () => call(api.POST("/accounts/{account_id}/unsubscribe", { params, body: { timing } }));
  return (
    <Section title="End the subscription">
      <p class="muted">Nothing is removed. Without a plan nothing can be added.</p>
      <div class="buttons">
        <ConfirmButton
          label="End at the end of the period"
          question="End the subscription at the end of the period?"
          act={end("period_end")}
          done="The subscription ends with the period."
        />
        <ConfirmButton label="End now" question="End the subscription now?" act={end("immediate")} done="The subscription has ended." />
      </div>
    </Section>
  );
}
