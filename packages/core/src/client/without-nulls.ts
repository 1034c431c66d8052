import { parseObject } from '../lib/json.ts'

/**
 * The body of a token answer without members that are `null`: there are issuers that write it for what
 * they leave out, and RFC 6749 §5.1 gives none of the members a meaning without a value.
 */
export function withoutNulls(
  body: Uint8Array<ArrayBuffer> | null,
): Uint8Array<ArrayBuffer> | string | null {
  const text = Buffer.from(body ?? []).toString()
  // Most answers have none, and stay as they were sent.
  if (!text.includes('null')) return body
  const said = parseObject(text)
  if (said === undefined) return body
  return JSON.stringify(
    Object.fromEntries(Object.entries(said).filter(([, value]) => value !== null)),
  )
}
