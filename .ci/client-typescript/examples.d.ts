// What the examples of the documents leave out.

declare const headroom: import("@headroom/client").Headroom;
declare const account: import("@headroom/client").AccountResource;
declare const responseOf: typeof import("@headroom/client").responseOf;
declare function offer(plans: readonly string[], at?: string | null): void;
declare function showPrices(): void;
declare function accountOf(request: object): string;

interface ExpressResponse {
  set(name: string, value: string | undefined): ExpressResponse;
  json(body: object): void;
}
declare const app: { get(path: string, handler: (request: object, response: ExpressResponse) => Promise<void>): void };
