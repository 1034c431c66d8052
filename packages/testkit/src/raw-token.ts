import { constants, sign, type SignKeyObjectInput } from 'node:crypto'
import type { SigningKey } from './signing-key.ts'

type Part = Readonly<Record<string, unknown>> | string

/** Signs the parts as they are: what a JOSE library would never let through is the point of it. */
export function signRaw(header: Part, payload: Part, key: SigningKey): string {
  const input = `${encode(header)}.${encode(payload)}`
  const digest = key.alg === 'EdDSA' ? undefined : `sha${key.alg.slice(2)}`
  return `${input}.${sign(digest, Buffer.from(input), how(key)).toString('base64url')}`
}

const encode = (part: Part): string =>
  Buffer.from(typeof part === 'string' ? part : JSON.stringify(part)).toString('base64url')

function how({ alg, privateKey }: SigningKey): SignKeyObjectInput {
  if (alg.startsWith('ES')) return { key: privateKey, dsaEncoding: 'ieee-p1363' }
  if (!alg.startsWith('PS')) return { key: privateKey }
  // RFC 7518 §3.5: the salt is as long as the digest.
  const saltLength = constants.RSA_PSS_SALTLEN_DIGEST
  return { key: privateKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength }
}
