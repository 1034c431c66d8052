/** Seconds that an answer may be used: `Cache-Control: max-age` less `Age` (RFC 9111 §4.2), kept within bounds. */
export function lifetime(
  headers: Headers,
  {
    least,
    most,
    otherwise,
  }: { readonly least: number; readonly most: number; readonly otherwise: number },
): number {
  const control = headers.get('cache-control')?.toLowerCase() ?? ''
  if (/\bno-(?:store|cache)\b/.test(control)) return least
  const maxAge = /\bmax-age\s*=\s*"?(\d{1,10})\b/.exec(control)?.[1]
  if (maxAge === undefined) return otherwise
  const age = Number(/^\d{1,10}$/.exec(headers.get('age')?.trim() ?? '')?.[0] ?? 0)
  return Math.min(most, Math.max(least, Number(maxAge) - age))
}
