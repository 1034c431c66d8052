/** The first cause with a text: what undici and the resolver say is two or three levels down. */
export function describe(error: unknown, depth = 5): string {
  if (!(error instanceof Error)) return String(error)
  const inner: unknown = error instanceof AggregateError ? error.errors[0] : error.cause
  if (depth > 0 && (inner instanceof Error || typeof inner === 'string')) {
    return describe(inner, depth - 1)
  }
  return error.message === '' ? String(error) : error.message
}
