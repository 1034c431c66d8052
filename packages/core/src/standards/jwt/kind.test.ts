import { describe, expect, test } from 'vitest'
import { audience, createScene, refusalOf } from '../../../../../test/e2e/support/scene.ts'

const at = createScene()
const verify = at.verifier()
const strict = at.verifier({ profile: 'rfc9068' })

describe('header types of access tokens', () => {
  test.each([
    'at+jwt',
    'AT+JWT',
    'application/at+jwt',
    'Application/At+Jwt',
    'JWT',
    'jwt',
    'application/jwt',
  ])('%s is accepted', async (typ) => {
    expect(await verify(at.token({}, { typ }))).toMatchObject({ subject: 'user-1' })
  })

  test('an absent type is accepted', async () => {
    expect(await verify(at.token({}, { typ: undefined }))).toMatchObject({ subject: 'user-1' })
  })

  test('a type of one’s own is accepted besides them, in either spelling', async () => {
    for (const types of [['acme+jwt'], ['application/ACME+jwt']]) {
      const own = at.verifier({ types })
      for (const typ of ['acme+jwt', 'application/acme+jwt', 'at+jwt', 'JWT'])
        expect(await own(at.token({}, { typ }))).toMatchObject({ subject: 'user-1' })
    }
    expect((await refusalOf(() => verify(at.token({}, { typ: 'acme+jwt' })))).code).toBe(
      'token_type_refused',
    )
  })

  test('the profile takes at+jwt, and what was added, but no plain JWT', async () => {
    for (const typ of ['at+jwt', 'application/at+jwt', 'at+JWT'])
      expect(await strict(at.token({}, { typ }))).toMatchObject({ subject: 'user-1' })
    for (const typ of ['JWT', undefined])
      expect((await refusalOf(() => strict(at.token({}, { typ })))).code).toBe('token_type_refused')
    const both = at.verifier({ profile: 'rfc9068', types: ['JWT'] })
    expect(await both(at.token({}, { typ: 'JWT' }))).toMatchObject({ subject: 'user-1' })
  })
})

describe('another kind of token is refused, and the reason says what was sent', () => {
  test.each([
    ['logout+jwt', 'a logout token'],
    ['application/logout+jwt', 'a logout token'],
    ['dpop+jwt', 'a DPoP proof'],
    ['secevent+jwt', 'a security event token'],
    ['oauth-authz-req+jwt', 'a request object'],
    ['token-introspection+jwt', 'an introspection answer'],
    ['client-authentication+jwt', 'a client assertion'],
    ['global-token-revocation+jwt', 'a global token revocation call'],
    ['kb+jwt', 'a key binding'],
    ['dc+sd-jwt', 'a verifiable credential'],
    ['vc+sd-jwt', 'a verifiable credential'],
    ['id_token+jwt', 'an ID token'],
    ['weird', "of the type 'weird'"],
    ['', "of the type ''"],
    ['at+jwt ', "of the type 'at+jwt '"],
    ['x/at+jwt', "of the type 'x/at+jwt'"],
    ['constructor', "of the type 'constructor'"],
    ['__proto__', "of the type '__proto__'"],
  ])('%s: %s', async (typ, what) => {
    const refusal = await refusalOf(() => verify(at.token({}, { typ })))
    expect(refusal).toMatchObject({ code: 'token_type_refused', trail: { check: 'type' } })
    expect(refusal.reason).toContain(what)
  })

  test('a long type is cut in the trail', async () => {
    const refusal = await refusalOf(() => verify(at.token({}, { typ: 'é'.repeat(500) })))
    expect(refusal.trail.typ).toMatch(/^\?{80}$/)
  })
})

describe('a plain JWT that is no access token is known by its claims', () => {
  const logoutEvent = 'http://schemas.openid.net/event/backchannel-logout'
  // What the ID and access tokens of Microsoft Entra have in common; neither has a client_id.
  const entra = (ver: unknown, claims: object = {}) => ({
    client_id: undefined,
    jti: undefined,
    aud: [audience],
    tid: '72f988bf-86f1-41af-91ab-2d7cd011db47',
    oid: 'a5d7a2c4-1f3c-4c0c-9d5b-7b1a2f1c9e11',
    uti: 'u-1',
    ver,
    ...claims,
  })
  test.each([
    ['a nonce', { nonce: 'n' }, 'an ID token'],
    ['at_hash', { at_hash: 'h', scope: 'openid' }, 'an ID token'],
    ['c_hash', { c_hash: 'h', scp: ['openid'] }, 'an ID token'],
    ['the use of Cognito', { token_use: 'id' }, "the use 'id'"],
    ['the type of Keycloak', { typ: 'ID' }, "the use 'ID'"],
    ['a refresh token', { typ: 'Refresh' }, "the use 'Refresh'"],
    ['an offline token', { typ: 'Offline' }, "the use 'Offline'"],
    ['a logout token of Keycloak', { typ: 'Logout' }, "the use 'Logout'"],
    ['a logout event', { events: { [logoutEvent]: {} } }, 'a logout token'],
    ['tenant and version 2.0 of Entra, and no client', entra('2.0'), 'an ID token'],
    ['tenant and version 1.0 of Entra, and no client', entra('1.0'), 'an ID token'],
    ['the same with the roles of the user', { ...entra('2.0'), roles: ['Writer'] }, 'an ID token'],
  ])('%s', async (_what, claims, kind) => {
    const refusal = await refusalOf(() => verify(at.token(claims, { typ: 'JWT' })))
    expect(refusal).toMatchObject({ code: 'token_type_refused', trail: { check: 'type' } })
    expect(refusal.reason).toContain(kind)
  })

  test.each([
    ['the use of Cognito', { token_use: 'access' }],
    ['the type of Keycloak', { typ: 'Bearer' }],
    ['a nonce beside scopes, as Entra writes it', { nonce: 'n', scp: 'orders' }],
    ['a nonce beside scope', { nonce: 'n', scope: 'orders' }],
    ['other events', { events: { 'https://schemas.test/other': {} } }],
    ['events that are a list', { events: [logoutEvent] }],
    ['a use that is no text', { token_use: 7 }],
    ['the client of Entra 2.0', entra('2.0', { azp: 'c-1', scp: 'orders' })],
    ['the client of Entra 1.0', entra('1.0', { appid: 'c-1', scp: 'orders' })],
    ['no user, from Entra 2.0', entra('2.0', { azp: 'c-1', azpacr: '1', roles: ['Reader'] })],
    ['no user, from Entra 1.0', entra('1.0', { appid: 'c-1', appidacr: '2', idtyp: 'app' })],
    ['no user and no roles, from Entra', entra('2.0', { azp: 'c-1' })],
    ['scopes, tenant and version', entra('2.0', { scp: 'orders' })],
    ['tenant and version of somebody else', entra(1, { cid: 'c-1' })],
    ['a version that is a number', entra(2)],
    ['another version', entra('3.0')],
    ['a tenant that is no text', { ...entra('2.0'), tid: 7 }],
    ['a client_id beside tenant and version', entra('2.0', { client_id: 'c-1' })],
  ])('but an access token with %s is one', async (_what, claims) => {
    expect(await verify(at.token(claims, { typ: 'JWT' }))).toMatchObject({ subject: 'user-1' })
  })
})

describe('a token whose header says that it is an access token is one (RFC 9068 §2.1)', () => {
  test.each([
    ['a nonce and no scope', { nonce: 'n' }],
    ['a claim typ', { typ: 'offline' }],
    ['a claim token_use', { token_use: 'id' }],
    ['at_hash', { at_hash: 'h' }],
    ['tenant and version', { client_id: 'c', tid: 't', ver: '2.0' }],
  ])('whatever its claims look like: %s', async (_what, claims) => {
    for (const typ of ['at+jwt', 'application/at+jwt']) {
      expect(await verify(at.token(claims, { typ }))).toMatchObject({ subject: 'user-1' })
      expect(await strict(at.token(claims, { typ }))).toMatchObject({ subject: 'user-1' })
    }
  })

  test('and no other type is believed as much, not even one of one’s own', async () => {
    const own = at.verifier({ types: ['acme+jwt'] })
    for (const typ of ['acme+jwt', 'JWT', undefined]) {
      const refusal = await refusalOf(() => own(at.token({ nonce: 'n' }, { typ })))
      expect(refusal.code).toBe('token_type_refused')
    }
  })
})

test('a token of an Okta org server is refused with what to do instead', async () => {
  const typ = 'application/okta-internal-at+jwt'
  const refusal = await refusalOf(() => verify(at.token({}, { typ })))
  expect(refusal).toMatchObject({
    code: 'token_unverifiable',
    status: 401,
    trail: { check: 'type', typ: 'okta-internal-at+jwt' },
  })
  expect(refusal.reason).toContain('Okta org authorization server')
  expect(refusal.reason).toContain('/oauth2/default')
  expect(refusal.reason).toContain('introspection')
})
