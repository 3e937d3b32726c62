// Forms: labelled fields, with the faults that the API finds beside the field that they are about.

import { type ComponentChildren, createContext } from "preact";
import { useContext, useEffect, useId, useRef } from "preact/hooks";
import type { ApiError } from "../lib/api";
import { useAction } from "../lib/live";
import { useSay } from "../lib/session";
import { ProblemNotice, RequestId } from "./problem";

const FormError = createContext<ApiError | undefined>(undefined);

/** The values of a form's fields, as text. */
export class Fields {
  constructor(private readonly data: FormData) {}

  text(name: string): string {
    return String(this.data.get(name) ?? "").trim();
  }

  /** As it was typed: for passwords, and for what is compared with the text that was there. */
  raw(name: string): string {
    return String(this.data.get(name) ?? "").replaceAll("\r\n", "\n");
  }

  /** Null if it is empty. */
  optional(name: string): string | null {
    return this.text(name) || null;
  }

  /** Null if it is empty or not a number. */
  number(name: string): number | null {
    const text = this.text(name);
    return text === "" || Number.isNaN(Number(text)) ? null : Number(text);
  }

  has(name: string): boolean {
    return this.data.has(name);
  }
}

export function Form(props: {
  label: string;
  submit: string;
  /** Sends the request, and returns what to say about it. */
  act: (fields: Fields) => Promise<string | void>;
  account?: string;
  isInline?: boolean;
  /** Keeps what was typed after a success. */
  keeps?: boolean;
  /** The first field has the focus at first: for a form that appears in a dialog later than the dialog. */
  hasFocus?: boolean;
  isDangerous?: boolean;
  onCancel?: () => void;
  children?: ComponentChildren;
}) {
  const say = useSay();
  const form = useRef<HTMLFormElement>(null);
  const action = useAction(async (fields: Fields) => {
    const said = await props.act(fields);
    if (said) {
      say(said);
    }
  });
  useEffect(() => {
    if (props.hasFocus) {
      form.current?.querySelector<HTMLElement>("input, select, textarea")?.focus();
    }
  }, []);
  const isAtFields = action.error !== undefined && isOfFields(action.error, form.current);
  useEffect(() => {
    if (isAtFields) {
      form.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
    }
  }, [action.error]);
  const submit = async (event: Event) => {
    event.preventDefault();
    const element = form.current!;
    if ((await action.run(new Fields(new FormData(element)))) && !props.keeps) {
      element.reset();
    }
  };
  return (
    <form ref={form} class={props.isInline ? "form form-inline" : "form"} aria-label={props.label} onSubmit={(event) => void submit(event)}>
      <FormError.Provider value={action.error}>{props.children}</FormError.Provider>
      <div class="buttons">
        <button type="submit" class={props.isDangerous ? "primary danger" : "primary"} disabled={action.isRunning}>
          {props.submit}
        </button>
        {props.onCancel && (
          <button type="button" class="quiet" onClick={props.onCancel}>
            Cancel
          </button>
        )}
      </div>
      {action.error && isAtFields && <RequestId error={action.error} />}
      {action.error && !isAtFields && <ProblemNotice error={action.error} {...(props.account === undefined ? {} : { account: props.account })} />}
    </form>
  );
}

/** Whether each fault is shown at a field of the form. */
function isOfFields({ problem: { errors = [] } }: ApiError, form: HTMLFormElement | null): boolean {
  return errors.length > 0 && errors.every(({ pointer }) => form !== null && form.elements.namedItem(pointer.slice(1)) !== null);
}

interface FieldProps {
  name: string;
  label: string;
  hint?: string;
  required?: boolean;
}

/** The attributes of a field's input, with its label around it. */
function useField({ name, hint }: FieldProps) {
  const id = useId();
  const error = useContext(FormError);
  const fault = error?.problem.errors?.find((it) => it.pointer === `/${name}`);
  const described = [hint && `${id}-hint`, fault && `${id}-fault`].filter(Boolean).join(" ");
  return { id, fault, attributes: { id, name, "aria-invalid": fault !== undefined, ...(described && { "aria-describedby": described }) } };
}

function Labelled({ field, id, fault, children }: { field: FieldProps; id: string; fault: { detail: string } | undefined; children: ComponentChildren }) {
  return (
    <div class="field">
      <label for={id}>
        {field.label}
        {!field.required && <span class="optional"> optional</span>}
      </label>
      {children}
      {field.hint && (
        <p class="hint" id={`${id}-hint`}>
          {field.hint}
        </p>
      )}
      {fault && (
        <p class="fault" id={`${id}-fault`}>
          {fault.detail}
        </p>
      )}
    </div>
  );
}

export function Field(
  props: FieldProps & {
    type?: "text" | "password" | "number" | "date" | "datetime-local" | "email" | "search";
    value?: string | number;
    min?: number;
    max?: number;
    autocomplete?: string;
    /** Values to choose from; others can be typed. */
    suggestions?: string[];
  },
) {
  const { id, fault, attributes } = useField(props);
  const { type = "text", value, min, max, autocomplete = "off", required = false } = props;
  return (
    <Labelled field={props} id={id} fault={fault}>
      <input
        {...attributes}
        // The types of the attributes differ by the type of the input: what is set here, all of these have.
        type={type as "text"}
        required={required}
        autocomplete={autocomplete}
        spellcheck={false}
        {...(value === undefined ? {} : { defaultValue: String(value) })}
        {...(min === undefined ? {} : { min })}
        {...(max === undefined ? {} : { max })}
        {...(props.suggestions === undefined ? {} : { list: `${id}-suggestions` })}
      />
      {props.suggestions && (
        <datalist id={`${id}-suggestions`}>
          {props.suggestions.map((suggestion) => (
            <option key={suggestion} value={suggestion} />
          ))}
        </datalist>
      )}
    </Labelled>
  );
}

export function Choice(
  props: FieldProps & {
    options: { value: string; label: string }[];
    value?: string;
    onChange?: (value: string) => void;
  },
) {
  const { id, fault, attributes } = useField(props);
  return (
    <Labelled field={{ ...props, required: true }} id={id} fault={fault}>
      <select {...attributes} onChange={(event) => props.onChange?.(event.currentTarget.value)}>
        {props.options.map((option) => (
          <option key={option.value} value={option.value} selected={option.value === props.value}>
            {option.label}
          </option>
        ))}
      </select>
    </Labelled>
  );
}

/** A text of several lines. */
export function Area(props: FieldProps & { value?: string; rows?: number }) {
  const { id, fault, attributes } = useField(props);
  return (
    <Labelled field={props} id={id} fault={fault}>
      <textarea {...attributes} rows={props.rows ?? 3} required={props.required ?? false} defaultValue={props.value ?? ""} />
    </Labelled>
  );
}
