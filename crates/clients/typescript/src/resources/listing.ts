// Lists of resources: the largest pages, unless the caller asks for smaller ones.

import { List, type Page } from "../list.js";

/** The most items that the server puts on one page. */
const LIMIT_MAX = 100;

/** @internal */
export function listOf<Item, Filters extends { limit?: number | undefined }>(
  filters: Filters,
  request: (query: Filters & { limit: number; cursor?: string }) => Promise<Page<Item>>,
): List<Item> {
  return new List((cursor) => {
    const limit = filters.limit ?? LIMIT_MAX;
    return request({ ...filters, limit, ...(cursor === undefined ? {} : { cursor }) });
  });
}
