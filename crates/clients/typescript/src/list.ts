// Lists, which come in pages.

/** One page of a list. */
export interface Page<Item> {
  readonly data: Item[];
  /** The cursor of the next page; null for the last one. */
  readonly next_cursor: string | null;
}

/** All items of a list. Iterate over it with `for await`: pages are requested when they are needed. */
export class List<Item> implements AsyncIterable<Item> {
  readonly #request: (cursor: string | undefined) => Promise<Page<Item>>;

  /** @internal */
  constructor(request: (cursor: string | undefined) => Promise<Page<Item>>) {
    this.#request = request;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Item, void, undefined> {
    for await (const page of this.pages()) yield* page.data;
  }

  /** One page: the first, or that of a cursor. It may be empty and still have a next one. */
  page(cursor?: string): Promise<Page<Item>> {
    return this.#request(cursor);
  }

  /** All pages. */
  async *pages(): AsyncGenerator<Page<Item>, void, undefined> {
    let cursor: string | undefined;
    do {
      const page = await this.#request(cursor);
      yield page;
      cursor = page.next_cursor ?? undefined;
    } while (cursor !== undefined);
  }

  /** The first item, or undefined. */
  async first(): Promise<Item | undefined> {
    for await (const item of this) return item;
    return undefined;
  }

  /** The items as an array, at most as many as `max`. */
  async toArray(max: number): Promise<Item[]> {
    const items: Item[] = [];
    if (max <= 0) return items;
    for await (const item of this) {
      items.push(item);
      if (items.length >= max) break;
    }
    return items;
  }
}
