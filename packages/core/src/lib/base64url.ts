// What the last character may be where the text does not end on a whole group: its surplus bits are zero.
const canonical: readonly (string | undefined)[] = [undefined, '', 'AQgw', 'AEIMQUYcgkosw048']

/**
 * Number of bytes that a base64url text stands for, where it could be one as RFC 7515 §2 writes it: no
 * padding, no surplus bits, no other alphabet. Strange characters show only when it is decoded.
 */
export function canonicalSize(text: string): number | undefined {
  if (text.includes('+') || text.includes('/')) return undefined
  const last = canonical[text.length & 3]
  if (last !== undefined && (last === '' || !last.includes(text.charAt(text.length - 1)))) {
    return undefined
  }
  return (text.length * 3) >> 2
}

/** Whether a value is a text in the alphabet of base64url, as the numbers of a JWK are. */
export const isBase64url = (value: unknown): value is string =>
  typeof value === 'string' && /^[\w-]+$/.test(value)

// Read before the next decoding, so that a token costs no buffers of its own.
const scratch = Buffer.allocUnsafeSlow(16_384)

/**
 * Decodes base64url in strict form; `undefined` for anything else. The text must be ASCII. The bytes
 * are lent: the next decoding writes over them.
 */
export function lentFromBase64url(text: string): Uint8Array | undefined {
  const size = canonicalSize(text)
  if (size === undefined) return undefined
  const target = size > scratch.length ? Buffer.allocUnsafe(size) : lendable(size)
  // Buffer passes over what it does not know: then there are fewer bytes than the characters promise.
  return target.write(text, 0, size, 'base64url') === size ? target : undefined
}

// Signatures are all of a size, or of two: the view of the last one mostly serves again.
let lent = scratch.subarray(0, 256)

function lendable(size: number): Buffer {
  if (lent.length !== size) lent = scratch.subarray(0, size)
  return lent
}

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Decodes base64url of UTF-8 text, both in strict form; `undefined` for anything else. */
export function textFromBase64url(text: string): string | undefined {
  const size = canonicalSize(text)
  if (size === undefined) return undefined
  const target = size > scratch.length ? Buffer.allocUnsafe(size) : scratch
  if (target.write(text, 0, size, 'base64url') !== size) return undefined
  const decoded = target.toString('utf8', 0, size)
  // A replacement character is either in the text or stands for bytes that are not UTF-8.
  return decoded.includes('\uFFFD') ? strictText(target.subarray(0, size)) : decoded
}

function strictText(bytes: Uint8Array): string | undefined {
  try {
    return strictUtf8.decode(bytes)
  } catch {
    return undefined
  }
}
