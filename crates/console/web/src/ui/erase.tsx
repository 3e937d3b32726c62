// The erasure of an account or of a user: what it erases, what stays, and a confirmation by the name.

import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { ApiError, type Schemas } from "../lib/api";
import { inZone, plural } from "../lib/format";
import { useAction } from "../lib/live";
import { Field, type Fields, Form } from "./form";
import { Copy, Dialog, Id, Time } from "./parts";
import { ProblemNotice } from "./problem";

export type Erasure = Schemas["Erasure"];

const COUNTED: [keyof Schemas["ErasureCounts"], string, string][] = [
  ["members", "membership", "memberships"],
  ["staff_members", "staff member", "staff members"],
  ["bookings", "booking", "bookings"],
  ["usage_records", "usage record", "usage records"],
  ["allocations", "allocation", "allocations"],
  ["holds", "hold", "holds"],
  ["audit_entries", "audit entry", "audit entries"],
  ["sessions", "session", "sessions"],
  ["api_keys", "API key", "API keys"],
];

export function EraseDialog(props: {
  /** What is erased, such as "the user, with their name". */
  what: string;
  /** Its name, which the user types. */
  name: string;
  /** What stays. */
  stays: string;
  /** Erases it, or counts what would be erased. */
  erase: (isDryRun: boolean) => Promise<Erasure>;
  onErased: (erasure: Erasure) => void;
  onClose: () => void;
}) {
  const { name, onClose } = props;
  const [counts, setCounts] = useState<Schemas["ErasureCounts"]>();
  const count = useAction(async () => setCounts((await props.erase(true)).counts ?? undefined));
  useEffect(() => void count.run(), []);
  const act = async (fields: Fields) => {
    if (collapsed(fields.text("name")) !== collapsed(name)) {
      throw notConfirmed(name);
    }
    props.onErased(await props.erase(false));
  };
  return (
    <Dialog title={`Erase ${name} permanently?`} onClose={onClose}>
      {counts ? (
        <>
          <p>This is permanent. It removes, with their personal data:</p>
          <ul class="plain-list" aria-label="What is erased">
            <li>{props.what}</li>
            {COUNTED.filter(([key]) => counts[key] > 0).map(([key, one, many]) => (
              <li key={key}>{key === "audit_entries" ? `the addresses and request ids of ${plural(counts[key], one, many)}` : plural(counts[key], one, many)}</li>
            ))}
          </ul>
          <p>What stays: {props.stays} Backups and logs are not changed: they are yours to delete.</p>
          <Form label={`Erase ${name}`} submit="Erase permanently" act={act} keeps isDangerous hasFocus onCancel={onClose}>
            <Field name="name" label={`Type ${name} to confirm`} required />
          </Form>
        </>
      ) : (
        <>
          {count.error ? <ProblemNotice error={count.error} /> : <p class="loading">Counting what would be erased…</p>}
          <div class="buttons">
            <button type="button" class="quiet" onClick={onClose}>
              Close
            </button>
          </div>
        </>
      )}
    </Dialog>
  );
}

/** A page shows several spaces as one: how many to type cannot be seen. */
const collapsed = (text: string) => text.trim().replace(/\s+/g, " ");

/** The form shows its sentence at the field, and nothing else of it. */
function notConfirmed(name: string): ApiError {
  const detail = `Nothing was erased: this is not “${name}”. Type the name as it is shown, in the same letter case.`;
  const errors = [{ pointer: "/name", code: "not_confirmed", detail }];
  return new ApiError({ status: 0, code: "not_confirmed", title: "Nothing was erased", detail, request_id: "", errors });
}

/** What the API says of an erasure. */
export function Erased({ erasure, children }: { erasure: Erasure; children?: ComponentChildren }) {
  return (
    <>
      <dl class="facts">
        <div>
          <dt>Id</dt>
          <dd class="lead">
            <Id id={erasure.id} /> <Copy text={erasure.id} what="the id" />
          </dd>
        </div>
        {erasure.erased_at && (
          <div>
            <dt>{inZone("Erased")}</dt>
            <dd>
              <Time at={erasure.erased_at} />
            </dd>
          </div>
        )}
      </dl>
      <p class="after-facts">{children} The server erases the rows in the background, and goes on after a restart: there is nothing to wait for.</p>
    </>
  );
}
