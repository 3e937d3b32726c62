// Bookings, by the day on which they count.

import { useState } from "preact/hooks";
import { api, call, callForChange, ifMatch, type Schemas } from "../lib/api";
import { dateTime, day, dayIn, inputOfInstant, instantOfInput, inZone, plusDays, ZONE } from "../lib/format";
import { LISTS, useList, useLive } from "../lib/live";
import { Editor, type EditorField } from "../ui/editor";
import { Choice, Field, type Fields, Form } from "../ui/form";
import { ActionButton, Badge, ConfirmButton, Empty, Id, Loading, Section, ShowMore, Table, Time } from "../ui/parts";
import { useAccount } from "./context";
import { Strip } from "./strip";

export function Bookings() {
  const { account } = useAccount();
  const path = { account_id: account.id };
  const staff = useStaff();
  const today = dayIn(new Date(), account.time_zone);
  const [from, setFrom] = useState(plusDays(today, -7));
  const [to, setTo] = useState(plusDays(today, 30));
  const [withRemoved, setWithRemoved] = useState(false);
  const bookings = useList(`bookings ${account.id} ${from} ${to} ${withRemoved}`, (cursor, signal) => {
    const query = { ...(from && { from }), ...(to && { to }), ...(cursor && { cursor }), ...(withRemoved && { include_deleted: true }) };
    return call(api.GET("/accounts/{account_id}/bookings", { params: { path, query }, signal }));
  });
  const create = async (fields: Fields) => {
    const body: Schemas["NewBooking"] = {
      starts_at: instantOfInput(fields.text("starts_at")),
      customer_name: fields.optional("customer_name"),
      staff_id: fields.optional("staff_id"),
      notes: fields.optional("notes"),
    };
    const booking = await call(api.POST("/accounts/{account_id}/bookings", { params: { path }, body }));
    return `Created a booking on ${day(booking.day)}.`;
  };
  const filters = (
    <div class="filters">
      <DayFilter label="From" value={from} onChange={setFrom} />
      <DayFilter label="To" value={to} onChange={setTo} />
      <label class="check">
        <input type="checkbox" checked={withRemoved} onChange={(event) => setWithRemoved(event.currentTarget.checked)} />
        Show removed
      </label>
    </div>
  );
  return (
    <>
      <Strip meters={["bookings"]} />
      <Section title="Create a booking">
        <Form label="Create a booking" submit="Create" act={create} account={account.id} isInline>
          <Field name="starts_at" label="Starts" type="datetime-local" hint={`In ${ZONE}; now if it is empty.`} />
          <Field name="customer_name" label="Customer" />
          <StaffField staff={staff} />
          <Field name="notes" label="Notes" />
        </Form>
      </Section>
      <Section title="Bookings" aside={filters}>
        <Loading live={bookings}>
          {(found) =>
            found.length === 0 ? (
              <Empty title="There are no bookings in these days">
                <p>Each one counts on its day. Create the first one above.</p>
              </Empty>
            ) : (
              <Table label="Bookings" head={["Day", inZone("Starts"), "Customer", "Staff", "Id", "Actions"]} wideOnly={[4, 5]}>
                {found.map((booking) => (
                  <BookingRow key={booking.id} booking={booking} staff={staff} />
                ))}
              </Table>
            )
          }
        </Loading>
        <ShowMore list={bookings} />
      </Section>
    </>
  );
}

export function DayFilter({ label, value, onChange }: { label: string; value: string; onChange: (value: string) => void }) {
  return (
    <label class="filter">
      {label}
      <input type="date" value={value} onChange={(event) => onChange(event.currentTarget.value)} />
    </label>
  );
}

/** The staff members of the account that a booking may be of; null if they are too many for a choice. */
type Staff = Schemas["StaffMember"][] | null;

/** The most staff members that a choice has: one page. */
const STAFF_MAX = 100;

function useStaff(): Staff {
  const { account } = useAccount();
  const path = { account_id: account.id };
  const { value } = useLive(`staff of ${account.id}`, LISTS, async (signal) => ({
    value: await call(api.GET("/accounts/{account_id}/staff", { params: { path, query: { limit: STAFF_MAX } }, signal })),
    etag: null,
  }));
  return value && value.next_cursor === null ? value.data : null;
}

const nameOf = (staff: Staff, id: string) => staff?.find((it) => it.id === id)?.name;

function StaffField({ staff, value = "" }: { staff: Staff; value?: string }) {
  if (staff === null) {
    return <Field name="staff_id" label="Staff id" value={value} />;
  }
  const others = value !== "" && nameOf(staff, value) === undefined ? [{ value, label: value }] : [];
  const options = [{ value: "", label: "None" }, ...staff.map(({ id, name }) => ({ value: id, label: name })), ...others];
  return <Choice name="staff_id" label="Staff member" value={value} options={options} />;
}

function BookingRow({ booking, staff }: { booking: Schemas["Booking"]; staff: Staff }) {
  const { account } = useAccount();
  const path = { account_id: account.id, booking_id: booking.id };
  const name = `the booking of ${booking.customer_name ?? booking.id}`;
  return (
    <tr>
      <th scope="row">
        {day(booking.day)} {booking.deleted_at && <Badge>Removed</Badge>}
      </th>
      <td>
        <StartTime booking={booking} />
      </td>
      <td>
        {booking.customer_name ?? <span class="muted">–</span>}
        {booking.notes && <span class="below notes">{booking.notes}</span>}
      </td>
      <td>{booking.staff_id ? (nameOf(staff, booking.staff_id) ?? <Id id={booking.staff_id} />) : <span class="muted">–</span>}</td>
      <td>
        <Id id={booking.id} />
      </td>
      <td>
        {booking.deleted_at ? (
          <ActionButton
            label="Restore"
            name={`Restore ${name}`}
            account={account.id}
            act={() => call(api.POST("/accounts/{account_id}/bookings/{booking_id}/restore", { params: { path } }))}
            done="Restored the booking."
          />
        ) : (
          <span class="buttons">
            <Edit booking={booking} name={name} staff={staff} />
            <ConfirmButton
              label="Remove"
              name={`Remove ${name}`}
              question={`Remove ${name}?`}
              detail="Its place is free at once, unless it has begun: then it still counts on its day."
              act={() => call(api.DELETE("/accounts/{account_id}/bookings/{booking_id}", { params: { path } }))}
              done="Removed the booking."
            />
          </span>
        )}
      </td>
    </tr>
  );
}

/** When a booking begins, for the user; with the date, if it is not the day on which the booking counts. */
function StartTime({ booking: { starts_at, day } }: { booking: Schemas["Booking"] }) {
  const text = inputOfInstant(starts_at);
  return text.startsWith(day) ? (
    <time dateTime={starts_at} title={`${dateTime(starts_at)} (${starts_at})`}>
      {text.slice(11)}
    </time>
  ) : (
    <Time at={starts_at} />
  );
}

function Edit({ booking, name, staff }: { booking: Schemas["Booking"]; name: string; staff: Staff }) {
  const { account } = useAccount();
  const [isOpen, setOpen] = useState(false);
  const path = { account_id: account.id, booking_id: booking.id };
  return (
    <>
      <button type="button" class="quiet small" aria-label={`Edit ${name}`} onClick={() => setOpen(true)}>
        Edit
      </button>
      {isOpen && (
        <Editor
          title="Edit the booking"
          account={account.id}
          fields={fieldsOf(staff)}
          load={() => callForChange(api.GET("/accounts/{account_id}/bookings/{booking_id}", { params: { path } }))}
          save={({ starts_at, customer_name, staff_id, notes }, etag) => {
            const body: Schemas["BookingPatch"] = {
              ...(starts_at !== undefined && { starts_at: instantOfInput(starts_at)! }),
              ...(customer_name !== undefined && { customer_name: customer_name || null }),
              ...(staff_id !== undefined && { staff_id: staff_id || null }),
              ...(notes !== undefined && { notes: notes || null }),
            };
            return call(api.PATCH("/accounts/{account_id}/bookings/{booking_id}", { params: { path, header: ifMatch(etag) }, body }));
          }}
          done="Changed the booking."
          onClose={() => setOpen(false)}
        />
      )}
    </>
  );
}

function fieldsOf(staff: Staff): EditorField<Schemas["Booking"]>[] {
  return [
    {
      name: "starts_at",
      label: "Starts",
      of: (booking) => inputOfInstant(booking.starts_at),
      input: (text) => <Field name="starts_at" label="Starts" type="datetime-local" required value={text} hint={`In ${ZONE}. On another day it needs room there.`} />,
      show: (text) => dateTime(text),
    },
    { name: "customer_name", label: "Customer", of: (booking) => booking.customer_name ?? "", input: (text) => <Field name="customer_name" label="Customer" value={text} /> },
    { name: "staff_id", label: "Staff member", of: (booking) => booking.staff_id ?? "", input: (text) => <StaffField staff={staff} value={text} />, show: (text) => nameOf(staff, text) ?? text },
    { name: "notes", label: "Notes", of: (booking) => booking.notes ?? "", input: (text) => <Field name="notes" label="Notes" value={text} /> },
  ];
}
