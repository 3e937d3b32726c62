// Bookings, by the day on which they count.

import { useState } from "preact/hooks";
import { api, call, type Schemas } from "../lib/api";
import { day, dayIn, instantOfInput, plusDays } from "../lib/format";
import { useList } from "../lib/live";
import { Field, type Fields, Form } from "../ui/form";
import { ActionButton, Badge, ConfirmButton, Empty, Id, Loading, Section, ShowMore, Table, Time } from "../ui/parts";
import { useAccount } from "./context";
import { Strip } from "./strip";

export function Bookings() {
  const { account } = useAccount();
  const path = { account_id: account.id };
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
          <Field name="starts_at" label="Starts" type="datetime-local" hint="In your own time zone; now if it is empty." />
          <Field name="customer_name" label="Customer" />
          <Field name="staff_id" label="Staff id" />
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
              <Table label="Bookings" head={["Day", "Starts", "Customer", "Id", "Actions"]}>
                {found.map((booking) => (
                  <BookingRow key={booking.id} booking={booking} />
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

function BookingRow({ booking }: { booking: Schemas["Booking"] }) {
  const { account } = useAccount();
  const path = { account_id: account.id, booking_id: booking.id };
  const name = `the booking of ${booking.customer_name ?? booking.id}`;
  return (
    <tr>
      <th scope="row">
        {day(booking.day)} {booking.deleted_at && <Badge>Removed</Badge>}
      </th>
      <td>
        <Time at={booking.starts_at} />
      </td>
      <td>{booking.customer_name ?? <span class="muted">–</span>}</td>
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
          <ConfirmButton
            label="Remove"
            name={`Remove ${name}`}
            question={`Remove ${name}?`}
            detail="Its place is free at once, unless it has begun: then it still counts on its day."
            act={() => call(api.DELETE("/accounts/{account_id}/bookings/{booking_id}", { params: { path } }))}
            done="Removed the booking."
          />
        )}
      </td>
    </tr>
  );
}
