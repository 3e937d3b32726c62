// Signs in with a username and a password, or with an API key.

import { useEffect, useRef, useState } from "preact/hooks";
import { signIn, signInWithKey } from "../lib/api";
import { DOCS } from "../lib/docs";
import type { Session } from "../lib/session";
import { Field, type Fields, Form } from "../ui/form";

export function SignIn({ reason, onSession }: { reason: string; onSession: (session: Session) => void }) {
  const [isKey, setKey] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    document.title = "Sign in · Headroom";
  }, []);
  useEffect(() => box.current?.querySelector("input")?.focus(), [isKey]);
  const act = async (fields: Fields) => {
    const user = isKey ? await signInWithKey(fields.text("key")) : await signIn(fields.text("username"), fields.raw("password"));
    onSession({ user, isKey });
  };
  return (
    <main class="sign-in">
      <div class="sign-in-box" ref={box}>
        <p class="brand">
          <img src="./favicon.svg" alt="" width="28" height="28" />
          Headroom
        </p>
        <h1>Sign in to the console</h1>
        {reason && <p class="muted">{reason}</p>}
        <Form key={String(isKey)} label="Sign in" submit="Sign in" act={act}>
          {isKey ? (
            <Field name="key" label="API key" type="password" required hint="It acts for its user, within its scope." />
          ) : (
            <>
              <Field name="username" label="Username" required autocomplete="username" />
              <Field name="password" label="Password" type="password" required autocomplete="current-password" />
            </>
          )}
        </Form>
        <p>
          <button type="button" class="link" onClick={() => setKey(!isKey)}>
            {isKey ? "Use a username and a password" : "Use an API key"}
          </button>
        </p>
        {DOCS !== null && (
          <p>
            <a href={DOCS}>API documentation</a>
          </p>
        )}
        <p class="muted">What signs you in stays in the memory of this page: a reload signs you out.</p>
      </div>
    </main>
  );
}
