// Usage records of the meters of counters.

import { useState } from "preact/hooks";
import { api, call, type Schemas } from "../lib/api";
import { inZone, label, number } from "../lib/format";
import { useList } from "../lib/live";
import { Choice, Field, type Fields, Form } from "../ui/form";
import { ConfirmButton, Empty, Id, Loading, Section, ShowMore, Table, Time } from "../ui/parts";
import { metersOf, useAccount } from "./context";
import { Strip } from "./strip";

export function UsageTab() {
  const { account, metrics } = useAccount();
  // Bookings count themselves.
  const meters = metersOf(metrics.filter(({ kind, meter }) => kind === "counter" && meter !== "bookings"));
  const [meter, setMeter] = useState(meters[0] ?? "");
  const path = { account_id: account.id };
  const records = useList(meter ? `usage ${account.id} ${meter}` : null, (cursor, signal) =>
    call(api.GET("/accounts/{account_id}/usage", { params: { path, query: { meter, ...(cursor && { cursor }) } }, signal })),
  );
  if (meters.length === 0) {
    return (
      <Empty title="The catalogue has no counters beside bookings">
        <p>A counter limits how much is used in a window: e-mails a month, tokens a day. Add one as a metric in the file of the plans.</p>
      </Empty>
    );
  }
  const record = async (fields: Fields) => {
    const body: Schemas["NewUsage"] = { meter, quantity: fields.number("quantity") };
    await call(api.POST("/accounts/{account_id}/usage", { params: { path }, body }));
    return `Recorded usage of ${meter}.`;
  };
  return (
    <>
      <Strip meters={[meter]} />
      <Section title="Record usage">
        <Form label="Record usage" submit="Record" act={record} account={account.id} isInline>
          <Choice name="meter" label="Meter" value={meter} onChange={setMeter} options={meters.map((key) => ({ value: key, label: label(key) }))} />
          <Field name="quantity" label="Quantity" type="number" min={1} required value={1} />
        </Form>
      </Section>
      <Section title={`Records of ${meter}`}>
        <Loading live={records}>
          {(found) =>
            found.length === 0 ? (
              <Empty title="There are no records yet">
                <p>Record the first usage above. Of a meter without records, only the counters are kept.</p>
              </Empty>
            ) : (
              <Table label="Usage records" head={[inZone("At"), "Quantity", "Id", "Actions"]} wideOnly={[3]}>
                {found.map((it) => (
                  <tr key={it.id}>
                    <th scope="row">
                      <Time at={it.at} />
                    </th>
                    <td class="number">{number(it.quantity)}</td>
                    <td>{it.id && <Id id={it.id} />}</td>
                    <td>{it.id && <Remove use={it.id} quantity={it.quantity} />}</td>
                  </tr>
                ))}
              </Table>
            )
          }
        </Loading>
        <ShowMore list={records} />
      </Section>
    </>
  );
}

function Remove({ use, quantity }: { use: string; quantity: number }) {
  const { account } = useAccount();
  const path = { account_id: account.id, use_id: use };
  return (
    <ConfirmButton
      label="Remove"
      name={`Remove ${use}`}
      question="Remove this record?"
      detail={`Its quantity, ${number(quantity)}, is given back in the windows in which it counted.`}
      act={() => call(api.DELETE("/accounts/{account_id}/usage/{use_id}", { params: { path } }))}
      done="Removed the record."
    />
  );
}
