// Where the documents of the API are. The page names the place, unless its server serves none.

export const DOCS: string | null = document.querySelector<HTMLMetaElement>('meta[name="docs"]')?.content ?? null;
