// One account: its figures at the top of every tab, and a tab for each kind of thing in it.

import { useMemo, useState } from "preact/hooks";
import { api, call, callVersioned, type Schemas } from "../lib/api";
import { FIGURES, LISTS, useLive } from "../lib/live";
import { to } from "../lib/route";
import { zones } from "../lib/zones";
import { Choice, Field, type Fields, Form } from "../ui/form";
import { ActionButton, Badge, ConfirmButton, Copy, Dialog, Empty, Id, Page } from "../ui/parts";
import { ProblemNotice } from "../ui/problem";
import { Allocations } from "./allocations";
import { Bookings } from "./bookings";
import { AccountContext, metricsOf } from "./context";
import { Holds } from "./holds";
import { Limits } from "./limits";
import { Members } from "./members";
import { Overview } from "./overview";
import { PlanTab } from "./plan";
import { Staff } from "./staff";
import { Timeline } from "./timeline";
import { UsageTab } from "./usage";

const TABS: [string, string][] = [
  ["", "Overview"],
  ["plan", "Plan"],
  ["staff", "Staff"],
  ["bookings", "Bookings"],
  ["usage", "Usage"],
  ["allocations", "Allocations"],
  ["holds", "Holds"],
  ["limits", "Overrides and grants"],
  ["members", "Members"],
  ["timeline", "Timeline"],
];

export function AccountPage({ id, tab, choice }: { id: string; tab: string; choice: string | undefined }) {
  const path = { account_id: id };
  const account = useLive(`account ${id}`, FIGURES, (signal, etag) =>
    callVersioned(api.GET("/accounts/{account_id}", { params: { path, header: ifNoneMatch(etag) }, signal })),
  );
  const entitlements = useLive(`entitlements ${id}`, FIGURES, (signal, etag) =>
    callVersioned(api.GET("/accounts/{account_id}/entitlements", { params: { path, header: ifNoneMatch(etag) }, signal })),
  );
  const catalogue = useLive("plans", LISTS, async (signal) => ({ value: await call(api.GET("/plans", { signal })), etag: null }));
  const data = useMemo(() => {
    if (!account.value || !entitlements.value || !catalogue.value) {
      return null;
    }
    return {
      account: account.value,
      entitlements: entitlements.value,
      plans: catalogue.value.data,
      metrics: metricsOf(catalogue.value),
      features: catalogue.value.features ?? [],
    };
  }, [account.value, entitlements.value, catalogue.value]);
  if (account.error?.problem.status === 404) {
    return <Missing id={id} />;
  }
  const error = account.error ?? entitlements.error ?? catalogue.error;
  return (
    <>
      <nav class="crumbs" aria-label="Path">
        <a href={to("accounts")}>Accounts</a>
      </nav>
      {data === null ? (
        <Page title="Account">{error ? <ProblemNotice error={error} /> : <p class="loading">Loading…</p>}</Page>
      ) : (
        <AccountContext.Provider value={data}>
          <Page title={data.account.name} aside={<Actions account={data.account} />}>
            <p class="lead">
              {data.account.subscription ? <Badge kind="good">{data.account.subscription.plan}</Badge> : <Badge kind="near">No plan</Badge>}{" "}
              <Id id={data.account.id} /> <Copy text={data.account.id} what="the account’s id" />
            </p>
            {error && <ProblemNotice error={error} />}
            <nav class="tabs" aria-label="Account">
              {TABS.map(([name, label]) => (
                <a key={name} href={to("accounts", id, ...(name ? [name] : []))} aria-current={name === tab ? "page" : undefined}>
                  {label}
                </a>
              ))}
            </nav>
            <Tab tab={tab} choice={choice} />
          </Page>
        </AccountContext.Provider>
      )}
    </>
  );
}

function ifNoneMatch(etag: string | null) {
  return etag === null ? {} : { "If-None-Match": etag };
}

function Tab({ tab, choice }: { tab: string; choice: string | undefined }) {
  switch (tab) {
    case "":
      return <Overview />;
    case "plan":
      return <PlanTab choice={choice} />;
    case "staff":
      return <Staff />;
    case "bookings":
      return <Bookings />;
    case "usage":
      return <UsageTab />;
    case "allocations":
      return <Allocations />;
    case "holds":
      return <Holds />;
    case "limits":
      return <Limits />;
    case "members":
      return <Members />;
    case "timeline":
      return <Timeline />;
    default:
      return <Empty title="This account has no such tab" />;
  }
}

/** A removed account is 404; its owners and operators can restore it. */
function Missing({ id }: { id: string }) {
  const restore = () => call(api.POST("/accounts/{account_id}/restore", { params: { path: { account_id: id } } }));
  return (
    <Page title="Account not found">
      <p>There is no account with the id {id}, or it is one of others, or it was removed.</p>
      <p class="buttons">
        <a class="button" href={to("accounts")}>
          All accounts
        </a>
        <ActionButton label="Restore a removed account" act={restore} done="Restored the account." />
      </p>
    </Page>
  );
}

function Actions({ account }: { account: Schemas["Account"] }) {
  const [isOpen, setOpen] = useState(false);
  const remove = () => call(api.DELETE("/accounts/{account_id}", { params: { path: { account_id: account.id } } }));
  return (
    <div class="buttons">
      <button type="button" class="quiet small" onClick={() => setOpen(true)}>
        Edit
      </button>
      <ConfirmButton
        label="Remove"
        name="Remove the account"
        question={`Remove ${account.name}?`}
        detail="Its data stays, and it can be restored."
        act={remove}
        done={`Removed ${account.name}.`}
      />
      {isOpen && <Edit account={account} onClose={() => setOpen(false)} />}
    </div>
  );
}

function Edit({ account, onClose }: { account: Schemas["Account"]; onClose: () => void }) {
  const act = async (fields: Fields) => {
    const body = { name: fields.text("name"), time_zone: fields.text("time_zone") };
    await call(api.PATCH("/accounts/{account_id}", { params: { path: { account_id: account.id } }, body }));
    onClose();
    return "Changed the account.";
  };
  return (
    <Dialog title="Edit the account" onClose={onClose}>
      <Form label="Edit the account" submit="Save" act={act} onCancel={onClose}>
        <Field name="name" label="Name" required value={account.name} />
        <Choice
          name="time_zone"
          label="Time zone"
          value={account.time_zone}
          options={zones(account.time_zone)}
          hint="A new one applies to future bookings and windows."
        />
      </Form>
    </Dialog>
  );
}
