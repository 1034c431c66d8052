/**
 * For requests to issuers. How old an answer may be is decided here: frameworks that patch `fetch`, as Next.js
 * does, keep answers for longer, or for ever. The types of Node do not have the member yet.
 */
export const uncached: { readonly cache: 'no-store' } = { cache: 'no-store' }
