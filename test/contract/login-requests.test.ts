import { generateKeyPairSync } from 'node:crypto'
import {
  clientSecretJwt,
  clientSecretPost,
  jar,
  jarm,
  par,
  privateKeyJwt,
  type ClientOptions,
  type LoginOptions,
} from '@portcullis/core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { loginHosts } from '../support/login-apps.ts'
import { answerTo, createStage, type Stage } from '../support/login-stage.ts'

let stage: Stage
beforeAll(async () => {
  stage = await createStage({
    algorithms: ['RS256', 'ES256', 'EdDSA', 'PS256'],
  })
  for (const client of clients)
    stage.server.addClient({ grant_types: ['authorization_code'], ...client })
})
afterEach(() => stage.rest())
afterAll(() => stage.close())

const secret = 'a secret of at least 32 characters: +&=%"'
const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const jwk = { ...keys.publicKey.export({ format: 'jwk' }), kid: 'k1', use: 'sig', alg: 'ES256' }
const signing = { key: keys.privateKey, algorithm: 'ES256', kid: 'k1' } as const
const opening = generateKeyPairSync('rsa', { modulusLength: 2048 })
const openingJwk = { ...opening.publicKey.export({ format: 'jwk' }), kid: 'e1', use: 'enc' }

const clients = [
  {
    client_id: 'basic: +&%',
    client_secret: secret,
    token_endpoint_auth_method: 'client_secret_basic',
  },
  { client_id: 'post', client_secret: secret, token_endpoint_auth_method: 'client_secret_post' },
  { client_id: 'jwt', client_secret: secret, token_endpoint_auth_method: 'client_secret_jwt' },
  { client_id: 'key', token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [jwk] } },
  {
    client_id: 'signing',
    client_secret: secret,
    jwks: { keys: [jwk] },
    request_object_signing_alg: 'ES256',
    require_signed_request_object: true,
  },
  { client_id: 'pushing', client_secret: secret, require_pushed_authorization_requests: true },
  {
    client_id: 'sealed',
    client_secret: secret,
    jwks: { keys: [openingJwk] },
    id_token_encrypted_response_alg: 'RSA-OAEP-256',
    id_token_encrypted_response_enc: 'A256GCM',
  },
  ...['ES256', 'EdDSA', 'PS256'].map((alg) => ({
    client_id: alg,
    client_secret: secret,
    id_token_signed_response_alg: alg,
  })),
]

const ways: readonly (readonly [how: string, client: ClientOptions])[] = [
  ['client_secret_basic, form-encoded', { id: 'basic: +&%', secret }],
  ['client_secret_post', { id: 'post', authentication: clientSecretPost(secret) }],
  ['client_secret_jwt', { id: 'jwt', authentication: clientSecretJwt(secret) }],
  ['private_key_jwt', { id: 'key', authentication: privateKeyJwt(signing) }],
  ['none', { id: 'spa' }],
]

const client: ClientOptions = { id: 'pushing', secret }
const deliveries: readonly (readonly [
  how: string,
  options: Partial<LoginOptions>,
  shown: string,
])[] = [
  ['pushed ahead', { client, delivery: par() }, 'client_id request_uri'],
  [
    'signed',
    { client: { id: 'signing', secret }, delivery: jar(signing) },
    'client_id request response_type scope',
  ],
  [
    'signed and pushed ahead',
    { client: { id: 'signing', secret }, delivery: par({ request: jar(signing) }) },
    'client_id request_uri',
  ],
]

describe.each(loginHosts)('a whole login on $name', ({ app }) => {
  const signIn = async (options: Partial<LoginOptions>, path = '/account') => {
    const play = await stage.play(app, { options })
    const page = await play.browser.open(`${play.url}${path}`)
    expect(play.refused()).toEqual([])
    expect([page.status, page.url]).toEqual([200, `${play.url}${path}`])
    return JSON.parse(page.html) as { readonly claims: Readonly<Record<string, unknown>> }
  }

  test.each(ways)('where the client proves itself by %s', async (_how, registration) => {
    const { claims } = await signIn({ client: registration })
    expect(claims['sub']).toBe('alice')
  })

  test.each(deliveries)('whose request is %s', async (_how, options, shown) => {
    await signIn(options)
    expect([...(stage.asked[0]?.keys() ?? [])].toSorted().join(' ')).toBe(shown)
  })

  test('whose request is pushed because the issuer demands it', async () => {
    const metadata = await (
      await fetch(`${stage.server.issuer}/.well-known/openid-configuration`)
    ).json()
    const demanding = { ...(metadata as object), require_pushed_authorization_requests: true }
    stage.server.faults.set('discovery', {
      kind: 'status',
      status: 200,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(demanding),
    })
    await signIn({ client })
    expect([...(stage.asked[0]?.keys() ?? [])].toSorted()).toEqual(['client_id', 'request_uri'])
  })

  test('whose answer is signed', async () => {
    const play = await stage.play(app, { options: { responseMode: jarm({ mode: 'query.jwt' }) } })
    const answer = new URL(await answerTo(play))
    expect([...answer.searchParams.keys()]).toEqual(['response'])
    expect((await play.browser.open(answer.href)).url).toBe(`${play.url}/account`)
    answer.searchParams.set('response', 'x.y.z')
    expect((await play.browser.send(answer.href)).status).toBe(400)
  })

  test('whose ID token is encrypted', async () => {
    const decryptionKeys = [{ ...opening.privateKey.export({ format: 'jwk' }), kid: 'e1' }]
    await signIn({ client: { id: 'sealed', secret }, decryptionKeys })
    const play = await stage.play(app, { options: { client: { id: 'sealed', secret } } })
    expect((await play.browser.open(`${play.url}/account`)).status).toBe(400)
    expect(play.refused().map(([code]) => code)).toEqual(['id_token_refused'])
  })

  test.each(['ES256', 'EdDSA', 'PS256'])('whose ID token is signed with %s', async (id) => {
    await signIn({ client: { id, secret } })
    const play = await stage.play(app, {
      options: { client: { id, secret }, algorithms: ['RS256'] },
    })
    expect((await play.browser.open(`${play.url}/account`)).status).toBe(400)
  })

  test('that asks for whatever is wanted by default', async () => {
    await signIn({
      parameters: {
        scope: ['profile', 'orders:read'],
        audience: 'https://api.test',
        resource: 'https://api.test',
        maxAge: 300,
        prompt: 'consent',
        loginHint: 'alice@mail.test',
        idp: '0oa1',
        uiLocales: ['de', 'en'],
        extra: { display: 'page', claims_locales: 'de' },
      },
    })
    expect(Object.fromEntries(stage.asked[0] ?? [])).toMatchObject({
      scope: 'openid profile orders:read',
      audience: 'https://api.test',
      resource: 'https://api.test',
      max_age: '300',
      prompt: 'consent',
      login_hint: 'alice@mail.test',
      idp: '0oa1',
      ui_locales: 'de en',
      display: 'page',
      claims_locales: 'de',
      code_challenge_method: 'S256',
    })
  })

  test('that asks for an authentication of late gets to know when it was', async () => {
    const { claims } = await signIn({ parameters: { maxAge: 300 } })
    expect(claims['auth_time']).toBeTypeOf('number')
  })

  test('that demands more than the issuer gives is refused, and not begun again', async () => {
    const play = await stage.play(app, { options: { parameters: { acrValues: 'urn:stronger' } } })
    expect((await play.browser.open(`${play.url}/account`)).status).toBe(400)
    expect([play.refused().map(([code]) => code), stage.asked.length]).toEqual([['login_unmet'], 1])
    expect(stage.asked[0]?.get('acr_values')).toBe('urn:stronger')
  })
})
