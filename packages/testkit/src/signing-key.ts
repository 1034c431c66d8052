import { createHash, generateKeyPair, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { promisify } from 'node:util'
import type { JWK } from 'jose'

/** The signature algorithms that the testkit can sign with. */
export type SigningAlgorithm =
  | 'RS256'
  | 'RS384'
  | 'RS512'
  | 'PS256'
  | 'PS384'
  | 'PS512'
  | 'ES256'
  | 'ES384'
  | 'ES512'
  | 'EdDSA'

/** A key pair with the name and the algorithm that its issuer publishes. */
export interface SigningKey {
  readonly kid: string
  readonly alg: SigningAlgorithm
  readonly privateKey: KeyObject
  /** As published: public members, `kid`, `alg`, `use`. */
  readonly jwk: JWK
}

const curves = new Map<SigningAlgorithm, string>([
  ['ES256', 'P-256'],
  ['ES384', 'P-384'],
  ['ES512', 'P-521'],
])
const rsa = { modulusLength: 2048 }
const makeRsa = promisify(generateKeyPair)

/** Makes a key at once, for factories that are not asynchronous. */
export function createSigningKey(alg: SigningAlgorithm): SigningKey {
  if (alg.startsWith('RS') || alg.startsWith('PS')) {
    return named(alg, generateKeyPairSync('rsa', rsa).privateKey)
  }
  return named(alg, elliptic(alg))
}

/** Makes a key without holding up the event loop. */
export async function generateSigningKey(alg: SigningAlgorithm): Promise<SigningKey> {
  if (!alg.startsWith('RS') && !alg.startsWith('PS')) return createSigningKey(alg)
  const { privateKey } = await makeRsa('rsa', rsa)
  return named(alg, privateKey)
}

function elliptic(alg: SigningAlgorithm): KeyObject {
  if (alg === 'EdDSA') return generateKeyPairSync('ed25519').privateKey
  const namedCurve = curves.get(alg)
  if (namedCurve === undefined) throw new TypeError(`the testkit cannot sign with ${alg}`)
  return generateKeyPairSync('ec', { namedCurve }).privateKey
}

function named(alg: SigningAlgorithm, privateKey: KeyObject): SigningKey {
  const parts = privateKey.export({ format: 'jwk' })
  const { kty = '', n, e, crv, x, y } = parts
  const members = Object.entries({ kty, n, e, crv, x, y }).filter(
    ([, value]) => value !== undefined,
  )
  const shape = Object.fromEntries(members)
  const digest = createHash('sha256').update(JSON.stringify(shape)).digest('base64url')
  const kid = `${alg.toLowerCase()}-${digest.slice(0, 12)}`
  return { kid, alg, privateKey, jwk: { kty, ...shape, kid, alg, use: 'sig' } }
}
