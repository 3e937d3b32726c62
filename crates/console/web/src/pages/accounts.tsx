// The accounts: who is near or over a limit, then all, by search.

import { useEffect, useState } from "preact/hooks";
import { api, call, callVersioned, type Schemas } from "../lib/api";
import { ZONE } from "../lib/format";
import { FIGURES, LISTS, useList, useLive } from "../lib/live";
import { go, to } from "../lib/route";
import { useSession } from "../lib/session";
import { Choice, Field, type Fields, Form } from "../ui/form";
import { Badge, Dialog, Empty, Id, Loading, Page, PlanBadge, Section, ShowMore, Table } from "../ui/parts";
import { Meter } from "../ui/usage";
import { zones } from "../lib/zones";
import { NearLimits } from "./near";

/** How long to wait after a key press before a search is sent. */
const SEARCH_MS = 250;

export function AccountsPage() {
  const { user } = useSession();
  const [isOpening, setOpening] = useState(false);
  const open = (
    <button type="button" class="primary" onClick={() => setOpening(true)}>
      Create an account
    </button>
  );
  return (
    <Page title="Accounts" aside={open}>
      {isOpening && <NewAccount onClose={() => setOpening(false)} />}
      {user.is_operator && <NearLimits />}
      <AllAccounts onFirst={() => setOpening(true)} />
    </Page>
  );
}

function AllAccounts({ onFirst }: { onFirst: () => void }) {
  const [typed, setTyped] = useState("");
  const [search, setSearch] = useState("");
  const [withRemoved, setWithRemoved] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setSearch(typed.trim()), SEARCH_MS);
    return () => clearTimeout(timer);
  }, [typed]);
  const accounts = useList(`accounts ${withRemoved} ${search}`, (cursor, signal) => {
    const query = { ...(search && { search }), ...(cursor && { cursor }), ...(withRemoved && { include_deleted: true }) };
    return call(api.GET("/accounts", { params: { query }, signal }));
  });
  return (
    <Section title="All accounts">
      <div class="filters" role="search">
        <input
          type="search"
          aria-label="Search accounts"
          placeholder="Name, id or external id"
          value={typed}
          onInput={(event) => setTyped(event.currentTarget.value)}
        />
        <label class="check">
          <input type="checkbox" checked={withRemoved} onChange={(event) => setWithRemoved(event.currentTarget.checked)} />
          Show removed
        </label>
      </div>
      <Loading live={accounts}>
        {(found) =>
          found.length > 0 ? (
            <Table label="Accounts" head={["Account", "Plan", "Usage"]}>
              {found.map((account) => (
                <AccountRow key={account.id} account={account} />
              ))}
            </Table>
          ) : search ? (
            <Empty title={`No account matches “${search}”`}>
              <p>A search finds accounts whose name begins with the text, or the account with exactly this id or external id.</p>
            </Empty>
          ) : (
            <Empty title="There are no accounts yet">
              <p>An account is a customer of yours: it is on a plan, and its usage counts against the plan’s limits.</p>
              <button type="button" class="primary" onClick={onFirst}>
                Create the first account
              </button>
            </Empty>
          )
        }
      </Loading>
      <ShowMore list={accounts} />
    </Section>
  );
}

function AccountRow({ account }: { account: Schemas["Account"] }) {
  const isRemoved = account.deleted_at !== null;
  return (
    <tr>
      <th scope="row">
        <a href={to("accounts", account.id)}>{account.name}</a>
        <span class="below">{account.external_id ? <code>{account.external_id}</code> : <Id id={account.id} />}</span>
      </th>
      <td>{isRemoved ? <Badge>Removed</Badge> : <PlanBadge plan={account.subscription?.plan ?? null} />}</td>
      <td>{account.subscription && !isRemoved ? <Usage account={account.id} /> : <span class="muted">–</span>}</td>
    </tr>
  );
}

function Usage({ account }: { account: string }) {
  const usage = useLive(`usage ${account}`, FIGURES * 3, (signal, etag) => {
    const header = etag === null ? {} : { "If-None-Match": etag };
    return callVersioned(
      api.GET("/accounts/{account_id}/entitlements", { params: { path: { account_id: account }, header }, signal }),
    );
  });
  if (usage.value === undefined) {
    return <span class="muted">{usage.error ? usage.error.problem.title : "…"}</span>;
  }
  return (
    <div class="meters">
      {fullest(usage.value.entitlements).map((it) => (
        <Meter key={it.metric} entitlement={it} />
      ))}
    </div>
  );
}

/** How many metrics of an account the list shows. */
const METERS = 4;

/** The metrics of which most is used, in the catalogue's order. What the plan permits nothing of comes last. */
function fullest(entitlements: Schemas["Entitlement"][]): Schemas["Entitlement"][] {
  const ratio = ({ limit, used }: Schemas["Entitlement"]) => (limit === null ? 0 : limit === 0 ? (used > 0 ? 2 : -1) : used / limit);
  const shown = new Set([...entitlements].sort((a, b) => ratio(b) - ratio(a)).slice(0, METERS));
  return entitlements.filter((it) => shown.has(it));
}

function NewAccount({ onClose }: { onClose: () => void }) {
  const plans = useLive("plans", LISTS, async (signal) => ({ value: await call(api.GET("/plans", { signal })), etag: null }));
  const act = async (fields: Fields) => {
    const body: Schemas["NewAccount"] = {
      name: fields.text("name"),
      time_zone: fields.optional("time_zone"),
      external_id: fields.optional("external_id"),
      plan: fields.optional("plan"),
    };
    const account = await call(api.POST("/accounts", { body }));
    onClose();
    go("accounts", account.id);
    return `Created ${account.name}.`;
  };
  const options = (plans.value?.data ?? []).map((plan) => ({ value: plan.key, label: plan.name }));
  return (
    <Dialog title="Create an account" onClose={onClose}>
      <Form label="Create an account" submit="Create" act={act} onCancel={onClose}>
        <Field name="name" label="Name" required />
        <Field name="time_zone" label="Time zone" required value={ZONE} suggestions={zones()} hint="The account’s days begin at midnight in this zone." />
        <Choice name="plan" label="Plan" options={[{ value: "", label: "None yet" }, ...options]} />
        <Field name="external_id" label="External id" hint="Your own id of this customer." />
      </Form>
    </Dialog>
  );
}
