import { generateKeyPairSync, hash } from 'node:crypto'
import { createAuthorizationServer, createClock } from '@portcullis/testkit'
import {
  compactDecrypt,
  decodeJwt,
  decodeProtectedHeader,
  importJWK,
  jwtVerify,
  type JWK,
} from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createClientScene, rejection } from '../../../../../test/e2e/support/endpoints.ts'
import {
  arrive,
  begin,
  callback,
  registeredAt,
  signIn,
} from '../../../../../test/e2e/support/sign-in.ts'
import { ConfigurationError } from '../../errors/configuration.ts'
import { jar, type JarOptions } from './jar.ts'

const start = 1_700_000_000
const clock = createClock(start * 1000)
const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
// What Node exports is a JWK.
const key: JWK = { ...(pair.privateKey.export({ format: 'jwk' }) as JWK), kid: 'k-1' }
const publicKey = {
  ...pair.publicKey.export({ format: 'jwk' }),
  kid: 'k-1',
  alg: 'ES256',
  use: 'sig',
}

const { client } = createClientScene('https://id.test', { id: 'web' })
const endpoint = new URL('https://id.test/authorize?tenant=a')
const parameters = new URLSearchParams({
  client_id: 'web',
  response_type: 'code',
  scope: 'openid',
  state: 's-1',
  max_age: '60',
  claims: '{"userinfo":{"email":null}}',
})
const delivered = async (options: JarOptions) =>
  (await jar({ now: clock.now, ...options })({ client, endpoint, parameters })).searchParams

describe('the request object (RFC 9101)', () => {
  test('§10.8: has a type of its own, and names its key', async () => {
    const sent = (await delivered({ key })).get('request') ?? ''
    expect(decodeProtectedHeader(sent)).toEqual({
      alg: 'ES256',
      typ: 'oauth-authz-req+jwt',
      kid: 'k-1',
    })
  })

  test('§4: holds every parameter, by whom, for whom, from when, until when, and once', async () => {
    const sent = decodeJwt((await delivered({ key })).get('request') ?? '')
    expect(sent).toEqual({
      iss: 'web',
      aud: 'https://id.test',
      client_id: 'web',
      iat: start,
      nbf: start,
      exp: start + 300,
      jti: expect.stringMatching(/^[\w-]{40,}$/),
      response_type: 'code',
      scope: 'openid',
      state: 's-1',
      max_age: 60,
      claims: { userinfo: { email: null } },
    })
    const other = decodeJwt((await delivered({ key })).get('request') ?? '')
    expect(other.jti).not.toBe(sent.jti)
  })

  test('is signed with the key', async () => {
    const sent = (await delivered({ key })).get('request') ?? ''
    const now = { currentDate: new Date(start * 1000) }
    await expect(jwtVerify(sent, pair.publicKey, now)).resolves.toHaveProperty('payload')
  })

  test('is signed by Ed25519 under the older name, unless told otherwise', async () => {
    const { privateKey } = generateKeyPairSync('ed25519')
    const alg = async (options: JarOptions) =>
      decodeProtectedHeader((await delivered(options)).get('request') ?? '').alg
    expect(await alg({ key: privateKey })).toBe('EdDSA')
    expect(await alg({ key: privateKey, algorithm: 'Ed25519' })).toBe('Ed25519')
  })
})

test('the URL holds no other parameters than those that must stand outside', async () => {
  const names = [...(await delivered({ key })).keys()]
  expect(names).toEqual(['tenant', 'client_id', 'response_type', 'scope', 'request'])
  const few = { client, endpoint, parameters: new URLSearchParams({ state: 's' }) }
  const url = await jar({ key })(few)
  expect([...url.searchParams.keys()]).toEqual(['tenant', 'client_id', 'request'])
})

describe('encrypted', () => {
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const oct = { kty: 'oct', k: Buffer.alloc(32, 7).toString('base64url') }
  const exported = (pairOf: typeof rsa) => ({
    // What Node exports is a JWK.
    open: pairOf.privateKey.export({ format: 'jwk' }) as JWK,
    close: { ...(pairOf.publicKey.export({ format: 'jwk' }) as JWK), kid: 'enc-1' },
  })

  test.each([
    ['RSA-OAEP-256', exported(rsa)],
    ['ECDH-ES', exported(ec)],
    ['dir', { open: oct, close: { ...oct, kid: 'enc-1' } }],
  ])('by %s, what is inside is signed', async (alg, { open, close }) => {
    const sent = (await delivered({ key, encrypt: { key: close } })).get('request') ?? ''
    const { plaintext, protectedHeader } = await compactDecrypt(sent, await importJWK(open, alg))
    expect(protectedHeader).toMatchObject({ alg, enc: 'A256GCM', cty: 'JWT', kid: 'enc-1' })
    expect(decodeJwt(Buffer.from(plaintext).toString())).toMatchObject({ iss: 'web' })
  })

  test('with a key that cannot be used is a mistake', async () => {
    const broken = { kty: 'RSA', n: 'x', e: 'AQAB' }
    expect(await rejection(delivered({ key, encrypt: { key: broken } }))).toBeInstanceOf(
      ConfigurationError,
    )
  })
})

test.each([
  {},
  { key: 'x' },
  { key, encrypt: {} },
  { key, encrypt: { key: { kty: 'x' } } },
  { key, encrypt: { key, encryption: 'none' } },
  { key, lifetime: 5 },
])('%j is a mistake', (options) => {
  // From JavaScript anything may come.
  expect(() => jar(options as JarOptions)).toThrow(ConfigurationError)
})

describe('a real server', () => {
  let server: Awaited<ReturnType<typeof createAuthorizationServer>>
  const secret = 'a secret of at least 32 characters, or more'
  const options = { id: 'signing', secret }

  beforeAll(async () => {
    server = await createAuthorizationServer({ algorithms: [] })
    const redirect_uris = [callback]
    const code = {
      redirect_uris,
      grant_types: ['authorization_code'],
      require_signed_request_object: true,
    }
    const registered = { client_id: 'signing', client_secret: secret, ...code }
    server.addClient({ ...registered, jwks: { keys: [publicKey] } })
  })
  afterAll(() => server.close())

  test('takes it', async () => {
    const { claims } = await signIn(registeredAt(server, options), {}, jar({ key }))
    expect(claims).toHaveProperty('sub', 'alice')
  })

  test('takes it encrypted with the secret that both hold', async () => {
    // OpenID Connect Core §10.2: as many bits of the hash as the algorithm wants.
    const k = hash('sha256', secret, 'base64url')
    const encrypt = { key: { kty: 'oct', k } }
    const { claims } = await signIn(registeredAt(server, options), {}, jar({ key, encrypt }))
    expect(claims).toHaveProperty('sub', 'alice')
  })

  test('takes no other key', async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const { url } = await begin(
      registeredAt(server, options),
      {},
      jar({ key: privateKey, kid: 'k-1' }),
    )
    const { searchParams } = await arrive(url)
    expect(searchParams.get('error')).toBe('invalid_request_object')
  })
})
