// What the last character may be where the text does not end on a whole group: its surplus bits are zero.
const canonical: readonly (string | undefined)[] = [undefined, '', 'AQgw', 'AEIMQUYcgkosw048']

/**
 * Decodes base64url as RFC 7515 §2 writes it: no padding, no white space, no surplus bits, no other
 * alphabet. `undefined` for anything else. The text must be ASCII.
 */
export function fromBase64url(text: string): Buffer | undefined {
  if (text.includes('+') || text.includes('/')) return undefined
  const last = canonical[text.length & 3]
  if (last !== undefined && !last.includes(text.charAt(text.length - 1))) return undefined
  const bytes = Buffer.from(text, 'base64url')
  // Buffer passes over what it does not know: then there are fewer bytes than the characters promise.
  return bytes.length === (text.length * 3) >> 2 && last !== '' ? bytes : undefined
}
