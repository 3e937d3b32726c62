// The user: their API keys, their password, and other users.

import { useState } from "preact/hooks";
import { api, call, type Schemas } from "../lib/api";
import { instantOfInput, inZone, ZONE } from "../lib/format";
import { useList } from "../lib/live";
import { useSession } from "../lib/session";
import { EraseDialog, Erased, type Erasure } from "../ui/erase";
import { Choice, Field, type Fields, Form } from "../ui/form";
import { Badge, ConfirmButton, Copy, Dialog, Empty, Expiry, Id, Loading, Page, Section, ShowMore, Table, Time } from "../ui/parts";

export function UserPage() {
  const { user, isKey } = useSession();
  return (
    <Page title="User and keys">
      <dl class="facts">
        <div>
          <dt>Username</dt>
          <dd>
            {user.username} {user.is_operator && <Badge kind="good">Operator</Badge>}
          </dd>
        </div>
        <div>
          <dt>Id</dt>
          <dd>
            <Id id={user.id} /> <Copy text={user.id} what="the user’s id" />
          </dd>
        </div>
        <div>
          <dt>{inZone("Since")}</dt>
          <dd>
            <Time at={user.created_at} />
          </dd>
        </div>
      </dl>
      {isKey ? (
        <Empty title="You are signed in with an API key">
          <p>Only a login by username and password manages keys and passwords.</p>
        </Empty>
      ) : (
        <>
          <Keys />
          <Password />
        </>
      )}
      <NewUser />
      {user.is_operator && <EraseUser />}
    </Page>
  );
}

const SCOPES = [
  { value: "read", label: "read: what a viewer may" },
  { value: "write", label: "write: what a manager may" },
  { value: "admin", label: "admin: what an owner may" },
];

function Keys() {
  const keys = useList("api-keys", (cursor, signal) =>
    call(api.GET("/api-keys", { params: { query: { ...(cursor && { cursor }) } }, signal })),
  );
  const [isOpen, setOpen] = useState(false);
  const [created, setCreated] = useState<Schemas["CreatedApiKey"]>();
  const create = (
    <button type="button" class="primary" onClick={() => setOpen(true)}>
      Create an API key
    </button>
  );
  return (
    <Section title="API keys" aside={create}>
      {isOpen && (
        <NewKey
          onClose={() => setOpen(false)}
          onCreated={(key) => {
            setOpen(false);
            setCreated(key);
          }}
        />
      )}
      {created && <Secret created={created} onClose={() => setCreated(undefined)} />}
      <Loading live={keys}>
        {(list) =>
          list.length === 0 ? (
            <Empty title="You have no API keys yet">
              <p>Your backend calls Headroom with a key. Create one of scope write, and put its secret into your backend’s configuration.</p>
            </Empty>
          ) : (
            <Table label="API keys" head={["Name", "Scope", "Account", "Last used", inZone("Expires"), "Actions"]} wideOnly={[3, 4]}>
              {list.map((key) => (
                <tr key={key.id}>
                  <th scope="row">
                    {key.name}
                    <span class="below">
                      <Id id={key.id} />
                    </span>
                  </th>
                  <td>
                    <Badge>{key.scope}</Badge>
                  </td>
                  <td>{key.account_id ? <Id id={key.account_id} /> : <span class="muted">All</span>}</td>
                  <td>{key.last_used_at ? <Time at={key.last_used_at} isRelative /> : <span class="muted">Never</span>}</td>
                  <td><Expiry at={key.expires_at} /></td>
                  <td>
                    <ConfirmButton
                      label="Revoke"
                      name={`Revoke ${key.name}`}
                      question={`Revoke the key ${key.name}?`}
                      detail="Programs that use it are refused from the next request on."
                      act={() => call(api.DELETE("/api-keys/{api_key_id}", { params: { path: { api_key_id: key.id } } }))}
                      done={`Revoked ${key.name}.`}
                    />
                  </td>
                </tr>
              ))}
            </Table>
          )
        }
      </Loading>
      <ShowMore list={keys} />
    </Section>
  );
}

function NewKey({ onClose, onCreated }: { onClose: () => void; onCreated: (key: Schemas["CreatedApiKey"]) => void }) {
  const act = async (fields: Fields) => {
    const body: Schemas["NewApiKey"] = {
      name: fields.text("name"),
      scope: fields.text("scope") as Schemas["Scope"],
      account_id: fields.optional("account_id"),
      expires_at: instantOfInput(fields.text("expires_at")),
    };
    onCreated(await call(api.POST("/api-keys", { body })));
    return `Created ${body.name}.`;
  };
  return (
    <Dialog title="Create an API key" onClose={onClose}>
      <Form label="Create an API key" submit="Create" act={act} onCancel={onClose}>
        <Field name="name" label="Name" required hint="Which program uses it." />
        <Choice name="scope" label="Scope" options={SCOPES} value="write" />
        <Field name="account_id" label="Account id" hint="Restricts the key to this account." />
        <Field name="expires_at" label="Expires" type="datetime-local" hint={`In ${ZONE}.`} />
      </Form>
    </Dialog>
  );
}

/** The secret is in one response, and nowhere else. */
function Secret({ created, onClose }: { created: Schemas["CreatedApiKey"]; onClose: () => void }) {
  return (
    <Dialog title={`The secret of ${created.name}`} onClose={onClose}>
      <p>This is the only time that it is shown. Store it now: Headroom keeps a hash alone.</p>
      <p class="secret">
        <code>{created.secret}</code>
        <Copy text={created.secret} what="the secret" />
      </p>
      <div class="buttons">
        <button type="button" class="primary" onClick={onClose}>
          I have stored it
        </button>
      </div>
    </Dialog>
  );
}

function Password() {
  const act = async (fields: Fields) => {
    const body = { password: fields.raw("password"), new_password: fields.raw("new_password") };
    await call(api.POST("/users/me/password", { body }));
    return "Changed the password. It ended all sessions: sign in again.";
  };
  return (
    <Section title="Password">
      <Form label="Change the password" submit="Change" act={act} isInline>
        <Field name="password" label="Present password" type="password" required autocomplete="current-password" />
        <Field name="new_password" label="New password" type="password" required autocomplete="new-password" />
      </Form>
    </Section>
  );
}

function NewUser() {
  const act = async (fields: Fields) => {
    const body = { username: fields.text("username"), password: fields.raw("password") };
    const user = await call(api.POST("/users", { body }));
    return `Added the user ${user.username}.`;
  };
  return (
    <Section title="Add a user">
      <p class="muted">A user sees nothing until an owner adds them to an account. With closed registration, use <code>headroom user create</code>.</p>
      <Form label="Add a user" submit="Add" act={act} isInline>
        <Field name="username" label="Username" required />
        <Field name="password" label="Password" type="password" required autocomplete="new-password" />
      </Form>
    </Section>
  );
}

/** For operators only: others are refused. */
function EraseUser() {
  const [name, setName] = useState<string>();
  const [erased, setErased] = useState<{ name: string; erasure: Erasure }>();
  const act = async (fields: Fields) => setName(fields.text("user"));
  const erase = (user: string) => (isDryRun: boolean) =>
    call(api.POST("/users/{user_id}/erase", { params: { path: { user_id: user }, query: isDryRun ? { dry_run: true } : {} } }));
  return (
    <Section title="Erase a user">
      <p class="muted">Removes a user for ever, with their personal data. Before that, what would be erased is shown, and you are asked.</p>
      <Form label="Erase a user" submit="Erase…" act={act} isInline isDangerous>
        <Field name="user" label="Username or id" required />
      </Form>
      {name !== undefined && (
        <EraseDialog
          what="the user, with name and password"
          name={name}
          stays="their id, as the creator of what they created, and the ids, actions and times of the audit log."
          erase={erase(name)}
          onErased={(erasure) => {
            setName(undefined);
            setErased({ name, erasure });
          }}
          onClose={() => setName(undefined)}
        />
      )}
      {erased && (
        <Dialog title={`${erased.name} is erased`} onClose={() => setErased(undefined)}>
          <Erased erasure={erased.erasure}>They cannot sign in, and their sessions and API keys are refused.</Erased>
          <div class="buttons">
            <button type="button" class="primary" onClick={() => setErased(undefined)}>
              Close
            </button>
          </div>
        </Dialog>
      )}
    </Section>
  );
}
