// Who is signed in, and how to tell them something, for every component.

import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { Schemas } from "./api";

export interface Session {
  user: Schemas["User"];
  /** Whether an API key acts for the user: a key cannot manage users and keys. */
  isKey: boolean;
}

export const SessionContext = createContext<Session | null>(null);

export function useSession(): Session {
  const session = useContext(SessionContext);
  if (session === null) {
    throw new Error("this component needs a session");
  }
  return session;
}

/** Shows a short message, which screen readers say. */
export const SayContext = createContext<(message: string) => void>(() => {});

export const useSay = () => useContext(SayContext);
