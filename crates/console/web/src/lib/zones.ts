// The time zones that the browser knows, as suggestions: it has one name of each, and the server accepts the others, too.

export const zones = (): string[] => ["UTC", ...Intl.supportedValuesOf("timeZone").filter((zone) => zone !== "UTC")];
