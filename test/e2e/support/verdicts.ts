import {
  createCipheriv,
  createPublicKey,
  createSecretKey,
  generateKeyPairSync,
  randomBytes,
  verify,
  type KeyObject,
} from 'node:crypto'
import { Outage, Refusal, jwt } from '@portcullis/core'
import {
  CompactEncrypt,
  compactDecrypt,
  createLocalJWKSet,
  decodeProtectedHeader,
  jwtVerify,
  type CompactJWEHeaderParameters,
} from 'jose'
import { expect } from 'vitest'
import { audience, goodClaims, issuer, neverFetch, start } from './scene.ts'
import { createTestKey, encode, keyFrom, without, type TestKey } from './signing.ts'

const tolerance = 5
const canSign448 = (() => {
  try {
    return generateKeyPairSync('ed448').privateKey.asymmetricKeyType === 'ed448'
  } catch {
    return false
  }
})()
/** One key for each way of checking: two paddings of RSA, on the event loop, and in the thread pool. */
const makeKeys = (rsa: KeyObject): readonly TestKey[] => [
  keyFrom(rsa, 'RS256', 'key-RS256'),
  keyFrom(rsa, 'PS256', 'key-PS256'),
  ...['ES256', 'ES384', 'EdDSA', ...(canSign448 ? ['Ed448'] : [])].map((alg) =>
    createTestKey(alg, `key-${alg}`),
  ),
]
const rsaPair = () => generateKeyPairSync('rsa', { modulusLength: 2048 })
const [pair, ecPair] = [rsaPair(), generateKeyPairSync('ec', { namedCurve: 'P-256' })]
const secret = createSecretKey(randomBytes(32))
/** Keys that the issuer publishes. */
export const genuine: readonly TestKey[] = makeKeys(pair.privateKey)
/** Others under the same names. */
export const forged: readonly TestKey[] = makeKeys(rsaPair().privateKey)
const jwks = { keys: genuine.map(({ jwk }) => jwk) }
// RFC 9864 §2.2: for us `EdDSA` and `Ed25519` say the same of a key that is bound to either, for jose
// only of one that is bound to neither.
const unbound = genuine.map(({ jwk }) => (jwk.kty === 'OKP' ? without(jwk, 'alg') : jwk))
const keySet = createLocalJWKSet({ keys: unbound })
const opening: Readonly<Record<string, KeyObject>> = {
  dir: secret,
  'RSA-OAEP-256': pair.privateKey,
  'ECDH-ES': ecPair.privateKey,
}
const decryptionKeys = Object.entries(opening).map(([alg, key]) => ({
  kid: `key-${alg}`,
  ...key.export({ format: 'jwk' }),
}))
const judge = (cache: false | object) =>
  jwt({
    issuers: [{ issuer, audience, jwks, clockTolerance: tolerance }],
    decryptionKeys,
    now: () => start * 1000,
    cache,
    fetch: neverFetch,
  })
const [fresh, remembering] = [judge(false), judge({ entries: 20 })]

/** Encrypts under a header of exactly this text, which no library would write. */
export function seal(header: string, text: string): string {
  const [head, iv] = [encode(header), randomBytes(12)]
  const cipher = createCipheriv('aes-256-gcm', secret, iv).setAAD(Buffer.from(head))
  const sealed = Buffer.concat([cipher.update(text), cipher.final()])
  const parts = [iv, sealed, cipher.getAuthTag()].map((part) => part.toString('base64url'))
  return [head, '', ...parts].join('.')
}

/** `genuine`, or the code of the refusal. Anything but a refusal is thrown on: it would be a 500. */
export async function ours(token: string): Promise<string> {
  const ask = async (verifier: typeof fresh) => {
    try {
      await verifier.verify(token)
      return 'genuine'
    } catch (error) {
      if (!Refusal.is(error) || Outage.is(error)) throw error
      return error.code
    }
  }
  const code = await ask(fresh)
  // Twice, so that a hit is seen as well: what is remembered must not differ from what is found.
  expect([await ask(remembering), await ask(remembering)]).toEqual([code, code])
  return code
}

/** What jose says, asked for the same. */
export async function theirs(token: string): Promise<'genuine' | 'refused'> {
  try {
    const inner = token.split('.').length === 5 ? await opened(token) : token
    await jwtVerify(standIn(inner), keySet, {
      issuer,
      audience,
      clockTolerance: tolerance,
      currentDate: new Date(start * 1000),
      requiredClaims: ['exp'],
    })
    return 'genuine'
  } catch {
    return 'refused'
  }
}

async function opened(token: string): Promise<string> {
  const keyOf = ({ alg, kid = `key-${alg}` }: CompactJWEHeaderParameters) => {
    const key = kid === `key-${alg}` ? opening[alg] : undefined
    if (key === undefined) throw new Error('no such key')
    return key
  }
  const { plaintext } = await compactDecrypt(token, keyOf)
  return Buffer.from(plaintext).toString()
}

/** The same token under another key, where its own signature is good: jose does not know Ed448. */
function standIn(token: string): string {
  const [key, other] = ['Ed448', 'EdDSA'].map((alg) => genuine.find(({ jwk }) => jwk.alg === alg))
  const { alg, kid, ...header } = decodeProtectedHeader(token)
  if (key === undefined || other === undefined) return token
  // RFC 9864 §2.2: `EdDSA` and a key on that curve say the same.
  const isMeant =
    kid === key.kid ? alg === 'Ed448' || alg === 'EdDSA' : alg === 'Ed448' && kid === undefined
  if (!isMeant) return token
  const [, payload = '', signature = ''] = token.split('.')
  const input = Buffer.from(token.slice(0, token.lastIndexOf('.')))
  const publicKey = createPublicKey(key.privateKey)
  if (!verify(null, input, publicKey, Buffer.from(signature, 'base64url'))) return token
  const stand = { ...header, alg: 'EdDSA', kid: other.kid }
  return other.sign(stand, Buffer.from(payload, 'base64url').toString())
}

// What we refuse although jose takes it: spelling, kinds of tokens, header members, types of claims.
const stricter = new Set([
  'token_too_large',
  'token_malformed',
  'token_header_refused',
  'token_type_refused',
  'token_unverifiable',
  'token_claim_invalid',
  'token_not_yet_valid',
  // `EdDSA` without a name may be the key on either curve.
  'token_key_ambiguous',
])

/** We accept nothing that jose refuses with the same demands, and refuse no more than is written down. */
export async function compare(token: string): Promise<void> {
  const [verdict, judgement] = [await ours(token), await theirs(token)]
  if (verdict === 'genuine') expect([token, judgement]).toEqual([token, 'genuine'])
  else if (judgement === 'genuine') expect([...stricter]).toContain(verdict)
}

/** A good token of each key. */
export const signed: readonly string[] = genuine.map((key) => key.token(goodClaims()))
const encrypt = (alg: string, key: KeyObject, index: number) =>
  new CompactEncrypt(Buffer.from(signed[index] ?? ''))
    .setProtectedHeader({ alg, enc: 'A256GCM', kid: `key-${alg}`, cty: 'JWT' })
    .encrypt(key)
/** Some of them, encrypted in each way. */
export const encrypted: readonly string[] = await Promise.all([
  encrypt('dir', secret, 2),
  encrypt('RSA-OAEP-256', pair.publicKey, 3),
  encrypt('ECDH-ES', ecPair.publicKey, 4),
])
