// The frame of every page: the session, the navigation, and the messages.

import type { ComponentChildren } from "preact";
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { AccountPage } from "./account/page";
import { onSessionEnd, signOut } from "./lib/api";
import { DOCS } from "./lib/docs";
import { go, to, useRoute } from "./lib/route";
import { SayContext, type Session, SessionContext } from "./lib/session";
import { AccountsPage } from "./pages/accounts";
import { NotFoundPage } from "./pages/not-found";
import { PlansPage } from "./pages/plans";
import { SignIn } from "./pages/sign-in";
import { UserPage } from "./pages/user";

/** How long a message is shown. */
const MESSAGE_MS = 6000;

export function App() {
  const [session, setSession] = useState<Session | null>(null);
  const [reason, setReason] = useState("");
  const [message, setMessage] = useState({ text: "", at: "" });
  const say = useCallback((text: string) => setMessage({ text, at: location.hash }), []);
  useEffect(() => {
    onSessionEnd((reason) => {
      setSession(null);
      setReason(reason);
    });
  }, []);
  useEffect(() => {
    // A message ends when the user goes elsewhere, unless it was said there.
    const leave = () => setMessage((last) => (last.at === location.hash ? last : { text: "", at: location.hash }));
    addEventListener("hashchange", leave);
    return () => removeEventListener("hashchange", leave);
  }, []);
  useEffect(() => {
    const timer = setTimeout(() => say(""), MESSAGE_MS);
    return () => clearTimeout(timer);
  }, [message]);
  const leave = useCallback(async () => {
    setReason("You are signed out.");
    setSession(null);
    go();
    await signOut();
  }, []);
  return (
    <SayContext.Provider value={say}>
      {session ? (
        <SessionContext.Provider value={session}>
          <Frame session={session} onLeave={() => void leave()} />
        </SessionContext.Provider>
      ) : (
        <SignIn reason={reason} onSession={setSession} />
      )}
      <div class="message" role="status">
        {message.text && <p>{message.text}</p>}
      </div>
    </SayContext.Provider>
  );
}

function Frame({ session, onLeave }: { session: Session; onLeave: () => void }) {
  const route = useRoute();
  const main = useRef<HTMLElement>(null);
  const name = route.slice(0, 2).join("/");
  useEffect(() => window.scrollTo(0, 0), [name]);
  const skip = (event: Event) => {
    event.preventDefault();
    main.current?.focus();
  };
  return (
    <div class="frame">
      <a class="skip" href="#main" onClick={skip}>
        Skip to the content
      </a>
      <header class="side">
        <p class="brand">
          <img src="./favicon.svg" alt="" width="22" height="22" />
          Headroom
        </p>
        <nav aria-label="Main">
          <Entry at={route} path="accounts" label="Accounts" />
          <Entry at={route} path="plans" label="Plans" />
          <Entry at={route} path="user" label="User and keys" />
          {/* On a page of its own: to leave this one is to sign out. */}
          {DOCS !== null && (
            <a href={DOCS} target="_blank" rel="noopener">
              API <span aria-hidden="true">↗</span>
              <span class="visually-hidden">documentation, on a new page</span>
            </a>
          )}
        </nav>
        <div class="who">
          <span class="who-name" title={session.user.id}>
            {session.user.username}
            <span class="below">{session.isKey ? "by an API key" : session.user.is_operator ? "Operator" : "User"}</span>
          </span>
          <button type="button" class="quiet small" onClick={onLeave}>
            Sign out
          </button>
        </div>
      </header>
      <main id="main" ref={main} tabIndex={-1}>
        <Content route={route} />
      </main>
    </div>
  );
}

function Entry({ at, path, label }: { at: string[]; path: string; label: string }) {
  const isCurrent = (at[0] ?? "accounts") === path;
  return (
    <a href={to(path)} aria-current={isCurrent ? "page" : undefined}>
      {label}
    </a>
  );
}

function Content({ route }: { route: string[] }): ComponentChildren {
  const [first = "accounts", id, tab = "", choice] = route;
  if (first === "accounts" && id !== undefined) {
    return <AccountPage key={id} id={id} tab={tab} choice={choice} />;
  }
  switch (id === undefined ? first : "") {
    case "accounts":
      return <AccountsPage />;
    case "plans":
      return <PlansPage />;
    case "user":
      return <UserPage />;
    default:
      return <NotFoundPage />;
  }
}
