import { afterEach, describe, expect, test } from 'vitest'
import { jwtVerify, createRemoteJWKSet } from 'jose'
import { memoryRevocations } from '../../packages/core/src/session/memory-revocations.ts'
import { sealedSessions } from '../../packages/core/src/session/sealed.ts'
import type { LoginOptions } from '../../packages/core/src/login/options.ts'
import { backChannelLogout } from '../../packages/core/src/standards/back-channel-logout/back-channel-logout.ts'
import { frontChannelLogout } from '../../packages/core/src/standards/front-channel-logout/front-channel-logout.ts'
import { createWorlds, hybrid } from '../support/adversary.ts'
import { base, secret, type World } from '../support/login-world.ts'
import { hostile, type Lies } from '../support/lying-issuer.ts'
import { createLoneBrowser, valuesOf, type Seen } from '../support/lone-browser.ts'

const { build, end } = createWorlds()
afterEach(end)

/** Somebody who is signed in, with an access token for five minutes. */
async function signedIn(options: Partial<LoginOptions> = {}): Promise<World> {
  const world = await build(options)
  expect((await world.signIn()).status).toBe(200)
  world.issuer.requests.clear()
  return world
}

const token = async ({ browser }: World): Promise<Seen> => browser.open('/token', { until: base })
const tokenIn = ({ body }: Seen): unknown => (JSON.parse(body) as { token: unknown }).token
const stored: Partial<LoginOptions> = {}
const sealed = (): Partial<LoginOptions> => ({ sessions: sealedSessions({ secrets: [secret] }) })

describe.each([
  ['stored', () => stored],
  ['sealed', sealed],
])('a refresh, %s sessions:', (_kind, options) => {
  const near = 250
  const dead = 400

  test('an honest one gives another token, and the next is asked for with the next refresh token', async () => {
    const world = await signedIn(options())
    const first = tokenIn(await token(world))
    world.clock.advance(near)
    const second = tokenIn(await token(world))
    world.clock.advance(near)
    const third = tokenIn(await token(world))
    expect(new Set([first, second, third]).size).toBe(3)
    expect(world.issuer.requests.count('token')).toBe(2)
    expect(world.failures).toEqual([])
  })

  test.each<[string, Lies]>([
    ['another user', { refresh: 'other-sub' }],
    ['another issuer', { refresh: 'other-issuer' }],
    ['another audience', { refresh: 'other-audience' }],
    ['no subject', { sub: 'missing' }],
    ['another key under a known name', { signature: 'unknown-key-known-kid' }],
    ['another payload', { signature: 'tampered' }],
    ['no signature', { signature: 'none' }],
    ['a MAC by the secret', { signature: 'hs256-secret' }],
    ['another access token', { atHash: 'wrong' }],
  ])('an ID token of %s ends the session', async (_what, lies) => {
    const world = await signedIn(options())
    world.clock.advance(dead)
    world.issuer.lie(lies)
    expect((await token(world)).status).toBe(401)
    expect(world.failures.map(({ code }) => code)).toEqual(['session_ended'])
    world.issuer.repent()
    expect(await world.isSignedIn()).toBe(false)
  })

  test.each<[string, Lies]>([
    ['an end that is past', { time: 'expired' }],
    ['a beginning in the future', { time: 'future' }],
    ['a key that nobody knows', { signature: 'unknown-key' }],
  ])('an ID token of %s is an outage, and the session stays', async (_what, lies) => {
    const world = await signedIn(options())
    world.clock.advance(dead)
    world.issuer.lie(lies)
    expect((await token(world)).status).toBe(503)
    expect(world.failures.map(({ code }) => code)).toEqual(['endpoint_failed'])
    expect(await world.isSignedIn()).toBe(true)
  })

  test('a refusal of the refresh token ends the session', async () => {
    const world = await signedIn(options())
    world.clock.advance(dead)
    world.issuer.lie({ refresh: 'invalid-grant' })
    expect((await token(world)).status).toBe(401)
    expect(await world.isSignedIn()).toBe(false)
  })

  test('without an ID token the claims stay what they were', async () => {
    const world = await signedIn(options())
    world.clock.advance(dead)
    world.issuer.lie({ refresh: 'no-id-token' })
    expect((await token(world)).status).toBe(200)
    const { body } = await world.browser.open('/account')
    expect(JSON.parse(body)).toMatchObject({ sub: 'user-1', name: 'Ada' })
  })

  test('without a new refresh token the old one is used again', async () => {
    const world = await signedIn(options())
    world.issuer.lie({ refresh: 'no-refresh-token' })
    world.clock.advance(dead)
    expect((await token(world)).status).toBe(200)
    world.clock.advance(dead)
    expect((await token(world)).status).toBe(200)
    const [first, second] = world.issuer.requests.at('token')
    expect(first?.parameters.get('refresh_token')).toBe(second?.parameters.get('refresh_token'))
  })

  test.each([
    'error-500',
    'hang',
    'html',
    'huge',
    'redirect',
    'slow',
    'garbage',
    'array',
    'reset',
    'no-access-token',
  ] as const)(
    'a failure (%s) keeps the session, and is an outage once the token is dead',
    async (lie) => {
      const world = await signedIn(options())
      const first = tokenIn(await token(world))
      // A renewal that gets through is not taken back by the honest issuer, so nothing is used up here.
      world.issuer.lie({ token: lie, refresh: 'no-refresh-token' })
      world.clock.advance(near)
      expect(tokenIn(await token(world))).toBe(first)
      world.clock.advance(near)
      expect((await token(world)).status).toBe(503)
      expect(world.failures.at(-1)?.code).toBe('endpoint_failed')
      expect(await world.isSignedIn()).toBe(true)
      world.issuer.repent()
      expect((await token(world)).status).toBe(200)
    },
  )

  test('a lifetime that is absurd harms nobody', async () => {
    for (const expires of [1e308, '300', undefined, 0]) {
      const world = await signedIn(options())
      world.clock.advance(dead)
      world.issuer.lie({ tokenMembers: { expires_in: expires } })
      expect((await token(world)).status).toBe(200)
      expect(await world.isSignedIn()).toBe(true)
    }
  })

  test('many requests at once ask once', async () => {
    const world = await signedIn(options())
    world.clock.advance(dead)
    const all = await Promise.all(Array.from({ length: 20 }, () => token(world)))
    expect(new Set(all.map(tokenIn)).size).toBe(1)
    expect(world.issuer.requests.count('token')).toBe(1)
  })
})

describe('userinfo', () => {
  const ask = async (world: World): Promise<Seen> => world.browser.open('/userinfo')

  test.each<[string, Lies]>([
    ['plain', {}],
    ['signed', { userinfo: 'signed' }],
  ])('%s is believed', async (_what, lies) => {
    const world = await signedIn()
    world.issuer.lie(lies)
    expect(JSON.parse((await ask(world)).body)).toMatchObject({ sub: 'user-1', name: 'Ada' })
  })

  test.each([
    ['other-sub', 400],
    ['no-sub', 503],
    ['signed-other-sub', 400],
    ['signed-other-issuer', 400],
    ['signed-other-audience', 400],
    ['signed-unknown-key', 400],
    ['signed-none', 400],
    ['error-500', 503],
    ['hang', 503],
    ['html', 503],
    ['huge', 503],
    ['redirect', 503],
    ['slow', 503],
    ['garbage', 503],
    ['array', 503],
    ['reset', 503],
  ] as const)('that lies is refused: %s', async (lie, status) => {
    const world = await signedIn()
    world.issuer.lie({ userinfo: lie })
    const seen = await ask(world)
    expect(seen.status).toBe(status)
    expect(seen.body).not.toContain('Ada')
    expect(await world.isSignedIn()).toBe(true)
  })
})

describe('a logout from elsewhere', () => {
  const doors = [backChannelLogout(), frontChannelLogout()]
  const kinds = [
    ['stored', () => ({ doors })],
    ['sealed', () => ({ doors, ...sealed(), revocations: memoryRevocations() })],
  ] as const

  const sidOf = async ({ browser }: World): Promise<string> => {
    const { body } = await browser.open('/account')
    return String((JSON.parse(body) as { sid: unknown }).sid)
  }
  // Another party than the browser: no cookies.
  const deliver = (world: World, logoutToken: string): Promise<Seen> =>
    createLoneBrowser(base, world.handler).open('/backchannel-logout', {
      form: { logout_token: logoutToken },
    })

  test.each(kinds)(
    'ends %s sessions by sid and by sub, through the back channel',
    async (_kind, options) => {
      for (const by of ['sid', 'sub'] as const) {
        const world = await signedIn(options())
        const whose = by === 'sid' ? { sid: await sidOf(world) } : { sub: 'user-1' }
        const other = by === 'sid' ? { sid: 'another' } : { sub: 'somebody-else' }
        expect((await deliver(world, world.issuer.logoutToken(other))).status).toBe(200)
        expect(await world.isSignedIn()).toBe(true)
        const logoutToken = world.issuer.logoutToken(whose)
        const { status, headers } = await deliver(world, logoutToken)
        expect([status, valuesOf(headers, 'cache-control')]).toEqual([200, ['no-store']])
        expect(await world.isSignedIn()).toBe(false)
        expect((await deliver(world, logoutToken)).status).toBe(400)
      }
    },
  )

  test.each<[string, Lies, (world: World) => string]>([
    [
      'an ID token',
      {},
      ({ issuer }) => issuer.issued.find((one) => one.split('.').length === 3) ?? '',
    ],
    ['one for another client', {}, ({ issuer }) => issuer.logoutToken({ sub: 'user-1', aud: 'x' })],
    ['one with a nonce', {}, ({ issuer }) => issuer.logoutToken({ sub: 'user-1', nonce: 'x' })],
    ['one without events', {}, ({ issuer }) => issuer.logoutToken({ sub: 'user-1', events: {} })],
    [
      'an access token',
      {},
      ({ issuer }) => issuer.logoutToken({ sub: 'user-1' }, { typ: 'at+jwt' }),
    ],
  ])('is refused for %s', async (_what, lies, made) => {
    const world = await signedIn({ doors })
    world.issuer.lie(lies)
    expect((await deliver(world, made(world))).status).toBe(400)
    expect(await world.isSignedIn()).toBe(true)
  })

  test('is an outage, and not used up, while the keys cannot be had', async () => {
    const { issuer } = await build()
    const keys = createRemoteJWKSet(new URL(`${issuer.url}/jwks`))
    await jwtVerify(issuer.logoutToken({ sub: 'user-1' }), keys, { typ: 'logout+jwt' })
    const world = await build({ doors })
    const logoutToken = world.issuer.logoutToken({ sub: 'user-1' })
    world.issuer.lie({ keys: 'error-500' })
    expect((await deliver(world, logoutToken)).status).toBe(503)
    world.issuer.repent()
    world.clock.advance(30)
    expect((await deliver(world, logoutToken)).status).toBe(200)
  })

  test.each(kinds)('ends %s sessions through a frame of the issuer', async (_kind, options) => {
    const world = await signedIn(options())
    const query = (sid: string, iss = world.issuer.url) =>
      `/frontchannel-logout?${new URLSearchParams({ iss, sid }).toString()}`
    const frame = createLoneBrowser(base, world.handler)
    const sid = await sidOf(world)
    expect((await frame.open(query(sid, 'https://evil.test'))).status).toBe(400)
    const unknown = await frame.open(query('never-heard-of'))
    expect(await world.isSignedIn()).toBe(true)
    const known = await frame.open(query(sid))
    expect([known.status, known.body]).toEqual([unknown.status, unknown.body])
    expect(await world.isSignedIn()).toBe(false)
  })
})

describe('no code, token or secret gets out:', () => {
  const everyLie: readonly Lies[] = [
    {},
    { signature: 'tampered' },
    { signature: 'none' },
    { nonce: 'wrong' },
    { audience: 'other' },
    { code: 'twice' },
    { iss: 'wrong' },
    { token: 'no-id-token' },
    { token: 'garbage' },
    { tokenMembers: { token_type: 'mac' } },
    { tokenMembers: { expires_in: -1 } },
    { tokenMembers: { scope: 7 } },
    { error: { error: 'invalid_scope', description: hostile.script } },
  ]

  test.each(['code', 'code id_token'])(
    'in pages, redirects and errors of a login by %s',
    async (how) => {
      for (const lies of everyLie) {
        const world = await build(how === 'code' ? {} : hybrid)
        world.issuer.lie(lies)
        await world.signIn()
        const verifiers = world.issuer.requests
          .at('token')
          .map(({ parameters }) => parameters.get('code_verifier') ?? 'none')
        const secrets = [...world.issuer.issued, ...verifiers, 'client-secret', secret]
        expect(secrets.filter((one) => world.said().includes(one))).toEqual([])
        expect(world.said()).toContain('status')
      }
    },
  )

  test('in what a failed refresh or userinfo leaves behind', async () => {
    for (const lies of [
      { refresh: 'other-sub' },
      { token: 'garbage' },
      { userinfo: 'no-sub' },
    ] as const) {
      const world = await signedIn()
      world.clock.advance(400)
      world.issuer.lie(lies)
      await world.browser.open('/userinfo', { until: base })
      expect(world.failures).not.toEqual([])
      expect(world.issuer.issued.filter((one) => world.said().includes(one))).toEqual([])
    }
  })
})
