import { describe, expect, it } from 'vitest'
import {
  createSessionScene,
  kinds,
  origin,
  type Sending,
} from '../../../../test/support/session-scene.ts'
import { createTokenIssuer } from '@portcullis/testkit'
import type { Authenticator } from '../guard/authenticator.ts'
import { createGuard, type GuardOptions } from '../guard/create.ts'
import type { GuardEvent } from '../guard/observe.ts'
import { hasScope } from '../guard/rules/scope.ts'
import type { HttpRequest } from '../http/request.ts'
import { ConfigurationError } from '../errors/configuration.ts'
import { Outage } from '../errors/outage.ts'
import { memorySessions } from './memory.ts'

const code = (error: unknown) => (error as { readonly code?: string }).code

describe('a request that changes something is taken from', () => {
  const from = async (method: string, fields: Readonly<Record<string, string>>) => {
    const alice = createSessionScene({ kind: 'sealed' }).browser()
    await alice.signIn()
    return alice.send({ method, fields }).then(
      ({ found }) => found !== undefined,
      (error: unknown) => code(error),
    )
  }
  const other = 'https://evil.test'

  it.each<[string, Readonly<Record<string, string>>]>([
    ['a page of ours', { origin, 'sec-fetch-site': 'same-origin' }],
    ['a page of ours, in an old browser', { origin }],
    [
      'a page of an allowed origin',
      { origin: 'https://sister.test', 'sec-fetch-site': 'cross-site' },
    ],
    ['a page of ours that hides its origin', { origin: 'null', 'sec-fetch-site': 'same-origin' }],
    ['the address bar', { 'sec-fetch-site': 'none' }],
    ['a program that is no browser', {}],
    ['a page of ours without an origin', { 'sec-fetch-site': 'same-origin' }],
  ])('%s', async (_who, fields) => {
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
      expect(await from(method, fields)).toBe(true)
    }
  })

  it.each<[string, Readonly<Record<string, string>>]>([
    ['a page of another site', { origin: other, 'sec-fetch-site': 'cross-site' }],
    ['a page of another site, in an old browser', { origin: other }],
    [
      'a sister that is not allowed',
      { origin: 'https://a.app.test', 'sec-fetch-site': 'same-site' },
    ],
    ['a frame without an origin', { origin: 'null', 'sec-fetch-site': 'cross-site' }],
    ['nobody who says so', { origin: 'null' }],
    ['another site that hides its origin', { 'sec-fetch-site': 'cross-site' }],
    ['a sister that hides its origin', { 'sec-fetch-site': 'same-site' }],
    ['the same host on http', { origin: 'http://app.test' }],
    ['the same host on another port', { origin: 'https://app.test:8443' }],
    ['two origins', { origin: `${origin}, ${other}` }],
    ['a value that browsers do not send', { 'sec-fetch-site': 'same-origin, cross-site' }],
  ])('but not from %s', async (_who, fields) => {
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'post', 'QUERY']) {
      expect(await from(method, fields)).toBe('cross_site')
    }
    for (const method of ['GET', 'HEAD', 'OPTIONS']) expect(await from(method, fields)).toBe(true)
  })
})

it('a page that hides its origin is told from one of another', async () => {
  const alice = createSessionScene({ kind: 'sealed' }).browser()
  await alice.signIn()
  const posted = (from: string) => alice.send({ method: 'POST', fields: { origin: from } })
  await expect(posted('null')).rejects.toMatchObject({
    reason: expect.stringMatching(/Origin: null.*no-referrer/),
  })
  await expect(posted('https://evil.test')).rejects.toMatchObject({
    reason: 'A page of another origin sent the request.',
  })
})

/** A guard over the sessions of a scene. */
const guarded = (
  scene: ReturnType<typeof createSessionScene>,
  options: Partial<GuardOptions> = {},
) => {
  const authenticator: Authenticator = {
    scheme: { name: 'Cookie', parameters: {} },
    authenticate: scene.process.check,
    invite: () => ({ status: 302, headers: [['Location', '/login']] }),
    attempt: () => undefined,
    prewarm: () => Promise.resolve(),
    health: () => [],
  }
  // A whole set of options only together with the login.
  return createGuard({ login: { authenticator }, ...options } as GuardOptions)
}

const requestOf = (cookie: string, sending: Sending = {}): HttpRequest => ({
  method: sending.method ?? 'GET',
  url: `${origin}/page`,
  header: (name) => (name === 'cookie' ? cookie || undefined : sending.fields?.[name]),
  form: () => Promise.resolve(new URLSearchParams()),
})

describe.each(kinds)('a guard with a login, %s sessions,', (kind) => {
  const signedIn = async (options: Partial<GuardOptions> = {}) => {
    const scene = createSessionScene({ kind })
    const alice = scene.browser()
    await alice.signIn()
    return { ...scene, alice, guard: guarded(scene, options) }
  }

  it('shows whose session it is', async () => {
    const { alice, guard } = await signedIn()
    const verdict = await guard.check(requestOf(alice.cookies()))
    expect(verdict).toMatchObject({
      granted: true,
      headers: [],
      principal: {
        issuer: 'https://id.test',
        subject: 'alice',
        client: 'web',
        scopes: ['openid', 'orders:read'],
        audience: ['web'],
        via: 'session',
        expiresAt: 1_800_000_000 + 604_800,
      },
    })
  })

  it('has a principal without a token, and says where to get one', async () => {
    const { alice, guard } = await signedIn()
    const verdict = await guard.check(requestOf(alice.cookies()))
    const { principal } = verdict as { readonly principal: { readonly token: string } }
    expect(() => principal.token).toThrow(ConfigurationError)
    expect(() => principal.token).toThrow(/accessToken\(\)/)
  })

  it('asks its rules and its hook of revocation about sessions too', async () => {
    const { alice, guard } = await signedIn()
    const asked = requestOf(alice.cookies())
    expect(await guard.with(hasScope('orders:read')).check(asked)).toMatchObject({ granted: true })
    const refused = await guard.with(hasScope('admin')).check(asked)
    expect(refused).toMatchObject({
      granted: false,
      refusal: { code: 'scope_missing', status: 403 },
    })
    // Signed in but not entitled: to send somebody to the login again would be a loop.
    expect(refused).not.toHaveProperty('reply')
    const seen: unknown[] = []
    const { alice: bob, guard: strict } = await signedIn({
      revoked: (principal) => seen.push([principal.subject, principal.via]) > 0,
    })
    expect(await strict.check(requestOf(bob.cookies()))).toMatchObject({
      granted: false,
      refusal: { code: 'token_revoked' },
    })
    expect(seen).toEqual([['alice', 'session']])
  })

  it('tells its observer of sessions as of tokens', async () => {
    const events: GuardEvent[] = []
    const { alice, guard } = await signedIn({ observe: (event) => void events.push(event) })
    await guard.check(requestOf(alice.cookies()))
    await guard.check(requestOf(''))
    await guard.check(requestOf(alice.cookies(), { method: 'POST', fields: { origin: 'null' } }))
    expect(
      events.map((event) => (event.type === 'refused' ? event.refusal.code : event.type)),
    ).toEqual(['granted', 'no_credential', 'cross_site'])
  })

  it('that is optional lets strangers pass, and knows those who are signed in', async () => {
    const { alice, guard, clock } = await signedIn()
    const optional = guard.optional()
    expect(await optional.check(requestOf(''))).toMatchObject({ granted: true })
    expect(await optional.check(requestOf(alice.cookies()))).toMatchObject({
      principal: { subject: 'alice' },
    })
    clock.advance(700_000)
    expect(await optional.check(requestOf(alice.cookies()))).toMatchObject({
      granted: true,
      principal: undefined,
    })
  })

  describe('and with tokens on the same route', () => {
    const tokens = createTokenIssuer()
    const mixed = () => signedIn(tokens.guardOptions)
    const bearer = (token: string, more = {}) => ({ authorization: `Bearer ${token}`, ...more })

    it('takes either, and the header before the cookie', async () => {
      const { alice, guard } = await mixed()
      const token = await tokens.issueToken({ sub: 'robot' })
      const fields = bearer(token)
      expect(await guard.check(requestOf('', { fields }))).toMatchObject({
        principal: { subject: 'robot', via: 'token' },
      })
      expect(await guard.check(requestOf(alice.cookies()))).toMatchObject({
        principal: { subject: 'alice', via: 'session' },
      })
      expect(await guard.check(requestOf(alice.cookies(), { fields }))).toMatchObject({
        principal: { subject: 'robot', via: 'token' },
      })
    })

    it('refuses a bad token also where the session is good', async () => {
      const { alice, guard } = await mixed()
      for (const authorization of [
        'Bearer x.y.z',
        'Basic YTpi',
        'Bearer',
        `Bearer ${'a'.repeat(9)}`,
      ]) {
        const asked = requestOf(alice.cookies(), { fields: { authorization } })
        expect(await guard.check(asked)).toMatchObject({ granted: false })
      }
    })

    it('looks at the origin only where the cookie decides', async () => {
      const { alice, guard } = await mixed()
      const evil = { origin: 'https://evil.test', 'sec-fetch-site': 'cross-site' }
      const fields = bearer(await tokens.issueToken({ sub: 'robot' }), evil)
      const post = { method: 'POST' }
      expect(await guard.check(requestOf(alice.cookies(), { ...post, fields }))).toMatchObject({
        principal: { subject: 'robot' },
      })
      expect(
        await guard.check(requestOf(alice.cookies(), { ...post, fields: evil })),
      ).toMatchObject({ granted: false, refusal: { code: 'cross_site', status: 403 } })
    })
  })
})

it('a store that fails is an outage for whoever shows a cookie, and for nobody else', async () => {
  const events: GuardEvent[] = []
  let fails = false
  const scene = createSessionScene({
    kind: 'stored',
    store: (clock) => {
      const memory = memorySessions({ now: clock.now })
      const read = (id: string) =>
        fails ? Promise.reject(new Error('connection refused')) : memory.read(id)
      return { ...memory, read }
    },
  })
  const alice = scene.browser()
  await alice.signIn()
  fails = true
  const guard = guarded(scene, { observe: (event) => void events.push(event) })
  await expect(guard.check(requestOf(alice.cookies()))).rejects.toBeInstanceOf(Outage)
  await expect(guard.optional().check(requestOf(alice.cookies()))).rejects.toBeInstanceOf(Outage)
  expect(await guard.check(requestOf(''))).toMatchObject({ reply: { status: 302 } })
  expect(events.map(({ type }) => type)).toEqual(['outage', 'outage', 'refused'])
})
