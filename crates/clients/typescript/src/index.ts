// @headroom/client: what the package exports.

export type { Checked, Unchecked } from "./checked.js";
export { Headroom } from "./client.js";
export type {
  AnyHeadroomError,
  ConnectionCode,
  ErrorCode,
  LimitCode,
  ServerCode,
  ValidationCode,
} from "./errors.js";
export {
  ConnectionFailed,
  HeadroomError,
  isHeadroomError,
  LimitExceeded,
  OverLimit,
  RequestRefused,
  ValidationFailed,
} from "./errors.js";
export type * from "./generated/schemas.js";
export { List, type Page } from "./list.js";
export type {
  ApiKeyCredentials,
  Credentials,
  HeadroomOptions,
  NoCredentials,
  PasswordCredentials,
  Settings,
  TokenCredentials,
} from "./options.js";
export type {
  AccountResource,
  FailOpenOptions,
  FeatureQuestion,
  LimitQuestion,
  UncheckedEntitlements,
} from "./resources/account.js";
export { type ResponseInfo, responseOf } from "./response.js";
export type {
  AllOptions,
  BodyOf,
  DryRunOptions,
  FiltersOf,
  GetOptions,
  IfMatchOptions,
  InputOf,
  OperationId,
  PathOf,
  PostOptions,
  QueryOf,
  RequestOptions,
  ResultOf,
} from "./types.js";
