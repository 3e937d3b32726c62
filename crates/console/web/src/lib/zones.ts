// The time zones that the browser knows, for a choice.

export function zones(current: string): { value: string; label: string }[] {
  const known = new Set(["UTC", current, ...Intl.supportedValuesOf("timeZone")]);
  return [...known].map((zone) => ({ value: zone, label: zone }));
}
