import { generateKeyPairSync } from 'node:crypto'
import {
  ConfigurationError,
  createClient,
  createGuard,
  Outage,
  privateKeyJwt,
  type ClientSettings,
} from '@portcullis/core'
import {
  createInteraction,
  okta,
  oktaAcr,
  oktaIssuer,
  type InteractionOptions,
} from '@portcullis/okta'
import { createClock, createOkta, type Okta } from '@portcullis/testkit'
import type { JWK } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { rejection } from './support/endpoints.ts'

const pair = generateKeyPairSync('rsa', { modulusLength: 2048 })
// What Node exports is a JWK.
const jwkOf = (half: 'publicKey' | 'privateKey'): JWK => ({
  ...(pair[half].export({ format: 'jwk' }) as JWK),
  kid: 'reader',
  alg: 'RSA-OAEP-256',
  use: 'enc',
})

const clock = createClock()
let org: Okta
beforeAll(async () => {
  org = await createOkta({
    clock,
    servers: {
      payments: { trustedServers: ['org'] },
      sealed: { tokenEncryption: { key: jwkOf('publicKey') } },
    },
    apps: {
      keyed: { applicationType: 'native', authentication: 'private_key_jwt' },
      reader: { applicationType: 'native', idTokenEncryption: { key: jwkOf('publicKey') } },
    },
  })
})
afterAll(() => org?.close())

const legacyPasswordGrant = 'exposes-passwords-to-this-application'
const person = { username: 'alice@example.com', password: 'password', scope: 'openid' }

const clientOf = (app: string, server = 'default', more: Partial<ClientSettings> = {}) => {
  const { clientId: id, clientSecret: secret } = org.app(app)
  const at = server === 'org' ? org.url : org.servers[server]?.issuer
  return createClient({
    issuer: at ?? '',
    client: { id, ...(secret !== undefined && { secret }) },
    now: clock.now,
    ...more,
  })
}

describe('a SAML assertion', () => {
  it('gives tokens with Classic Engine, and is a refusal with Identity Engine', async () => {
    const client = clientOf('web')
    const assertion = org.samlAssertion('alice')
    expect(await rejection(client.samlBearer(assertion, { scope: 'openid' }))).toMatchObject({
      code: 'grant_refused',
    })
    org.settings.identityEngine = false
    const { claims } = await client.samlBearer(assertion, { scope: 'openid' }).finally(() => {
      org.settings.identityEngine = true
    })
    expect(claims).toMatchObject({ sub: org.user('alice').id })
  })
})

describe('ID-JAG', () => {
  it('takes a user from the org to the server of another API', async () => {
    const audience = org.servers['payments']?.issuer ?? ''
    const atOrg = clientOf('native', 'org', { legacyPasswordGrant })
    const { idToken = '' } = await atOrg.password(person)
    const jag = await atOrg.tokenExchange({
      subjectToken: idToken,
      subjectTokenType: 'id_token',
      requestedTokenType: 'urn:ietf:params:oauth:token-type:id-jag',
      audience,
      scope: 'orders:read',
    })
    expect(jag).toMatchObject({ tokenType: 'n_a', expiresIn: 300 })
    org.app('native').grantTypes = [
      ...org.app('native').grantTypes,
      'urn:ietf:params:oauth:grant-type:jwt-bearer',
    ]
    const { accessToken } = await clientOf('native', 'payments').jwtBearer(jag.token)
    const verdict = await guardOf('payments').check(bearing(accessToken))
    expect(verdict).toMatchObject({
      granted: true,
      principal: { scopes: ['orders:read'], claims: { uid: org.user('alice').id } },
    })
    expect(await rejection(clientOf('native', 'payments').jwtBearer(jag.token))).toMatchObject({
      code: 'grant_refused',
    })
    expect(await rejection(clientOf('service', 'payments').jwtBearer(jag.token))).toMatchObject({
      code: 'grant_refused',
    })
  })
})

const guardOf = (server: string, decryptionKeys?: readonly JWK[]) =>
  createGuard({
    issuer: org.servers[server]?.issuer ?? '',
    audience: `api://${server}`,
    now: clock.now,
    ...(decryptionKeys && { decryptionKeys }),
  })

const bearing = (token: string) => ({
  method: 'GET',
  url: 'https://api.example.com/orders',
  header: (name: string) => (name === 'authorization' ? `Bearer ${token}` : undefined),
  form: () => Promise.resolve(new URLSearchParams()),
})

describe('encrypted tokens', () => {
  it('an access token is read by a guard with the key, and by no other', async () => {
    const { accessToken } = await clientOf('service', 'sealed').clientCredentials({
      scope: 'orders:read',
    })
    const without = await guardOf('sealed').check(bearing(accessToken))
    expect(without).toMatchObject({ granted: false, refusal: { code: 'token_encrypted' } })
    const read = await guardOf('sealed', [jwkOf('privateKey')]).check(bearing(accessToken))
    expect(read).toMatchObject({ granted: true, principal: { scopes: ['orders:read'] } })
  })

  it('an ID token is read by a client with the key', async () => {
    const decryptionKeys = [jwkOf('privateKey')]
    const client = clientOf('reader', 'default', { legacyPasswordGrant, decryptionKeys })
    const { claims, idToken = '' } = await client.password(person)
    expect(idToken.split('.')).toHaveLength(5)
    expect(claims).toMatchObject({ sub: org.user('alice').id })
  })
})

describe('the interaction code', () => {
  const make = (more: Partial<InteractionOptions> = {}) =>
    createInteraction({
      server: okta({ domain: org.url, authorizationServer: 'default' }),
      client: { id: org.app('native').clientId },
      redirectUri: 'http://127.0.0.1:9/callback',
      scope: 'openid offline_access',
      now: clock.now,
      ...more,
    })

  it('signs somebody in who has answered the pages of the application', async () => {
    const interaction = make()
    const attempt = await interaction.begin({ loginHint: 'alice' })
    const code = org.completeInteraction(attempt.handle, 'alice')
    const tokens = await interaction.finish(code, attempt)
    expect(tokens).toMatchObject({
      claims: { sub: org.user('alice').id, nonce: attempt.nonce },
      refreshToken: expect.any(String),
    })
  })

  it('is good once, and for its attempt alone', async () => {
    const interaction = make()
    const [one, other] = [await interaction.begin(), await interaction.begin()]
    const code = org.completeInteraction(one.handle, 'alice')
    const mixed = await rejection(interaction.finish(code, other))
    expect(mixed).toMatchObject({ code: 'grant_refused' })
    expect(JSON.stringify([mixed, String(mixed)])).not.toContain(code)
    const stolen = { ...one, nonce: other.nonce }
    expect(await rejection(interaction.finish(code, stolen))).toMatchObject({
      code: 'id_token_refused',
    })
    expect(await rejection(interaction.finish(code, one))).toMatchObject({ code: 'grant_refused' })
  })

  it('holds the ID token to what was asked for', async () => {
    const interaction = make()
    const attempt = await interaction.begin({ acrValues: [oktaAcr.twoFactors], maxAge: 300 })
    const code = org.completeInteraction(attempt.handle, 'alice', ['password', 'totp'])
    expect(await interaction.finish(code, attempt)).toMatchObject({
      claims: { acr: oktaAcr.twoFactors },
    })
    const weak = await interaction.begin()
    const weakCode = org.completeInteraction(weak.handle, 'alice')
    const wanting = { ...weak, acrValues: [oktaAcr.twoFactors] }
    expect(await rejection(interaction.finish(weakCode, wanting))).toMatchObject({
      code: 'login_unmet',
    })
  })

  it('is begun by a client with a key as well', async () => {
    const { key, clientId: id } = org.app('keyed')
    if (key === undefined) throw new Error('the app has no key')
    const authentication = privateKeyJwt({
      key: key.privateKey,
      kid: key.kid,
      audience: (endpoint) => endpoint,
    })
    const interaction = make({ client: { id, authentication } })
    const attempt = await interaction.begin()
    const code = org.completeInteraction(attempt.handle, 'alice')
    expect(await interaction.finish(code, attempt)).toHaveProperty('claims.sub')
  })

  it('says who is at fault where it does not begin', async () => {
    const strange = await rejection(make({ redirectUri: 'https://evil.example/' }).begin())
    expect(strange).toBeInstanceOf(ConfigurationError)
    expect(String(strange)).toContain('redirect_uri')
    const down = make({ fetch: () => Promise.reject(new Error('ECONNREFUSED')) })
    expect(await rejection(down.begin())).toBeInstanceOf(Outage)
    const limited = make({ fetch: async () => Response.json({}, { status: 429 }) })
    expect(await rejection(limited.begin())).toBeInstanceOf(Outage)
    // From JavaScript anything may come.
    const wrong = { redirect: 'x' } as Partial<InteractionOptions>
    expect(() => make(wrong)).toThrow(ConfigurationError)
  })
})

it('the issuer of a server keeps what its metadata name', async () => {
  const server = okta({ domain: org.url, authorizationServer: 'default' })
  const named = { issuer: server.issuer, backchannel_authentication_endpoint: 'https://x.example/' }
  expect(await oktaIssuer(server, { metadata: named }).metadata()).toEqual(named)
  expect(await oktaIssuer(server).metadata()).toMatchObject({
    token_endpoint: server.endpoints.token,
    backchannel_authentication_endpoint: server.endpoints.backchannelAuthorize,
  })
})
