// Allocations: what exists of a gauge, each under a key.

import { useState } from "preact/hooks";
import { api, call } from "../lib/api";
import { label, number } from "../lib/format";
import { useList } from "../lib/live";
import { Choice, Field, type Fields, Form } from "../ui/form";
import { ConfirmButton, Empty, Loading, Section, ShowMore, Table, Time } from "../ui/parts";
import { metersOf, useAccount } from "./context";
import { Strip } from "./strip";

export function Allocations() {
  const { account, metrics } = useAccount();
  // Staff members have a tab of their own.
  const meters = metersOf(metrics.filter(({ kind, meter }) => kind === "gauge" && meter !== "staff"));
  const [meter, setMeter] = useState(meters[0] ?? "");
  const path = { account_id: account.id, meter };
  const allocations = useList(meter ? `allocations ${account.id} ${meter}` : null, (cursor, signal) =>
    call(api.GET("/accounts/{account_id}/allocations/{meter}", { params: { path, query: { ...(cursor && { cursor }) } }, signal })),
  );
  if (meters.length === 0) {
    return (
      <Empty title="The catalogue has no gauges beside staff">
        <p>A gauge limits how many of something exist at the same time: projects, domains, storage. Add one as a metric in the file of the plans.</p>
      </Empty>
    );
  }
  const put = async (fields: Fields) => {
    const key = fields.text("key");
    const body = { quantity: fields.number("quantity") };
    await call(api.PUT("/accounts/{account_id}/allocations/{meter}/{key}", { params: { path: { ...path, key } }, body }));
    return `Allocated ${key}.`;
  };
  return (
    <>
      <Strip meters={[meter]} />
      <Section title="Allocate">
        <Form label="Allocate" submit="Allocate" act={put} account={account.id} isInline>
          <Choice name="meter" label="Meter" value={meter} onChange={setMeter} options={meters.map((key) => ({ value: key, label: label(key) }))} />
          <Field name="key" label="Key" required hint="Your own id of it. A known key gets the new quantity." />
          <Field name="quantity" label="Quantity" type="number" min={1} required value={1} />
        </Form>
      </Section>
      <Section title={`Allocations of ${meter}`}>
        <Loading live={allocations}>
          {(found) =>
            found.length === 0 ? (
              <Empty title="Nothing is allocated yet">
                <p>Allocate the first key above.</p>
              </Empty>
            ) : (
              <Table label="Allocations" head={["Key", "Quantity", "Allocated", "Actions"]} wideOnly={[3]}>
                {found.map((it) => (
                  <tr key={it.key}>
                    <th scope="row">
                      <code>{it.key}</code>
                    </th>
                    <td class="number">{number(it.quantity)}</td>
                    <td>
                      <Time at={it.created_at} isRelative />
                    </td>
                    <td>
                      <ConfirmButton
                        label="Remove"
                        name={`Remove ${it.key}`}
                        question={`Remove ${it.key}?`}
                        detail="What it took is free at once."
                        act={() => call(api.DELETE("/accounts/{account_id}/allocations/{meter}/{key}", { params: { path: { ...path, key: it.key } } }))}
                        done={`Removed ${it.key}.`}
                      />
                    </td>
                  </tr>
                ))}
              </Table>
            )
          }
        </Loading>
        <ShowMore list={allocations} />
      </Section>
    </>
  );
}
