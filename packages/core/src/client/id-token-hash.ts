const digests: ReadonlyMap<string, string> = new Map([
  ['256', 'SHA-256'],
  ['384', 'SHA-384'],
  ['512', 'SHA-512'],
])

// RFC 8032 §5.1: the hash that Ed25519 itself uses.
const digestOf = (algorithm: string): string | undefined =>
  algorithm === 'EdDSA' || algorithm === 'Ed25519'
    ? 'SHA-512'
    : digests.get(/^(?:RS|PS|ES)(\d+)$/.exec(algorithm)?.[1] ?? '')

/**
 * The half of a hash that an ID token names a token, a code or a state by (OpenID Connect Core §3.1.3.6,
 * §3.3.2.11); `undefined` where no hash goes with the algorithm of the signature.
 */
export async function halfHash(value: string, algorithm: string): Promise<string | undefined> {
  const name = digestOf(algorithm)
  if (name === undefined) return undefined
  const bytes = await globalThis.crypto.subtle.digest(name, new TextEncoder().encode(value))
  return Buffer.from(bytes.slice(0, bytes.byteLength / 2)).toString('base64url')
}
