// Staff members: seats.

import { useState } from "preact/hooks";
import { api, call, callForChange, ifMatch, type Schemas } from "../lib/api";
import { useList } from "../lib/live";
import { Editor, type EditorField } from "../ui/editor";
import { Field, type Fields, Form } from "../ui/form";
import { ActionButton, Badge, ConfirmButton, Empty, Id, Loading, Section, ShowMore, Table, Time } from "../ui/parts";
import { useAccount } from "./context";
import { Strip } from "./strip";

export function Staff() {
  const { account } = useAccount();
  const path = { account_id: account.id };
  const [withRemoved, setWithRemoved] = useState(false);
  const staff = useList(`staff ${account.id} ${withRemoved}`, (cursor, signal) => {
    const query = { ...(cursor && { cursor }), ...(withRemoved && { include_deleted: true }) };
    return call(api.GET("/accounts/{account_id}/staff", { params: { path, query }, signal }));
  });
  const add = async (fields: Fields) => {
    const body = { name: fields.text("name"), email: fields.optional("email") };
    const member = await call(api.POST("/accounts/{account_id}/staff", { params: { path }, body }));
    return `Added ${member.name}.`;
  };
  const toggle = (
    <label class="check">
      <input type="checkbox" checked={withRemoved} onChange={(event) => setWithRemoved(event.currentTarget.checked)} />
      Show removed
    </label>
  );
  return (
    <>
      <Strip meters={["staff"]} />
      <Section title="Add a staff member">
        <Form label="Add a staff member" submit="Add" act={add} account={account.id} isInline>
          <Field name="name" label="Name" required />
          <Field name="email" label="E-mail" />
        </Form>
      </Section>
      <Section title="Staff members" aside={toggle}>
        <Loading live={staff}>
          {(members) =>
            members.length === 0 ? (
              <Empty title="There are no staff members yet">
                <p>Each one takes a seat of the plan. Add the first one above.</p>
              </Empty>
            ) : (
              <Table label="Staff members" head={["Name", "E-mail", "Id", "Added", "Actions"]} wideOnly={[3, 4]}>
                {members.map((member) => (
                  <tr key={member.id}>
                    <th scope="row">
                      {member.name} {member.deleted_at && <Badge>Removed</Badge>}
                    </th>
                    <td>{member.email ?? <span class="muted">–</span>}</td>
                    <td>
                      <Id id={member.id} />
                    </td>
                    <td>
                      <Time at={member.created_at} isRelative />
                    </td>
                    <td>
                      {member.deleted_at ? (
                        <Restore staff={member.id} name={member.name} />
                      ) : (
                        <span class="buttons">
                          <Edit staff={member.id} name={member.name} />
                          <Remove staff={member.id} name={member.name} />
                        </span>
                      )}
                    </td>
                  </tr>
                ))}
              </Table>
            )
          }
        </Loading>
        <ShowMore list={staff} />
      </Section>
    </>
  );
}

const FIELDS: EditorField<Schemas["StaffMember"]>[] = [
  { name: "name", label: "Name", of: (member) => member.name, input: (text) => <Field name="name" label="Name" required value={text} /> },
  { name: "email", label: "E-mail", of: (member) => member.email ?? "", input: (text) => <Field name="email" label="E-mail" value={text} /> },
];

function Edit({ staff, name }: { staff: string; name: string }) {
  const { account } = useAccount();
  const [isOpen, setOpen] = useState(false);
  const path = { account_id: account.id, staff_id: staff };
  return (
    <>
      <button type="button" class="quiet small" aria-label={`Edit ${name}`} onClick={() => setOpen(true)}>
        Edit
      </button>
      {isOpen && (
        <Editor
          title="Edit the staff member"
          account={account.id}
          fields={FIELDS}
          load={() => callForChange(api.GET("/accounts/{account_id}/staff/{staff_id}", { params: { path } }))}
          save={({ name, email }, etag) => {
            const body = { ...(name !== undefined && { name }), ...(email !== undefined && { email: email || null }) };
            return call(api.PATCH("/accounts/{account_id}/staff/{staff_id}", { params: { path, header: ifMatch(etag) }, body }));
          }}
          done="Changed the staff member."
          onClose={() => setOpen(false)}
        />
      )}
    </>
  );
}

function Remove({ staff, name }: { staff: string; name: string }) {
  const { account } = useAccount();
  const path = { account_id: account.id, staff_id: staff };
  return (
    <ConfirmButton
      label="Remove"
      name={`Remove ${name}`}
      question={`Remove ${name}?`}
      detail="The seat is free at once. The bookings stay."
      act={() => call(api.DELETE("/accounts/{account_id}/staff/{staff_id}", { params: { path } }))}
      done={`Removed ${name}.`}
    />
  );
}

function Restore({ staff, name }: { staff: string; name: string }) {
  const { account } = useAccount();
  const path = { account_id: account.id, staff_id: staff };
  return (
    <ActionButton
      label="Restore"
      name={`Restore ${name}`}
      account={account.id}
      act={() => call(api.POST("/accounts/{account_id}/staff/{staff_id}/restore", { params: { path } }))}
      done={`Restored ${name}.`}
    />
  );
}
