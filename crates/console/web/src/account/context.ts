// What the parts of an account's page share: the account, its figures, and the catalogue.

import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { Schemas } from "../lib/api";

/** A metric of the catalogue, or one of the built-in ones. */
export type Metric = Pick<Schemas["Metric"], "key" | "meter" | "kind" | "window">;

export interface AccountData {
  account: Schemas["Account"];
  entitlements: Schemas["AccountEntitlements"];
  plans: Schemas["Plan"][];
  metrics: Metric[];
  features: Schemas["Feature"][];
}

const BUILT_IN: Metric[] = [
  { key: "staff", meter: "staff", kind: "gauge", window: null },
  { key: "bookings_per_day", meter: "bookings", kind: "counter", window: "day" },
];

/** The metrics of a catalogue: it lists them only if it has others than the built-in ones. */
export function metricsOf(catalogue: Schemas["PlanList"]): Metric[] {
  return catalogue.metrics ?? BUILT_IN;
}

/** The meters of some metrics, each once. */
export function metersOf(metrics: Metric[]): string[] {
  return [...new Set(metrics.map((metric) => metric.meter))];
}

export const AccountContext = createContext<AccountData | null>(null);

export function useAccount(): AccountData {
  const data = useContext(AccountContext);
  if (data === null) {
    throw new Error("this component needs an account");
  }
  return data;
}
