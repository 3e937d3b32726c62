// The entries of the package that need other packages.

import { Headroom } from "@headroom/client";
import { HeadroomProvider } from "@headroom/client/openfeature";
import { EntitlementsProvider, entitlementsOf, useEntitlement } from "@headroom/client/react";

const headroom = new Headroom({ baseUrl: "http://localhost:8000" });
const { metadata } = new HeadroomProvider(headroom);
const all = [EntitlementsProvider, useEntitlement, entitlementsOf(headroom.account("acct_1")).load];
if (metadata.name !== "headroom" || all.some((it) => typeof it !== "function")) throw new Error("an entry is not whole");
