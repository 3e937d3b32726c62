// The members of an account and their roles.

import { api, call, type Schemas } from "../lib/api";
import { useAction, useList } from "../lib/live";
import { useSay, useSession } from "../lib/session";
import { Choice, Field, type Fields, Form } from "../ui/form";
import { Badge, ConfirmButton, Empty, Id, Loading, Section, ShowMore, Table, Time } from "../ui/parts";
import { ProblemNotice } from "../ui/problem";
import { useAccount } from "./context";

type Role = Schemas["Role"];

const ROLES: { value: Role; label: string }[] = [
  { value: "viewer", label: "viewer: reads" },
  { value: "manager", label: "manager: also creates and changes plans" },
  { value: "owner", label: "owner: everything" },
];

export function Members() {
  const { account } = useAccount();
  const path = { account_id: account.id };
  const members = useList(`members ${account.id}`, (cursor, signal) =>
    call(api.GET("/accounts/{account_id}/members", { params: { path, query: { ...(cursor && { cursor }) } }, signal })),
  );
  const add = async (fields: Fields) => {
    const user_id = fields.text("user");
    const body = { role: fields.text("role") as Role };
    const member = await call(api.PUT("/accounts/{account_id}/members/{user_id}", { params: { path: { ...path, user_id } }, body }));
    return `${member.username} is ${member.role}.`;
  };
  return (
    <>
      <Section title="Add a member">
        <Form label="Add a member" submit="Add" act={add} isInline>
          <Field name="user" label="Username or id" required hint="A registered user." />
          <Choice name="role" label="Role" options={ROLES} value="manager" />
        </Form>
      </Section>
      <Section title="Members">
        <Loading live={members}>
          {(found) =>
            found.length === 0 ? (
              <Empty title="There are no members">
                <p>Add a registered user above.</p>
              </Empty>
            ) : (
              <Table label="Members" head={["User", "Role", "Since", "Actions"]} wideOnly={[3]}>
                {found.map((member) => (
                  <MemberRow key={member.id} member={member} />
                ))}
              </Table>
            )
          }
        </Loading>
        <ShowMore list={members} />
      </Section>
    </>
  );
}

function MemberRow({ member }: { member: Schemas["Member"] }) {
  const { account } = useAccount();
  const { user } = useSession();
  const say = useSay();
  const path = { account_id: account.id, user_id: member.id };
  const change = useAction(async (role: Role) => {
    await call(api.PUT("/accounts/{account_id}/members/{user_id}", { params: { path }, body: { role } }));
    say(`${member.username} is ${role}.`);
  });
  const isSelf = member.id === user.id;
  return (
    <tr>
      <th scope="row">
        {member.username} {isSelf && <Badge>You</Badge>} {member.is_pending && <Badge kind="near">Pending</Badge>}
        <span class="below">
          <Id id={member.id} />
        </span>
      </th>
      <td>
        <select
          aria-label={`Role of ${member.username}`}
          value={member.role}
          disabled={change.isRunning}
          onChange={(event) => {
            const select = event.currentTarget;
            void change.run(select.value as Role).then((isChanged) => {
              if (!isChanged) {
                select.value = member.role;
              }
            });
          }}
        >
          {ROLES.map(({ value }) => (
            <option key={value} value={value}>
              {value}
            </option>
          ))}
        </select>
        {change.error && <ProblemNotice error={change.error} />}
      </td>
      <td>
        <Time at={member.created_at} isRelative />
      </td>
      <td>
        <span class="buttons">
          {isSelf && member.is_pending && (
            <button type="button" class="small" onClick={() => void change.run("owner")}>
              Accept
            </button>
          )}
          {!isSelf && (
            <ConfirmButton
              label="Transfer"
              name={`Transfer the account to ${member.username}`}
              question={`Transfer the account to ${member.username}?`}
              detail="They become an owner, and you, if you are one, a manager."
              act={() => call(api.POST("/accounts/{account_id}/transfer", { params: { path: { account_id: account.id } }, body: { user: member.id } }))}
              done={`Transferred the account to ${member.username}.`}
            />
          )}
          <ConfirmButton
            label={isSelf ? "Leave" : "Remove"}
            name={isSelf ? "Leave the account" : `Remove ${member.username}`}
            question={isSelf ? "Leave the account?" : `Remove ${member.username}?`}
            act={() => call(api.DELETE("/accounts/{account_id}/members/{user_id}", { params: { path } }))}
            done={isSelf ? "You left the account." : `Removed ${member.username}.`}
          />
        </span>
      </td>
    </tr>
  );
}
