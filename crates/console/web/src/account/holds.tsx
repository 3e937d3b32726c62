// Holds: what is kept free for a while, and what becomes of it.

import { useState } from "preact/hooks";
import { api, call, type Schemas } from "../lib/api";
import { label, number } from "../lib/format";
import { useList } from "../lib/live";
import { Choice, Field, type Fields, Form } from "../ui/form";
import { ActionButton, Badge, Dialog, Empty, Id, Loading, Section, ShowMore, Table, Time } from "../ui/parts";
import { metersOf, useAccount } from "./context";
import { Strip } from "./strip";

type Hold = Schemas["Hold"];

const DURATIONS = [
  { value: "900", label: "15 minutes" },
  { value: "3600", label: "1 hour" },
  { value: "86400", label: "1 day" },
  { value: "604800", label: "7 days" },
  { value: "2592000", label: "30 days" },
];

export function Holds() {
  const { account, metrics } = useAccount();
  const meters = metersOf(metrics);
  const path = { account_id: account.id };
  const holds = useList(`holds ${account.id}`, (cursor, signal) =>
    call(api.GET("/accounts/{account_id}/holds", { params: { path, query: { ...(cursor && { cursor }) } }, signal })),
  );
  const create = async (fields: Fields) => {
    const body: Schemas["NewHold"] = {
      meter: fields.text("meter"),
      quantity: fields.number("quantity"),
      expires_in_seconds: Number(fields.text("expires_in_seconds")),
      reference: fields.optional("reference"),
    };
    const hold = await call(api.POST("/accounts/{account_id}/holds", { params: { path }, body }));
    return `Holds ${number(hold.quantity)} of ${hold.meter}.`;
  };
  return (
    <>
      <Strip meters={meters} />
      <Section title="Hold">
        <Form label="Hold" submit="Hold" act={create} account={account.id} isInline>
          <Choice name="meter" label="Meter" options={meters.map((key) => ({ value: key, label: label(key) }))} />
          <Field name="quantity" label="Quantity" type="number" min={1} required value={1} />
          <Choice name="expires_in_seconds" label="For" options={DURATIONS} value="604800" />
          <Field name="reference" label="Reference" hint="Such as invite:42." />
        </Form>
      </Section>
      <Section title="Holds">
        <Loading live={holds}>
          {(found) =>
            found.length === 0 ? (
              <Empty title="Nothing is held">
                <p>A hold keeps a seat or a quantity free: while an invitation is open, or an answer is generated. Make one above.</p>
              </Empty>
            ) : (
              <Table label="Holds" head={["Meter", "Quantity", "State", "Expires", "Actions"]}>
                {found.map((hold) => (
                  <HoldRow key={hold.id} hold={hold} />
                ))}
              </Table>
            )
          }
        </Loading>
        <ShowMore list={holds} />
      </Section>
    </>
  );
}

function HoldRow({ hold }: { hold: Hold }) {
  const { account } = useAccount();
  const [isOpen, setOpen] = useState(false);
  const path = { account_id: account.id, hold_id: hold.id };
  const name = hold.reference ?? hold.id;
  return (
    <tr>
      <th scope="row">
        {label(hold.meter)}
        {hold.reference && <span class="below">{hold.reference}</span>}
        <span class="below">
          <Id id={hold.id} />
        </span>
      </th>
      <td class="number">{number(hold.quantity)}</td>
      <td>
        <Badge kind={hold.state === "held" ? "near" : hold.state === "confirmed" ? "good" : "plain"}>{hold.state}</Badge>
      </td>
      <td>
        <Time at={hold.expires_at} isRelative />
      </td>
      <td>
        {hold.state === "held" && (
          <span class="buttons">
            <button type="button" class="small" aria-label={`Confirm ${name}`} onClick={() => setOpen(true)}>
              Confirm
            </button>
            <ActionButton
              label="Extend a day"
              name={`Extend a day: ${name}`}
              act={() => call(api.POST("/accounts/{account_id}/holds/{hold_id}/extend", { params: { path }, body: { expires_in_seconds: secondsTo(hold) + 86_400 } }))}
              done={`Extended ${name}.`}
            />
            <ActionButton
              label="Release"
              name={`Release ${name}`}
              act={() => call(api.POST("/accounts/{account_id}/holds/{hold_id}/release", { params: { path } }))}
              done={`Released ${name}.`}
            />
          </span>
        )}
        {isOpen && <Confirm hold={hold} onClose={() => setOpen(false)} />}
      </td>
    </tr>
  );
}

/** How long the hold lasts, in seconds. An extension is counted from now. */
const secondsTo = (hold: Hold) => Math.max(0, Math.round((Date.parse(hold.expires_at) - Date.now()) / 1000));

/** A hold of staff or bookings is confirmed by creating the staff member or the booking with it. */
function Confirm({ hold, onClose }: { hold: Hold; onClose: () => void }) {
  const { account, metrics } = useAccount();
  const params = { path: { account_id: account.id } };
  const act = async (fields: Fields) => {
    if (hold.meter === "staff") {
      const body = { name: fields.text("name"), hold_id: hold.id };
      await call(api.POST("/accounts/{account_id}/staff", { params, body }));
    } else if (hold.meter === "bookings") {
      const body = { customer_name: fields.optional("customer_name"), starts_at: hold.at, hold_id: hold.id };
      await call(api.POST("/accounts/{account_id}/bookings", { params, body }));
    } else {
      const path = { account_id: account.id, hold_id: hold.id };
      const body = { quantity: fields.number("quantity"), key: fields.optional("key") };
      await call(api.POST("/accounts/{account_id}/holds/{hold_id}/confirm", { params: { path }, body }));
    }
    onClose();
    return `Confirmed the hold of ${hold.meter}.`;
  };
  const isGauge = metrics.find((metric) => metric.meter === hold.meter)?.kind === "gauge";
  return (
    <Dialog title={`Confirm the hold of ${hold.meter}`} onClose={onClose}>
      <Form label="Confirm the hold" submit="Confirm" act={act} account={account.id} onCancel={onClose}>
        {hold.meter === "staff" ? (
          <Field name="name" label="Name" required hint="The staff member who takes the seat." />
        ) : hold.meter === "bookings" ? (
          <Field name="customer_name" label="Customer" />
        ) : (
          <>
            <Field name="quantity" label="Quantity" type="number" min={1} required value={hold.quantity} />
            {isGauge && <Field name="key" label="Key" hint="Of the allocation; the hold’s id if it is empty." />}
          </>
        )}
      </Form>
    </Dialog>
  );
}
