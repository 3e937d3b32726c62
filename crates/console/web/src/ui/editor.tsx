// A dialog that edits something: it sends what was changed, with the version that it was changed in. If there is a newer
// one (412), it shows both, and the user decides.

import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { ApiError, type Loaded, mayBeSaved } from "../lib/api";
import { useAction } from "../lib/live";
import { useSay } from "../lib/session";
import { type Fields, Form } from "./form";
import { Dialog, Table } from "./parts";
import { ProblemNotice } from "./problem";

/** A field of what is edited. */
export interface EditorField<T> {
  name: string;
  label: string;
  /** The text of its input. */
  of: (value: T) => string;
  input: (text: string) => ComponentChildren;
  /** How a text of the input reads in a comparison, if not as it is. */
  show?: (text: string) => string;
  /** Whether spaces at its beginning and end are part of the text. */
  keepsSpaces?: boolean;
}

/** The texts of fields, by name. */
export type Texts = Partial<Record<string, string>>;

interface EditorProps<T> {
  title: string;
  /** The account, for the help that a refusal gives. */
  account: string;
  fields: EditorField<T>[];
  load: () => Promise<Loaded<T>>;
  /** Sends the fields that were changed in `base`, for the version with the ETag. */
  save: (changed: Texts, etag: string | null, base: T) => Promise<unknown>;
  done: string;
  onClose: () => void;
}

/** A change that was refused, because there is a newer version. */
interface Conflict<T> {
  error: ApiError;
  mine: Texts;
  /** What `mine` was changed in. */
  base: T;
  newer: Loaded<T>;
  /** Whether an earlier attempt got no response: then the newer version may have been made from it. */
  mayBeSaved: boolean;
}

export function Editor<T>(props: EditorProps<T>) {
  const { fields, load, save, onClose } = props;
  const say = useSay();
  const [base, setBase] = useState<Loaded<T>>();
  const [conflict, setConflict] = useState<Conflict<T>>();
  const isUncertain = useRef(false);
  const first = useAction(async () => setBase(await load()));
  useEffect(() => void first.run(), []);
  const textsOf = (value: T): Texts => Object.fromEntries(fields.map((field) => [field.name, field.of(value)]));
  const send = async (changed: Texts, etag: string | null, base: T) => {
    try {
      if (Object.keys(changed).length > 0) {
        await save(changed, etag, base);
        say(props.done);
      } else {
        say("Nothing was changed.");
      }
      onClose();
    } catch (error) {
      if (!(error instanceof ApiError) || error.problem.status !== 412) {
        isUncertain.current ||= error instanceof ApiError && mayBeSaved(error);
        throw error;
      }
      const newer = await load();
      const texts = textsOf(newer.value);
      if (isUncertain.current && Object.entries(changed).every(([name, text]) => texts[name] === text)) {
        // The attempt without a response was carried out.
        say(props.done);
        onClose();
        return;
      }
      setConflict({ error, mine: changed, base, newer, mayBeSaved: isUncertain.current });
    }
  };
  const submit = (base: Loaded<T>) => (form: Fields) => {
    const before = textsOf(base.value);
    const textOf = ({ name, keepsSpaces }: EditorField<T>) => (keepsSpaces ? form.raw(name) : form.text(name));
    // What was not touched is not changed, also if it has spaces around it.
    const isTouched = ({ name }: EditorField<T>) => form.raw(name) !== before[name];
    const changed = fields.filter((field) => isTouched(field) && textOf(field) !== before[field.name]);
    return send(Object.fromEntries(changed.map((field) => [field.name, textOf(field)])), base.etag, base.value);
  };
  const takeNewer = ({ newer }: Conflict<T>) => {
    setBase(newer);
    setConflict(undefined);
  };
  return (
    <Dialog title={props.title} onClose={onClose}>
      {conflict ? (
        <Decision
          key={conflict.newer.etag}
          conflict={conflict}
          fields={fields}
          newer={textsOf(conflict.newer.value)}
          account={props.account}
          overwrite={() => send(conflict.mine, conflict.newer.etag, conflict.base)}
          takeNewer={() => takeNewer(conflict)}
          onClose={onClose}
        />
      ) : base ? (
        <Form key={base.etag} label={props.title} submit="Save" act={submit(base)} account={props.account} keeps hasFocus onCancel={onClose}>
          {fields.map((field) => field.input(field.of(base.value)))}
        </Form>
      ) : (
        <>
          {first.error ? <ProblemNotice error={first.error} /> : <p class="loading">Loading…</p>}
          <div class="buttons">
            <button type="button" class="quiet" onClick={onClose}>
              Close
            </button>
          </div>
        </>
      )}
    </Dialog>
  );
}

/** Shows what the user has changed beside the newer values. */
function Decision<T>(props: {
  conflict: Conflict<T>;
  fields: EditorField<T>[];
  newer: Texts;
  account: string;
  overwrite: () => Promise<unknown>;
  takeNewer: () => void;
  onClose: () => void;
}) {
  const { conflict, fields, newer } = props;
  const { mine } = conflict;
  const save = useAction(props.overwrite);
  const first = useRef<HTMLButtonElement>(null);
  useEffect(() => first.current?.focus(), []);
  const cell = ({ show = (text: string) => text }: EditorField<T>, text: string | undefined) =>
    text === undefined ? <span class="muted">Not changed</span> : text === "" ? <span class="muted">Empty</span> : show(text);
  return (
    <>
      <ProblemNotice error={conflict.error}>
        It was changed while you edited it.{" "}
        {conflict.mayBeSaved
          ? "An attempt of yours got no response: it may have been saved, and changed again since."
          : "Nothing of yours is saved yet."}{" "}
        What you did not change keeps its newer value in any case.
      </ProblemNotice>
      <Table label="Both versions" head={["Field", "Yours", "Newer"]}>
        {fields.map((field) => (
          <tr key={field.name}>
            <th scope="row">{field.label}</th>
            <td>{cell(field, mine[field.name])}</td>
            <td>{cell(field, newer[field.name] ?? "")}</td>
          </tr>
        ))}
      </Table>
      {save.error && <ProblemNotice error={save.error} account={props.account} />}
      <div class="buttons">
        <button type="button" class="primary" disabled={save.isRunning} onClick={() => void save.run()}>
          Save mine
        </button>
        <button type="button" ref={first} class="quiet" onClick={props.takeNewer}>
          Edit the newer values
        </button>
        <button type="button" class="quiet" onClick={props.onClose}>
          Cancel
        </button>
      </div>
    </>
  );
}
