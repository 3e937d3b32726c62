// The small parts that every page is made of.

import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { type Live, type LiveList, useAction } from "../lib/live";
import { dateTime, relative } from "../lib/format";
import { useSay } from "../lib/session";
import { ProblemNotice } from "./problem";

/** A page: its heading has the focus after navigation, so that screen readers say where the user is. */
export function Page({ title, aside, children }: { title: string; aside?: ComponentChildren; children: ComponentChildren }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · Headroom`;
  }, [title]);
  useEffect(() => heading.current?.focus({ preventScroll: true }), []);
  return (
    <>
      <header class="page-header">
        <h1 ref={heading} tabIndex={-1}>
          {title}
        </h1>
        {aside}
      </header>
      {children}
    </>
  );
}

export function Section({ title, aside, children }: { title: string; aside?: ComponentChildren; children: ComponentChildren }) {
  return (
    <section class="section" aria-label={title}>
      <div class="section-header">
        <h2>{title}</h2>
        {aside}
      </div>
      {children}
    </section>
  );
}

/** What is shown where there is nothing yet: the first step. */
export function Empty({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <div class="empty">
      <p class="empty-title">{title}</p>
      {children}
    </div>
  );
}

/** A value that is loading, failed, or there. A failure after a success is shown above the last value. */
export function Loading<T>({ live, children }: { live: Live<T>; children: (value: T) => ComponentChildren }) {
  return (
    <>
      {live.error && <ProblemNotice error={live.error} />}
      {live.value !== undefined ? children(live.value) : !live.error && <p class="loading">Loading…</p>}
    </>
  );
}

/** A table. Where it is wider than the page, it scrolls by itself, also by keyboard. */
export function Table({ label, head, wideOnly = [], children }: {
  label: string;
  head: ComponentChildren[];
  /** The columns that narrow screens do not show, from 1 on. */
  wideOnly?: number[];
  children: ComponentChildren;
}) {
  return (
    <div class={["table-scroll", ...wideOnly.map((column) => `wide-only-${column}`)].join(" ")} role="group" aria-label={label} tabIndex={0}>
      <table>
        <caption class="visually-hidden">{label}</caption>
        <thead>
          <tr>
            {head.map((cell, at) => (
              <th key={at} scope="col">
                {cell}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}

export function ShowMore<T>({ list }: { list: LiveList<T> }) {
  return list.hasMore ? (
    <p>
      <button type="button" class="quiet" onClick={list.showMore}>
        Show more
      </button>
    </p>
  ) : null;
}

export function Badge({ kind = "plain", children }: { kind?: "plain" | "good" | "near" | "over"; children: ComponentChildren }) {
  return <span class={`badge badge-${kind}`}>{children}</span>;
}

export function PlanBadge({ plan }: { plan: string | null }) {
  return plan === null ? <Badge kind="near">No plan</Badge> : <Badge>{plan}</Badge>;
}

/** An instant, exact in the tool tip. */
export function Time({ at, isRelative }: { at: string; isRelative?: boolean }) {
  return (
    <time dateTime={at} title={isRelative ? `${dateTime(at)} (${at})` : at}>
      {isRelative ? relative(at) : dateTime(at)}
    </time>
  );
}

/** When something expires: exact, and how far off that is. */
export function Expiry({ at }: { at: string | null | undefined }) {
  if (!at) {
    return <span class="muted">Never</span>;
  }
  return (
    <time dateTime={at} title={at}>
      {dateTime(at)}
      <span class="below">{relative(at)}</span>
    </time>
  );
}

/** Copies a text. Pages without HTTPS have no clipboard: there the text is selected and copied the old way. */
async function copy(text: string) {
  if (navigator.clipboard) {
    await navigator.clipboard.writeText(text);
    return;
  }
  const field = document.createElement("textarea");
  field.value = text;
  field.className = "visually-hidden";
  (document.querySelector("dialog[open]") ?? document.body).append(field);
  field.select();
  document.execCommand("copy");
  field.remove();
}

export function Copy({ text, what }: { text: string; what: string }) {
  const say = useSay();
  const [isCopied, setCopied] = useState(false);
  const act = async () => {
    await copy(text);
    // A message is beneath an open dialog.
    setCopied(true);
    say(`Copied ${what}.`);
  };
  return (
    <button type="button" class="quiet small" onClick={() => void act()} aria-label={`Copy ${what}`}>
      {isCopied ? "Copied" : "Copy"}
    </button>
  );
}

/** An id, short enough for a table. */
export function Id({ id }: { id: string }) {
  return (
    <code class="id" title={id}>
      {id}
    </code>
  );
}

/** A modal dialog. The browser keeps the focus in it, and closes it by Escape. The focus returns to what opened it. */
export function Dialog({ title, onClose, children }: { title: string; onClose: () => void; children: ComponentChildren }) {
  const element = useRef<HTMLDialogElement>(null);
  const say = useSay();
  useEffect(() => {
    // A message would be beneath the dialog.
    say("");
    const opener = document.activeElement;
    element.current?.showModal();
    // The dialog is removed, not closed: so the browser does not give the focus back.
    return () => requestAnimationFrame(() => opener instanceof HTMLElement && opener.isConnected && opener.focus());
  }, []);
  return (
    <dialog ref={element} aria-label={title} onClose={onClose} onCancel={onClose}>
      <h2>{title}</h2>
      {children}
    </dialog>
  );
}

/** A button that asks before it acts. */
export function ConfirmButton(props: {
  label: string;
  /** The accessible name, if the label alone is ambiguous. */
  name?: string;
  question: string;
  detail?: ComponentChildren;
  act: () => Promise<unknown>;
  done: string;
}) {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <button type="button" class="quiet small danger" aria-label={props.name ?? props.label} onClick={() => setOpen(true)}>
        {props.label}
      </button>
      {isOpen && <Confirmation {...props} onClose={() => setOpen(false)} />}
    </>
  );
}

function Confirmation(props: {
  label: string;
  question: string;
  detail?: ComponentChildren;
  act: () => Promise<unknown>;
  done: string;
  onClose: () => void;
}) {
  const say = useSay();
  const action = useAction(props.act);
  const confirm = async () => {
    if (await action.run()) {
      say(props.done);
      props.onClose();
    }
  };
  return (
    <Dialog title={props.question} onClose={props.onClose}>
      {props.detail && <p>{props.detail}</p>}
      {action.error && <ProblemNotice error={action.error} />}
      <div class="buttons">
        <button type="button" class="primary danger" disabled={action.isRunning} onClick={() => void confirm()}>
          {props.label}
        </button>
        <button type="button" class="quiet" onClick={props.onClose}>
          Cancel
        </button>
      </div>
    </Dialog>
  );
}

/** A button that acts at once, and shows below itself why it failed. */
export function ActionButton(props: { label: string; name?: string; act: () => Promise<unknown>; done: string; account?: string }) {
  const say = useSay();
  const action = useAction(props.act);
  const run = async () => {
    if (await action.run()) {
      say(props.done);
    }
  };
  return (
    <>
      <button
        type="button"
        class="quiet small"
        aria-label={props.name ?? props.label}
        disabled={action.isRunning}
        onClick={() => void run()}
      >
        {props.label}
      </button>
      {action.error && (
        <Dialog title={`${props.label}: not possible`} onClose={action.clear}>
          <ProblemNotice error={action.error} {...(props.account === undefined ? {} : { account: props.account })} />
          <div class="buttons">
            <button type="button" class="quiet" onClick={action.clear}>
              Close
            </button>
          </div>
        </Dialog>
      )}
    </>
  );
}
