// One timeline of the changes of plan and of the audit log, the newest first.

import { useState } from "preact/hooks";
import { api, call, type Schemas } from "../lib/api";
import { LISTS, useLive } from "../lib/live";
import { dateTime, label, ZONE } from "../lib/format";
import { Badge, Empty, Id, Loading, Section, Time } from "../ui/parts";
import { useAccount } from "./context";

interface Entry {
  id: string;
  at: string;
  title: string;
  detail: string | null;
  by: string;
  byKey: string | null;
  address: string | null;
  request: string | null;
  isPlan: boolean;
}

/** How many entries each source gives at a time. */
const PAGE = 50;

export function Timeline() {
  const { account } = useAccount();
  const [pages, setPages] = useState(1);
  const path = { account_id: account.id };
  const entries = useLive(`timeline ${account.id} ${pages}`, LISTS, async (signal) => {
    const [changes, audit, names] = await Promise.all([
      take(pages, async (cursor) => {
        const query = { limit: PAGE, ...(cursor && { cursor }) };
        const page = await call(api.GET("/accounts/{account_id}/subscription/history", { params: { path, query }, signal }));
        return { ...page, data: page.data.map(ofChange) };
      }),
      // The audit log is for owners: to others, the changes of plan alone are shown.
      take(pages, async (cursor) => {
        const query = { limit: PAGE, ...(cursor && { cursor }) };
        const answer = await api.GET("/accounts/{account_id}/audit", { params: { path, query }, signal });
        if (answer.response.status === 403) {
          return { data: [], next_cursor: null, isForbidden: true };
        }
        const page = await call(Promise.resolve(answer));
        return { ...page, data: page.data.map(ofAudit) };
      }),
      api.GET("/accounts/{account_id}/members", { params: { path, query: { limit: 100 } }, signal }),
    ]);
    const users = new Map((names.data?.data ?? []).map((member) => [member.id, member.username]));
    return { value: { ...merge([changes, audit]), users, isPartial: audit.isForbidden }, etag: null };
  });
  return (
    <Section title="Timeline">
      <Loading live={entries}>
        {({ found, hasMore, users, isPartial }) => (
          <>
            <p class="muted">
              What was changed and removed, and by whom. What is added is in its own list: staff members, bookings, usage, allocations, holds. Times
              are in {ZONE}.
            </p>
            {isPartial && <p class="muted">Only an owner reads the audit log: these are the changes of plan.</p>}
            {found.length === 0 ? (
              <Empty title="Nothing has happened yet">
                <p>Changes of plan, members, overrides and grants appear here, with who made them.</p>
              </Empty>
            ) : (
              <ol class="timeline">
                {found.map((entry) => (
                  <EntryItem key={entry.id} entry={entry} by={users.get(entry.by)} />
                ))}
              </ol>
            )}
            {hasMore && (
              <button type="button" class="quiet" onClick={() => setPages(pages + 1)}>
                Show earlier
              </button>
            )}
          </>
        )}
      </Loading>
    </Section>
  );
}

interface Source {
  data: Entry[];
  next_cursor: string | null;
  isForbidden?: boolean;
}

/** The first pages of a source. */
async function take(pages: number, load: (cursor: string | undefined) => Promise<Source>) {
  const data: Entry[] = [];
  let cursor: string | null | undefined;
  let isForbidden = false;
  for (let page = 0; page < pages && cursor !== null; page += 1) {
    const loaded = await load(cursor);
    data.push(...loaded.data);
    cursor = loaded.next_cursor;
    isForbidden ||= loaded.isForbidden ?? false;
  }
  return { data, hasMore: typeof cursor === "string", isForbidden };
}

/** Both sources by time. What is older than the end of a source that has more may have others before it: it waits. */
export function merge(sources: { data: Entry[]; hasMore: boolean }[]) {
  const ends = sources.filter((it) => it.hasMore).map((it) => it.data.at(-1)?.at ?? "");
  const horizon = ends.reduce((latest, at) => (Date.parse(at) > Date.parse(latest || "1970") ? at : latest), "");
  const all = sources.flatMap((it) => it.data).sort((a, b) => Date.parse(b.at) - Date.parse(a.at));
  const found = horizon === "" ? all : all.filter((it) => Date.parse(it.at) >= Date.parse(horizon));
  return { found, hasMore: ends.length > 0 };
}

function ofChange(it: Schemas["SubscriptionChange"]): Entry {
  const title = it.from === null ? `Subscribed to ${it.to}` : it.to === null ? `The subscription to ${it.from} ended` : `The plan changed from ${it.from} to ${it.to}`;
  return { id: it.id, at: it.effective_at, title, detail: it.reason, by: it.requested_by, byKey: null, address: null, request: null, isPlan: true };
}

function ofAudit(it: Schemas["AuditEntry"]): Entry {
  return {
    id: it.id,
    at: it.created_at,
    title: it.action,
    detail: it.resource,
    by: it.user_id,
    byKey: it.api_key_id,
    address: it.address,
    request: it.request_id,
    isPlan: false,
  };
}

/** `override.put` is "Override set". */
const words = (action: string) => label(action.replace(".put", ".set").replace(".", "_"));

function EntryItem({ entry, by }: { entry: Entry; by: string | undefined }) {
  return (
    <li class={entry.isPlan ? "entry entry-plan" : "entry"}>
      <p class="entry-title">
        {entry.isPlan ? (
          <>
            {entry.title} <Badge kind="good">Plan</Badge>
          </>
        ) : (
          <>
            {words(entry.title)} <code class="muted">{entry.title}</code>
          </>
        )}
      </p>
      <p class="entry-detail">
        <span title={dateTime(entry.at)}>
          <Time at={entry.at} />
        </span>
        {" · "}
        {by ?? <Id id={entry.by} />}
        {entry.byKey && (
          <>
            {" by key "}
            <Id id={entry.byKey} />
          </>
        )}
        {entry.detail && (
          <>
            {" · "}
            {entry.isPlan ? entry.detail : <Id id={entry.detail} />}
          </>
        )}
        {entry.address && ` · ${entry.address}`}
        {entry.request && (
          <>
            {" · request "}
            <Id id={entry.request} />
          </>
        )}
      </p>
    </li>
  );
}
