// One account: its figures at the top of every tab, and a tab for each kind of thing in it.

import { useMemo, useState } from "preact/hooks";
import { api, ApiError, call, callForChange, callVersioned, ifMatch, ifNoneMatch, type Schemas } from "../lib/api";
import { ZONE } from "../lib/format";
import { FIGURES, LISTS, useLive } from "../lib/live";
import { to } from "../lib/route";
import { useSession } from "../lib/session";
import { zones } from "../lib/zones";
import { Editor, type EditorField } from "../ui/editor";
import { EraseDialog, Erased, type Erasure } from "../ui/erase";
import { Area, Field } from "../ui/form";
import { ActionButton, Badge, ConfirmButton, Copy, Empty, Id, Loading, Page, Time } from "../ui/parts";
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
  const [erasure, setErasure] = useState<Erasure>();
  // After an erasure the account is 404 for ever.
  const account = useLive(erasure ? null : `account ${id}`, FIGURES, (signal, etag) =>
    callVersioned(api.GET("/accounts/{account_id}", { params: { path, header: ifNoneMatch(etag) }, signal })),
  );
  const entitlements = useLive(erasure ? null : `entitlements ${id}`, FIGURES, (signal, etag) =>
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
  if (erasure) {
    return <ErasedAccount erasure={erasure} />;
  }
  if (account.error?.problem.status === 404) {
    return <Missing id={id} onErased={setErasure} />;
  }
  const error = account.error ?? entitlements.error ?? catalogue.error;
  return (
    <>
      <Crumbs />
      {data === null ? (
        <Page title="Account">{error ? <ProblemNotice error={error} /> : <p class="loading">Loading…</p>}</Page>
      ) : (
        <AccountContext.Provider value={data}>
          <Page title={data.account.name} aside={<Actions account={data.account} onErased={setErasure} />}>
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

/** A removed account is 404; its owners and operators can restore it, and operators erase it. */
function Missing({ id, onErased }: { id: string; onErased: (erasure: Erasure) => void }) {
  const removed = useLive(`removed ${id}`, LISTS, async (signal) => {
    const { data } = await call(api.GET("/accounts", { params: { query: { include_deleted: true, search: id } }, signal }));
    return { value: data.find((it) => it.id === id && it.deleted_at !== null) ?? null, etag: null };
  });
  const restore = () => call(api.POST("/accounts/{account_id}/restore", { params: { path: { account_id: id } } }));
  return (
    <>
      <Crumbs />
      <Loading live={removed}>
        {(account) =>
          account ? (
            <Page title={account.name}>
              <p class="lead">
                <Badge>Removed</Badge> <Id id={account.id} /> <Copy text={account.id} what="the account’s id" />
              </p>
              <Empty title="This account was removed">
                <p>
                  {account.deleted_at && (
                    <>
                      That was on <Time at={account.deleted_at} /> ({ZONE}).{" "}
                    </>
                  )}
                  Its data is kept, and Restore brings it back.
                </p>
                <div class="buttons centered">
                  <ActionButton label="Restore" name="Restore the account" act={restore} done={`Restored ${account.name}.`} account={account.id} />
                  <Erase account={account} onErased={onErased} />
                </div>
              </Empty>
            </Page>
          ) : (
            <Page title="Account not found">
              <p class="lead">There is no account with the id {id}, or it is one of others, or it was erased.</p>
              <p class="buttons">
                <a class="button" href={to("accounts")}>
                  All accounts
                </a>
              </p>
            </Page>
          )
        }
      </Loading>
    </>
  );
}

function ErasedAccount({ erasure }: { erasure: Erasure }) {
  return (
    <>
      <Crumbs />
      <Page title="Account erased">
        <Erased erasure={erasure}>It is gone for everyone, and its external id is free.</Erased>
        <p class="after-facts">
          <a class="button" href={to("accounts")}>
            All accounts
          </a>
        </p>
      </Page>
    </>
  );
}

function Crumbs() {
  return (
    <nav class="crumbs" aria-label="Path">
      <a href={to("accounts")}>Accounts</a>
    </nav>
  );
}

function Actions({ account, onErased }: { account: Schemas["Account"]; onErased: (erasure: Erasure) => void }) {
  const [isOpen, setOpen] = useState(false);
  const path = { account_id: account.id };
  return (
    <div class="buttons">
      <button type="button" class="quiet small" aria-label="Edit the account" onClick={() => setOpen(true)}>
        Edit
      </button>
      <ConfirmButton
        label="Remove"
        name="Remove the account"
        question={`Remove ${account.name}?`}
        detail="Its data stays, and it can be restored."
        act={() => call(api.DELETE("/accounts/{account_id}", { params: { path } }))}
        done={`Removed ${account.name}.`}
      />
      <Erase account={account} onErased={onErased} />
      {isOpen && (
        <Editor
          title="Edit the account"
          account={account.id}
          fields={FIELDS}
          load={() => callForChange(api.GET("/accounts/{account_id}", { params: { path } }))}
          save={async ({ name, time_zone, metadata }, etag, base) => {
            const body: Schemas["AccountChange"] = {
              ...(name !== undefined && { name }),
              ...(time_zone !== undefined && { time_zone }),
              ...(metadata !== undefined && { metadata: pairsOf(metadata, base.metadata ?? {}) }),
            };
            return call(api.PATCH("/accounts/{account_id}", { params: { path, header: ifMatch(etag) }, body }));
          }}
          done="Changed the account."
          onClose={() => setOpen(false)}
        />
      )}
    </div>
  );
}

const FIELDS: EditorField<Schemas["Account"]>[] = [
  { name: "name", label: "Name", of: (account) => account.name, input: (text) => <Field name="name" label="Name" required value={text} /> },
  {
    name: "time_zone",
    label: "Time zone",
    of: (account) => account.time_zone,
    input: (text) => <Field name="time_zone" label="Time zone" required value={text} suggestions={zones()} hint="A new one applies to future bookings and windows." />,
  },
  {
    name: "metadata",
    label: "Metadata",
    of: (account) => Object.entries(account.metadata ?? {}).map(lineOf).join("\n"),
    keepsSpaces: true,
    input: (text) => <Area name="metadata" label="Metadata" value={text} hint="A pair in each line: crm=42" />,
  },
];

const lineOf = ([key, value]: [string, string]) => `${key}=${value}`;

/**
 * The pairs of lines such as `crm=42`; null without any. A line of the pairs that were there stands for its pair: keys
 * may have a `=`, and values spaces around them, which the line alone does not tell.
 */
function pairsOf(text: string, before: Record<string, string>): Record<string, string> | null {
  const kept = Object.entries(before);
  const pairs = new Map<string, string>();
  for (const line of text.split("\n").filter((line) => line.trim() !== "")) {
    const at = kept.findIndex((pair) => lineOf(pair) === line);
    const [key, value] = kept.splice(at, at < 0 ? 0 : 1)[0] ?? pairOf(line);
    if (pairs.has(key)) {
      throw notMetadata(`The key “${key}” is there twice.`);
    }
    pairs.set(key, value);
  }
  return pairs.size === 0 ? null : Object.fromEntries(pairs);
}

function pairOf(line: string): [string, string] {
  const at = line.indexOf("=");
  if (at < 0) {
    throw notMetadata(`“${line.trim()}” is not a pair: it has no “=”.`);
  }
  return [line.slice(0, at).trim(), line.slice(at + 1).trim()];
}

function notMetadata(detail: string): ApiError {
  const errors = [{ pointer: "/metadata", code: "not_metadata", detail }];
  return new ApiError({ status: 0, code: "not_metadata", title: "Nothing was changed", detail, request_id: "", errors });
}

/** For operators only: others are refused. */
function Erase({ account, onErased }: { account: Schemas["Account"]; onErased: (erasure: Erasure) => void }) {
  const { user } = useSession();
  const [isOpen, setOpen] = useState(false);
  if (!user.is_operator) {
    return null;
  }
  const path = { account_id: account.id };
  const erase = (isDryRun: boolean) =>
    call(api.POST("/accounts/{account_id}/erase", { params: { path, query: isDryRun ? { dry_run: true } : {} } }));
  return (
    <>
      <button type="button" class="quiet small danger" aria-label="Erase the account" onClick={() => setOpen(true)}>
        Erase
      </button>
      {isOpen && (
        <EraseDialog
          what="the account, with its name, external id, metadata and subscription, the history of the subscription, and its overrides and grants"
          name={account.name}
          stays="its id and the ids of its staff members, its counters, and the ids, actions and times of its audit log."
          erase={erase}
          onErased={onErased}
          onClose={() => setOpen(false)}
        />
      )}
    </>
  );
}
