// Overrides and grants: the limits that an operator gives this account, with their reason and expiry.

import { useState } from "preact/hooks";
import { api, call, type Schemas } from "../lib/api";
import { featureValue, instantOfInput, inZone, label, limit, number, ZONE } from "../lib/format";
import { useList } from "../lib/live";
import { useSession } from "../lib/session";
import { Choice, Field, type Fields, Form } from "../ui/form";
import { ConfirmButton, Empty, Expiry, Loading, Section, ShowMore, Table, Time } from "../ui/parts";
import { useAccount } from "./context";

export function Limits() {
  const { user } = useSession();
  return (
    <>
      {!user.is_operator && <p class="muted">Only an operator gives and removes overrides and grants.</p>}
      <Overrides isOperator={user.is_operator} />
      <Grants isOperator={user.is_operator} />
    </>
  );
}

function Overrides({ isOperator }: { isOperator: boolean }) {
  const { account } = useAccount();
  const path = { account_id: account.id };
  const overrides = useList(`overrides ${account.id}`, (cursor, signal) =>
    call(api.GET("/accounts/{account_id}/overrides", { params: { path, query: { ...(cursor && { cursor }) } }, signal })),
  );
  return (
    <Section title="Overrides">
      <p class="muted">An override replaces the plan’s limit or value, on every plan.</p>
      {isOperator && <NewOverride />}
      <Loading live={overrides}>
        {(found) =>
          found.length === 0 ? (
            <Empty title="There are no overrides" />
          ) : (
            <Table label="Overrides" head={["Limit or feature", "Value", "Reason", inZone("Expires"), "Given", "Actions"]} wideOnly={[5]}>
              {found.map(({ key, override: it }) => (
                <tr key={key}>
                  <th scope="row">{label(key)}</th>
                  <td class="figure">{"limit" in it ? limit(it.limit) : featureValue(it.value)}</td>
                  <td>{it.reason}</td>
                  <td>
                    <Expiry at={it.expires_at} />
                  </td>
                  <td>
                    <Time at={it.created_at} isRelative />
                  </td>
                  <td>
                    {isOperator && (
                      <ConfirmButton
                        label="Remove"
                        name={`Remove the override of ${key}`}
                        question={`Remove the override of ${key}?`}
                        detail="The plan’s own applies again. What exists stays."
                        act={() => call(api.DELETE("/accounts/{account_id}/overrides/{metric}", { params: { path: { ...path, metric: key } } }))}
                        done={`Removed the override of ${key}.`}
                      />
                    )}
                  </td>
                </tr>
              ))}
            </Table>
          )
        }
      </Loading>
      <ShowMore list={overrides} />
    </Section>
  );
}

function NewOverride() {
  const { account, metrics, features } = useAccount();
  const options = [...metrics, ...features].map(({ key }) => ({ value: key, label: label(key) }));
  const [key, setKey] = useState(options[0]?.value ?? "");
  const feature = features.find((it) => it.key === key);
  const act = async (fields: Fields) => {
    const body: Schemas["NewOverride"] = {
      reason: fields.text("reason"),
      expires_at: instantOfInput(fields.text("expires_at")),
      ...(feature ? { value: valueOf(feature, fields) } : { limit: fields.has("unlimited") ? null : fields.number("limit") }),
    };
    await call(api.PUT("/accounts/{account_id}/overrides/{metric}", { params: { path: { account_id: account.id, metric: key } }, body }));
    return `Gave an override of ${key}.`;
  };
  return (
    <Form label="Give an override" submit="Give an override" act={act} isInline>
      <Choice name="metric" label="Limit or feature" value={key} onChange={setKey} options={options} />
      {feature ? <FeatureField feature={feature} /> : <LimitField />}
      <Field name="reason" label="Reason" required />
      <Field name="expires_at" label="Expires" type="datetime-local" hint={`In ${ZONE}.`} />
    </Form>
  );
}

function LimitField() {
  const [isUnlimited, setUnlimited] = useState(false);
  return (
    <>
      {!isUnlimited && <Field name="limit" label="Limit" type="number" min={0} required />}
      <label class="check">
        <input type="checkbox" name="unlimited" checked={isUnlimited} onChange={(event) => setUnlimited(event.currentTarget.checked)} />
        Unlimited
      </label>
    </>
  );
}

function FeatureField({ feature }: { feature: Schemas["Feature"] }) {
  if (feature.type === "switch") {
    const options = [
      { value: "true", label: "On" },
      { value: "false", label: "Off" },
    ];
    return <Choice name="value" label="Value" options={options} />;
  }
  return <Field name="value" label="Value" type={feature.type === "number" ? "number" : "text"} required />;
}

function valueOf(feature: Schemas["Feature"], fields: Fields): boolean | number | string {
  const text = fields.text("value");
  return feature.type === "switch" ? text === "true" : feature.type === "number" ? Number(text) : text;
}

function Grants({ isOperator }: { isOperator: boolean }) {
  const { account, metrics } = useAccount();
  const path = { account_id: account.id };
  const grants = useList(`grants ${account.id}`, (cursor, signal) =>
    call(api.GET("/accounts/{account_id}/grants", { params: { path, query: { ...(cursor && { cursor }) } }, signal })),
  );
  const act = async (fields: Fields) => {
    const body: Schemas["NewGrant"] = {
      metric: fields.text("metric"),
      quantity: fields.number("quantity") ?? 1,
      reason: fields.text("reason"),
      reference: fields.optional("reference"),
      expires_at: instantOfInput(fields.text("expires_at")),
    };
    await call(api.POST("/accounts/{account_id}/grants", { params: { path }, body }));
    return `Granted ${number(body.quantity)} more of ${body.metric}.`;
  };
  return (
    <Section title="Grants">
      <p class="muted">A grant adds to the limit, on every plan: an add-on that was bought, for example.</p>
      {isOperator && (
        <Form label="Grant more" submit="Grant" act={act} isInline>
          <Choice name="metric" label="Metric" options={metrics.map(({ key }) => ({ value: key, label: label(key) }))} />
          <Field name="quantity" label="Quantity" type="number" min={1} required value={1} />
          <Field name="reason" label="Reason" required />
          <Field name="reference" label="Reference" hint="Such as an invoice." />
          <Field name="expires_at" label="Expires" type="datetime-local" hint={`In ${ZONE}.`} />
        </Form>
      )}
      <Loading live={grants}>
        {(found) =>
          found.length === 0 ? (
            <Empty title="There are no grants" />
          ) : (
            <Table label="Grants" head={["Metric", "Quantity", "Reason", "Reference", inZone("Expires"), "Actions"]} wideOnly={[4]}>
              {found.map((it) => (
                <tr key={it.id}>
                  <th scope="row">{label(it.metric)}</th>
                  <td class="number">+{number(it.quantity)}</td>
                  <td>{it.reason}</td>
                  <td>{it.reference ?? <span class="muted">–</span>}</td>
                  <td>
                    <Expiry at={it.expires_at} />
                  </td>
                  <td>
                    {isOperator && (
                      <ConfirmButton
                        label="Remove"
                        name={`Remove the grant of ${it.metric}: ${it.reason}`}
                        question={`Remove the grant of ${number(it.quantity)} ${it.metric}?`}
                        detail="What exists stays."
                        act={() => call(api.DELETE("/accounts/{account_id}/grants/{grant_id}", { params: { path: { ...path, grant_id: it.id } } }))}
                        done="Removed the grant."
                      />
                    )}
                  </td>
                </tr>
              ))}
            </Table>
          )
        }
      </Loading>
      <ShowMore list={grants} />
    </Section>
  );
}
