// How numbers, times and keys read.

const NUMBER = new Intl.NumberFormat("en");

export const number = (value: number): string => NUMBER.format(value);

/** A limit: null is unlimited. */
export const limit = (value: number | null): string => (value === null ? "Unlimited" : number(value));

/** The words of keys that are abbreviations. */
const ABBREVIATIONS = new Set(["ai", "api", "cpu", "csv", "id", "ip", "saml", "scim", "sla", "sms", "sso", "url"]);

/** `bookings_per_day` is "Bookings per day", `api_calls` is "API calls". */
export function label(key: string): string {
  const words = key.split("_").map((word) => (ABBREVIATIONS.has(word) ? word.toUpperCase() : word));
  const text = words.join(" ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** What a metric limits, unless its key says so: "at the same time", "per month". A window of null is that of a gauge. */
export function span(key: string, window: string | null): string {
  return key.includes("_per_") ? "" : window === null ? "at the same time" : window === "lifetime" ? "in all" : `per ${window}`;
}

export const plural = (count: number, one: string, many = `${one}s`): string => `${number(count)} ${count === 1 ? one : many}`;

export function dateTime(instant: string, timeZone?: string): string {
  const format = new Intl.DateTimeFormat("en-GB", {
    day: "numeric",
    month: "short",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    ...(timeZone === undefined ? {} : { timeZone }),
  });
  return format.format(new Date(instant));
}

/** The time zone of the browser, in which times are shown that are not of an account's windows. */
export const ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** The heading or the label of times that are in this zone. */
export const inZone = (label: string, zone = ZONE): string => `${label} (${zone})`;

/** An instant in a time zone, which is named. */
export const dateTimeIn = (instant: string, zone: string): string => inZone(dateTime(instant, zone), zone);

/** The time of a day, in milliseconds since 1970. */
export function time(at: number): string {
  return new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" }).format(at);
}

/** A calendar day, `2026-03-29`. */
export function day(text: string): string {
  const format = new Intl.DateTimeFormat("en-GB", { weekday: "short", day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });
  return format.format(new Date(`${text}T00:00:00Z`));
}

const STEPS: [number, Intl.RelativeTimeFormatUnit][] = [
  [60, "second"],
  [60, "minute"],
  [24, "hour"],
  [7, "day"],
  [4.35, "week"],
  [12, "month"],
  [Number.POSITIVE_INFINITY, "year"],
];

/** "in 5 hours", "3 days ago". */
export function relative(instant: string, now = Date.now()): string {
  let amount = (Date.parse(instant) - now) / 1000;
  for (const [size, unit] of STEPS) {
    if (Math.abs(amount) < size) {
      return new Intl.RelativeTimeFormat("en", { numeric: "auto" }).format(Math.round(amount), unit);
    }
    amount /= size;
  }
  return dateTime(instant);
}

/** The day of an instant in a time zone, `2026-03-29`. */
export function dayIn(instant: Date, timeZone: string): string {
  return new Intl.DateTimeFormat("sv-SE", { timeZone, year: "numeric", month: "2-digit", day: "2-digit" }).format(instant);
}

/** A day some days later. */
export function plusDays(text: string, days: number): string {
  const date = new Date(`${text}T00:00:00Z`);
  date.setUTCDate(date.getUTCDate() + days);
  return date.toISOString().slice(0, 10);
}

/** What `<input type="datetime-local">` says, as an RFC 3339 instant; null if it is empty. */
export function instantOfInput(text: string): string | null {
  return text === "" ? null : new Date(text).toISOString();
}

/** What `<input type="datetime-local">` has for an instant, to the minute. */
export function inputOfInstant(instant: string): string {
  const date = new Date(instant);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

/** The value of a feature. */
export function featureValue(value: boolean | number | string): string {
  if (typeof value === "boolean") {
    return value ? "On" : "Off";
  }
  return typeof value === "number" ? number(value) : value || "–";
}
