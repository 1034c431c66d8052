import { constants, createPublicKey, verify } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { compactVerify, importJWK, jwtVerify, type JWK } from 'jose'
import { describe, expect, test } from 'vitest'
import { codeOf, neverFetch } from '../../../../../test/e2e/support/scene.ts'
import { createTestKey } from '../../../../../test/e2e/support/signing.ts'
import { readKeySet, type PublicKey } from '../../issuer/key-set.ts'
import { jwt } from './jwt.ts'
import { bindSignatureCheck, fits, isAlgorithm, type Algorithm } from './signature.ts'

interface Example {
  readonly section: string
  readonly title: string
}

interface Vector extends Example {
  readonly alg: string
  readonly key?: JWK
  readonly token: string
  /** The code of the refusal, for examples that no guard may accept. */
  readonly refused?: string
}

/** An example without a signature: it gets one of ours. */
interface Unsigned extends Example {
  readonly header: { readonly kid: string }
  readonly claims: Readonly<Record<'iss' | 'aud' | 'sub' | 'client_id' | 'scope', string>> &
    Readonly<Record<'exp' | 'iat', number>>
}

const folder = new URL('vectors/', import.meta.url)
const examples = readdirSync(folder)
  .toSorted()
  .map((file): Vector | Unsigned => JSON.parse(readFileSync(new URL(file, folder), 'utf8')))
const unsigned = examples.filter((example) => 'claims' in example)
const vectors = examples.filter((example) => 'token' in example)
const signed = vectors.filter(({ refused }) => refused === undefined)
const unacceptable = vectors.filter(({ refused }) => refused !== undefined)

const jwkOf = ({ key }: Vector): JWK => {
  if (key === undefined) throw new Error('the vector has no key')
  return key
}

const published = (vector: Vector): PublicKey => {
  const [key] = readKeySet({ keys: [vector.key] })
  if (key === undefined) throw new Error('the key of the vector was passed over')
  return key
}

const algorithmOf = ({ alg }: Vector): Algorithm => {
  if (!isAlgorithm(alg)) throw new Error(`${alg} is unknown`)
  return alg
}

const taken = ({ token }: Vector) => {
  const end = token.lastIndexOf('.')
  return { input: token.slice(0, end), signature: Buffer.from(token.slice(end + 1), 'base64url') }
}

test('the folder holds the examples of four documents', () => {
  const documents = examples.map(({ section }) => section.split(' ').slice(0, 2).join(' '))
  expect(new Set(documents)).toEqual(new Set(['RFC 7515', 'RFC 7520', 'RFC 8037', 'RFC 9068']))
  expect(signed.length).toBeGreaterThanOrEqual(7)
})

describe.each(signed)('$section: $title', (vector) => {
  test('the example itself is as published: node:crypto and jose agree with it', async () => {
    const { input, signature } = taken(vector)
    const options = {
      key: createPublicKey({ key: { ...jwkOf(vector) }, format: 'jwk' }),
      dsaEncoding: 'ieee-p1363' as const,
      ...(vector.alg.startsWith('PS') && {
        padding: constants.RSA_PKCS1_PSS_PADDING,
        saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
      }),
    }
    const digest = vector.alg === 'EdDSA' ? null : `sha${vector.alg.slice(2)}`
    expect(verify(digest, Buffer.from(input), options, signature)).toBe(true)
    const opened = await compactVerify(vector.token, await importJWK(jwkOf(vector), vector.alg))
    expect(opened.protectedHeader.alg).toBe(vector.alg)
  })

  test('our check says the same', async () => {
    const key = published(vector)
    const { input, signature } = taken(vector)
    expect(fits(key, algorithmOf(vector))).toBe(true)
    expect(await bindSignatureCheck(key, algorithmOf(vector))(input, signature)).toBe(true)
  })

  test('one bit of the signature or of the content decides', async () => {
    const { input, signature } = taken(vector)
    const check = bindSignatureCheck(published(vector), algorithmOf(vector))
    const bent = Buffer.from(signature)
    bent.writeUInt8(bent.readUInt8(20) ^ 1, 20)
    expect(await check(input, bent)).toBe(false)
    expect(await check(`f${input.slice(1)}`, signature)).toBe(false)
    expect(await check(input.slice(0, -1), signature)).toBe(false)
  })
})

describe.each(unacceptable)('$section: $title', ({ token, refused, alg }) => {
  test(`is refused with ${refused}, and ${alg} cannot be switched on`, async () => {
    const audience = 'anything'
    const jwks = { keys: [createTestKey('ES256').jwk] }
    const trusted = { issuer: 'https://id.test', audience, jwks }
    const verifier = jwt({ issuers: [trusted], fetch: neverFetch })
    expect(await codeOf(() => verifier.verify(token))).toBe(refused)
    // A programmer in JavaScript can write what the types forbid.
    const forbidden = { ...trusted, algorithms: [alg as Algorithm] }
    expect(await codeOf(() => jwt({ issuers: [forbidden] }))).toBe('configuration_invalid')
  })
})

describe.each(unsigned)('$section: $title', ({ header, claims }) => {
  test('is accepted under the whole profile and read as the document says', async () => {
    const key = createTestKey('RS256', header.kid)
    const token = key.sign({ ...header }, { ...claims })
    const jwks = { keys: [key.jwk] }
    const now = () => claims.iat * 1000
    const trusted = { issuer: claims.iss, audience: claims.aud, profile: 'rfc9068', jwks } as const
    const access = await jwt({ issuers: [trusted], now, fetch: neverFetch }).verify(token)
    expect(access).toMatchObject({
      issuer: claims.iss,
      subject: claims.sub,
      client: claims.client_id,
      scopes: claims.scope.split(' '),
      audience: [claims.aud],
      expiresAt: claims.exp,
    })
    const judged = await jwtVerify(token, await importJWK(key.jwk, 'RS256'), {
      issuer: claims.iss,
      audience: claims.aud,
      typ: 'at+jwt',
      currentDate: new Date(claims.iat * 1000),
    })
    expect(judged.payload).toEqual(access.claims)
  })
})
