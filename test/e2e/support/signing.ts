import { constants, generateKeyPairSync, sign, type KeyObject } from 'node:crypto'
import type { JWK } from 'jose'

/** A key pair of a test, and tokens of exactly the given parts. */
export interface TestKey {
  readonly kid: string
  /** As an issuer would publish it: public members, `kid`, `alg`, `use`. */
  readonly jwk: JWK
  readonly privateKey: KeyObject
  /** Objects are written as JSON, texts as they are. */
  readonly sign: (header: Part, payload: Part) => string
  /** A token with `alg`, `kid` and `typ` of an access token, unless the header says otherwise. */
  readonly token: (payload: Part, header?: Readonly<Record<string, unknown>>) => string
}

export type Part = Readonly<Record<string, unknown>> | string

const makers: Readonly<Record<string, (bits: number) => KeyObject>> = {
  RS: (bits) => generateKeyPairSync('rsa', { modulusLength: bits }).privateKey,
  PS: (bits) => generateKeyPairSync('rsa', { modulusLength: bits }).privateKey,
  ES256: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey,
  ES384: () => generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey,
  ES512: () => generateKeyPairSync('ec', { namedCurve: 'P-521' }).privateKey,
  Ed25519: () => generateKeyPairSync('ed25519').privateKey,
  EdDSA: () => generateKeyPairSync('ed25519').privateKey,
  Ed448: () => generateKeyPairSync('ed448').privateKey,
}

/** Makes a key for an algorithm of JWS, named `kid` (the algorithm where nothing is said). */
export function createTestKey(alg: string, kid: string = alg, bits = 2048): TestKey {
  const make = makers[alg] ?? makers[alg.slice(0, 2)]
  if (make === undefined) throw new TypeError(`no test key for ${alg}`)
  return keyFrom(make(bits), alg, kid)
}

/** The same for a private key that is there already. */
export function keyFrom(privateKey: KeyObject, alg: string, kid: string): TestKey {
  const { kty = '', n, e, crv, x, y } = privateKey.export({ format: 'jwk' })
  const shape = Object.fromEntries(
    Object.entries({ kty, n, e, crv, x, y }).filter(([, value]) => value !== undefined),
  )
  const signParts = (header: Part, payload: Part): string => {
    const input = `${encode(header)}.${encode(payload)}`
    return `${input}.${signBytes(input, alg, privateKey).toString('base64url')}`
  }
  return {
    kid,
    privateKey,
    jwk: { kty, ...shape, kid, alg, use: 'sig' },
    sign: signParts,
    token: (payload, header = {}) => signParts({ alg, kid, typ: 'at+jwt', ...header }, payload),
  }
}

export const encode = (part: Part): string =>
  Buffer.from(typeof part === 'string' ? part : JSON.stringify(part)).toString('base64url')

/** The JWK without some of its members. */
export const without = (jwk: JWK, ...names: readonly string[]): JWK =>
  Object.fromEntries(Object.entries(jwk).filter(([name]) => !names.includes(name))) as JWK

function signBytes(input: string, alg: string, key: KeyObject): Buffer {
  const digest = alg.startsWith('Ed') ? undefined : `sha${alg.slice(2)}`
  if (alg.startsWith('PS')) {
    const saltLength = constants.RSA_PSS_SALTLEN_DIGEST
    const padding = constants.RSA_PKCS1_PSS_PADDING
    return sign(digest, Buffer.from(input), { key, padding, saltLength })
  }
  return sign(digest, Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' })
}
