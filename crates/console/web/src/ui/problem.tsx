// What went wrong: the code, the detail and the request id, and, for a limit, what would help.

import type { ComponentChildren } from "preact";
import { useContext } from "preact/hooks";
import { AccountContext } from "../account/context";
import type { ApiError, Problem } from "../lib/api";
import { dateTimeIn, day, label, limit, number, ZONE } from "../lib/format";
import { DOCS } from "../lib/docs";
import { to } from "../lib/route";
import { useSession } from "../lib/session";

const REFUSALS = ["staff_limit_exceeded", "booking_limit_exceeded", "limit_exceeded", "subscription_required"];

/**
 * A refusal by a limit is shown as a refusal; anything else as an error. `account` is the account that it is about.
 * `children` replace a detail that is meant for programs.
 */
export function ProblemNotice({ error, account, children }: { error: ApiError; account?: string; children?: ComponentChildren }) {
  const { problem } = error;
  const isRefusal = REFUSALS.includes(problem.code);
  const isOverridden = useIsOverridden(problem);
  const title = isOverridden ? "The account’s own limit permits no more" : problem.title;
  return (
    <div class={isRefusal ? "notice refusal" : "notice error"} role="alert">
      <p class="notice-title">{isRefusal ? `Refused: ${title}` : title}</p>
      <p>{children ?? problem.detail}</p>
      {problem.status !== 0 && problem.errors && problem.errors.length > 0 && (
        <ul>
          {problem.errors.map((it) => (
            <li key={it.pointer}>
              <code>{it.pointer}</code> {it.detail}
            </li>
          ))}
        </ul>
      )}
      {isRefusal && <Figures problem={problem} />}
      {isRefusal && account !== undefined && <Help problem={problem} account={account} isOverridden={isOverridden} />}
      <p class="notice-code">
        <Code problem={problem} />
        {problem.request_id && (
          <>
            {" · "}
            <Request id={problem.request_id} />
          </>
        )}
      </p>
    </div>
  );
}

function Request({ id }: { id: string }) {
  return (
    <>
      request <code>{id}</code>
    </>
  );
}

/** The request id alone: for a form that shows each fault at its field. */
export function RequestId({ error: { problem } }: { error: ApiError }) {
  return problem.request_id === "" ? null : (
    <p class="notice-code">
      <Request id={problem.request_id} />
    </p>
  );
}

/** Whether the limit that refuses is an override, and not the plan's. */
function useIsOverridden({ code, metric }: Problem): boolean {
  const data = useContext(AccountContext);
  const entitlement = data?.entitlements.entitlements.find((it) => it.metric === metric);
  return REFUSALS.includes(code) && Boolean(entitlement?.override);
}

/** The code, with a link to its description. One that is not the API's has none. */
function Code({ problem: { code, status } }: { problem: Problem }) {
  if (DOCS === null || status === 0 || code.startsWith("status_")) {
    return <code>{code}</code>;
  }
  return (
    <a href={`${DOCS}errors#${code}`} target="_blank" rel="noopener" title="What it means, on a new page">
      <code>{code}</code>
    </a>
  );
}

function Figures({ problem }: { problem: Problem }) {
  const zone = useContext(AccountContext)?.account.time_zone ?? ZONE;
  if (problem.metric === undefined || problem.used === undefined) {
    return null;
  }
  const next = problem.next_allowed_at ? dateTimeIn(problem.next_allowed_at, zone) : problem.next_allowed_day && day(problem.next_allowed_day);
  return (
    <dl class="facts">
      <div>
        <dt>{label(problem.metric)}</dt>
        <dd>
          {number(problem.used)} of {limit(problem.limit ?? null)} used
          {problem.requested !== undefined && `, ${number(problem.requested)} requested`}
        </dd>
      </div>
      {next && (
        <div>
          <dt>Next room</dt>
          <dd>{next}</dd>
        </div>
      )}
    </dl>
  );
}

/** What would help: an upgrade, if there is one, or a change of the override. */
function Help({ problem, account, isOverridden }: { problem: Problem; account: string; isOverridden: boolean }) {
  const { user } = useSession();
  if (problem.code === "subscription_required") {
    return (
      <p>
        <a class="button primary" href={to("accounts", account, "plan")}>
          Choose a plan
        </a>
      </p>
    );
  }
  if (isOverridden) {
    return (
      <p>
        An override decides, on every plan: {!user.is_operator && "an operator can "}
        <a href={to("accounts", account, "limits")}>change it</a>.
      </p>
    );
  }
  const plans = problem.plans_that_allow ?? [];
  if (plans.length === 0) {
    return (
      <p>
        No plan on offer permits it. An operator can <a href={to("accounts", account, "limits")}>override or grant more</a>.
      </p>
    );
  }
  return (
    <p class="buttons">
      {plans.map((plan, at) => (
        <a key={plan} class={at === 0 ? "button primary" : "button"} href={to("accounts", account, "plan", plan)}>
          Upgrade to {plan}
        </a>
      ))}
    </p>
  );
}
