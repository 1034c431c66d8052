import { createClock, createTokenIssuer, type Overrides } from '@portcullis/testkit'
import { describe, expect, test } from 'vitest'
import type { LoginClient } from '../../client/client.ts'
import type { SignedReader } from '../../client/signed.ts'
import { ConfigurationError } from '../../errors/configuration.ts'
import { Outage } from '../../errors/outage.ts'
import { refuse, type Refusal } from '../../errors/refusal.ts'
import type { Reply } from '../../http/reply.ts'
import { createIssuer } from '../../issuer/create.ts'
import type { DoorParts } from '../../login/door.ts'
import type { ReplayStore } from '../../session/replay.ts'
import type { SessionOwner } from '../../session/session.ts'
import { createSignedReader } from '../jwt/signed.ts'
import { backChannelLogout, type BackChannelLogoutOptions } from './back-channel-logout.ts'
import { logoutEvent } from './logout-token.ts'

const start = 1_700_000_000
const url = 'https://id.test'
const issuer = createTokenIssuer({ issuer: url, algorithm: 'ES256' })
const stranger = createTokenIssuer({ issuer: url, algorithm: 'ES256' })

const goodClaims: Overrides = {
  iss: url,
  aud: 'client-1',
  iat: start,
  exp: start + 120,
  jti: 'logout-1',
  sub: 'user-1',
  sid: 'session-1',
  events: { [logoutEvent]: {} },
}
const goodHeader: Overrides = { alg: 'ES256', kid: issuer.kid, typ: 'logout+jwt' }

const logoutToken = (claims: Overrides = {}, header: Overrides = {}, by = issuer): string =>
  by.sign({ ...goodHeader, ...header }, { ...goodClaims, ...claims })

const readSigned: SignedReader = createSignedReader({
  issuer: createIssuer({ issuer: url, jwks: issuer.jwks }),
})

interface Scene {
  readonly post: (...tokens: readonly string[]) => Promise<Reply>
  readonly ask: (method: string, form?: () => Promise<URLSearchParams>) => Promise<Reply>
  readonly ended: SessionOwner[]
  readonly refused: Refusal[]
  readonly clock: ReturnType<typeof createClock>
}

function createScene(options: BackChannelLogoutOptions = {}, lent: Partial<DoorParts> = {}): Scene {
  const ended: SessionOwner[] = []
  const refused: Refusal[] = []
  const clock = createClock(start * 1000)
  const door = backChannelLogout({ onRefused: (refusal) => refused.push(refusal), ...options })
  const open = door.open({
    // The door asks for no more of its client.
    client: { id: 'client-1', issuer: { url } } as LoginClient,
    readSigned,
    now: clock.now,
    endSessions: (owner) => {
      ended.push(owner)
      return Promise.resolve()
    },
    current: () => Promise.resolve(undefined),
    forget: () => [],
    ...lent,
  })
  const ask: Scene['ask'] = (method, form = () => Promise.resolve(new URLSearchParams())) =>
    open({ method, url: 'https://app.test/backchannel-logout', header: () => undefined, form })
  const post: Scene['post'] = (...tokens) =>
    ask('POST', () =>
      Promise.resolve(
        new URLSearchParams(tokens.map((one): [string, string] => ['logout_token', one])),
      ),
    )
  return { post, ask, ended, refused, clock }
}

const done: Reply = { status: 200, headers: [['Cache-Control', 'no-store']] }
const invalid: Reply = {
  status: 400,
  headers: [
    ['Cache-Control', 'no-store'],
    ['Content-Type', 'application/json'],
  ],
  body: '{"error":"invalid_request"}',
}

describe('a good logout token', () => {
  test('ends the session it names, and is answered by 200 that nobody caches', async () => {
    const { post, ended } = createScene()
    expect(await post(logoutToken())).toEqual(done)
    expect(ended).toEqual([{ issuer: url, sub: 'user-1', sid: 'session-1' }])
  })

  test.each<[string, Overrides, SessionOwner]>([
    ['sub alone: all sessions of the user', { sid: undefined }, { issuer: url, sub: 'user-1' }],
    ['sid alone: this session', { sub: undefined }, { issuer: url, sid: 'session-1' }],
  ])('may name %s', async (_what, claims, owner) => {
    const { post, ended } = createScene()
    expect(await post(logoutToken(claims))).toEqual(done)
    expect(ended).toEqual([owner])
  })

  test.each<[string, Overrides, Overrides]>([
    ['no typ', {}, { typ: undefined }],
    ['typ JWT', {}, { typ: 'JWT' }],
    ['the long typ', {}, { typ: 'application/logout+jwt' }],
    ['several audiences', { aud: ['other', 'client-1'] }, {}],
    ['other events beside', { events: { [logoutEvent]: { why: 'x' }, 'urn:x': {} } }, {}],
    ['claims that nobody knows', { trace: 'x' }, {}],
    ['a clock that is a little ahead', { iat: start + 5 }, {}],
  ])('may have %s', async (_what, claims, header) => {
    const { post } = createScene()
    expect(await post(logoutToken(claims, header))).toEqual(done)
  })

  test('may lack exp where the options say so, and is too old by its iat all the same', async () => {
    const { post, clock } = createScene({ expiry: 'optional' })
    expect(await post(logoutToken({ exp: undefined }))).toEqual(done)
    clock.advance(126)
    expect(await post(logoutToken({ exp: undefined, jti: 'logout-2' }))).toEqual(invalid)
  })
})

describe('a logout token is refused, and nothing ended, for', () => {
  test.each<[check: string, what: string, claims: Overrides, header?: Overrides]>([
    ['type', 'the type of an access token', {}, { typ: 'at+jwt' }],
    ['type', 'the type of a security event', {}, { typ: 'secevent+jwt' }],
    ['issuer', 'another issuer', { iss: 'https://evil.test' }],
    ['issuer', 'an issuer that is almost ours', { iss: `${url}/` }],
    ['issuer', 'no issuer', { iss: undefined }],
    ['audience', 'another client', { aud: 'client-2' }],
    ['audience', 'no audience', { aud: undefined }],
    ['audience', 'an audience that is no text', { aud: ['client-1', 7] }],
    ['iat', 'no iat', { iat: undefined }],
    ['iat', 'an iat that is no number', { iat: String(start) }],
    ['not-before', 'an iat in the future', { iat: start + 6, exp: start + 300 }],
    ['not-before', 'an nbf in the future', { nbf: start + 6 }],
    ['expiry', 'no exp', { exp: undefined }],
    ['exp', 'an exp that is no number', { exp: null }],
    ['expiry', 'an exp that is past', { iat: start - 20, exp: start - 5 }],
    ['age', 'its age', { iat: start - 125, exp: start + 1000 }],
    ['jti', 'no jti', { jti: undefined }],
    ['jti', 'an empty jti', { jti: '' }],
    ['jti', 'a jti that is no text', { jti: 7 }],
    ['events', 'no events', { events: undefined }],
    ['events', 'a list of events', { events: [logoutEvent] }],
    ['events', 'another event', { events: { 'urn:other': {} } }],
    ['events', 'an event that is no object', { events: { [logoutEvent]: true } }],
    ['nonce', 'a nonce', { nonce: 'n' }],
    ['nonce', 'a nonce that is null', { nonce: null }],
    ['subject', 'naming nobody', { sub: undefined, sid: undefined }],
    ['sub', 'a sub that is no text', { sub: 7 }],
    ['sid', 'a sid that is no text', { sid: { a: 1 } }],
    ['sid', 'an empty sid', { sid: '' }],
  ])('%s: %s', async (check, _what, claims, header = {}) => {
    const { post, ended, refused } = createScene()
    expect(await post(logoutToken(claims, header))).toEqual(invalid)
    expect(ended).toEqual([])
    expect(refused).toMatchObject([{ code: 'logout_token_refused', trail: { check } }])
  })

  test('signature: a key that is not the issuer’s, and no signature at all', async () => {
    const { post, ended, refused } = createScene()
    expect(await post(logoutToken({}, {}, stranger))).toEqual(invalid)
    const [, payload] = logoutToken().split('.')
    const unsigned = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${payload}.`
    expect(await post(unsigned)).toEqual(invalid)
    expect(refused.map(({ trail }) => trail.check)).toEqual(['signature', 'signature'])
    expect(ended).toEqual([])
  })

  test('algorithm: none, even where a reader lets it pass', async () => {
    const { post, ended } = createScene(
      {},
      {
        readSigned: async (token) => ({ ...(await readSigned(token)), algorithm: 'none' }),
      },
    )
    expect(await post(logoutToken())).toEqual(invalid)
    expect(ended).toEqual([])
  })

  test('request: a form without one, with an empty one, with two, or that cannot be read', async () => {
    const { post, ask, ended } = createScene()
    expect(await post()).toEqual(invalid)
    expect(await post('')).toEqual(invalid)
    expect(await post(logoutToken(), logoutToken({ jti: 'logout-2' }))).toEqual(invalid)
    const broken = () => Promise.reject(refuse('malformed_credential', 'too large'))
    expect(await ask('POST', broken)).toEqual(invalid)
    expect(ended).toEqual([])
  })

  test('what a polluted prototype says', async () => {
    Reflect.set(Object.prototype, 'sid', 'session-1')
    try {
      const { post, ended } = createScene()
      expect(await post(logoutToken({ sid: undefined, sub: undefined }))).toEqual(invalid)
      expect(ended).toEqual([])
    } finally {
      Reflect.deleteProperty(Object.prototype, 'sid')
    }
  })

  test('reasons that hold nothing of the token itself', async () => {
    const { post, refused } = createScene()
    const token = logoutToken({ jti: undefined })
    await post(token)
    await post(`${token}x`)
    const said = refused.map(({ reason, trail, message }) =>
      JSON.stringify([reason, trail, message]),
    )
    expect(said).toHaveLength(2)
    expect(said.filter((text) => token.split('.').some((part) => text.includes(part)))).toEqual([])
  })
})

test.each(['GET', 'HEAD', 'PUT', 'OPTIONS'])('%s is answered by 405', async (method) => {
  const { ask, ended } = createScene()
  const form = () => Promise.resolve(new URLSearchParams({ logout_token: logoutToken() }))
  expect(await ask(method, form)).toEqual({
    status: 405,
    headers: [
      ['Cache-Control', 'no-store'],
      ['Allow', 'POST'],
    ],
  })
  expect(ended).toEqual([])
})

describe('a logout token is good once', () => {
  test('and refused when it comes again, until it is too old anyway', async () => {
    const { post, clock, ended, refused } = createScene()
    expect(await post(logoutToken())).toEqual(done)
    for (const seconds of [0, 60, 64]) {
      clock.advance(seconds)
      expect(await post(logoutToken())).toEqual(invalid)
    }
    clock.advance(1)
    expect(await post(logoutToken())).toEqual(invalid)
    expect(refused.map(({ trail }) => trail.check)).toEqual([
      'replay',
      'replay',
      'replay',
      'expiry',
    ])
    expect(ended).toHaveLength(1)
  })

  test('while another one of the same user is another one', async () => {
    const { post, ended } = createScene()
    expect(await post(logoutToken())).toEqual(done)
    expect(await post(logoutToken({ jti: 'logout-2' }))).toEqual(done)
    expect(ended).toHaveLength(2)
  })

  test('also when two processes share their memory of it', async () => {
    const replays = recordingReplays()
    const [one, two] = [createScene({ replays }), createScene({ replays })]
    expect(await one.post(logoutToken())).toEqual(done)
    expect(await two.post(logoutToken())).toEqual(invalid)
  })

  test('but the same jti of another issuer, or for another client, is another token', async () => {
    const replays = recordingReplays()
    const other = createScene(
      { replays },
      { client: { id: 'client-2', issuer: { url } } as LoginClient },
    )
    const both = logoutToken({ aud: ['client-1', 'client-2'] })
    expect(await createScene({ replays }).post(both)).toEqual(done)
    expect(await other.post(both)).toEqual(done)
    expect(new Set(replays.names).size).toBe(2)
    expect(replays.names.join(' ')).not.toContain('logout-1')
  })

  test('and is remembered until its age refuses it, however far its exp is', async () => {
    const replays = recordingReplays()
    await createScene({ replays }).post(logoutToken({ exp: 1e300 }))
    await createScene({ replays }).post(logoutToken({ jti: 'b', exp: start + 30 }))
    expect(replays.seconds).toEqual([125, 35])
  })

  test('so that two deliveries at the same moment both succeed', async () => {
    let waiting = 0
    let go = () => {}
    const both = new Promise<void>((resolve) => {
      go = resolve
    })
    const { post } = createScene(
      {},
      { endSessions: () => (++waiting === 2 ? go() : undefined, both) },
    )
    const answers = await Promise.all([post(logoutToken()), post(logoutToken())])
    expect(answers).toEqual([done, done])
  })
})

describe('where we fail, the issuer is told by an outage, and its retry succeeds', () => {
  test('after the store of sessions failed', async () => {
    const outage = new Outage('store_failed', 'down')
    let failures = 1
    const { post } = createScene(
      {},
      {
        endSessions: () => (failures-- > 0 ? Promise.reject(outage) : Promise.resolve()),
      },
    )
    await expect(post(logoutToken())).rejects.toBe(outage)
    expect(await post(logoutToken())).toEqual(done)
    expect(await post(logoutToken())).toEqual(invalid)
  })

  test('after the keys of the issuer could not be had', async () => {
    const outage = new Outage('keys_unreachable', 'down')
    let failures = 1
    const { post } = createScene(
      {},
      {
        readSigned: (token) => (failures-- > 0 ? Promise.reject(outage) : readSigned(token)),
      },
    )
    await expect(post(logoutToken())).rejects.toBe(outage)
    expect(await post(logoutToken())).toEqual(done)
  })

  test.each(['has', 'first'] as const)('after the memory of tokens failed at %s', async (step) => {
    const replays = recordingReplays()
    const failing = { ...replays, [step]: () => Promise.reject(new Error('connection lost')) }
    const broken = createScene({ replays: failing })
    await expect(broken.post(logoutToken())).rejects.toMatchObject({
      code: 'store_failed',
      status: 503,
    })
    expect(broken.ended).toHaveLength(step === 'has' ? 0 : 1)
    expect(await createScene({ replays }).post(logoutToken())).toEqual(done)
  })

  test('an outage of the memory stays the outage it is', async () => {
    const outage = new Outage('store_failed', 'redis is out of memory')
    const replays = { ...recordingReplays(), has: () => Promise.reject(outage) }
    await expect(createScene({ replays }).post(logoutToken())).rejects.toBe(outage)
  })

  test('and a mistake of ours stays one', async () => {
    const mistake = new TypeError('a bug')
    const { post } = createScene({}, { readSigned: () => Promise.reject(mistake) })
    await expect(post(logoutToken())).rejects.toBe(mistake)
  })
})

describe('options', () => {
  test('whoever only looks on has no say', async () => {
    const onRefused = () => {
      throw new Error('a broken logger')
    }
    expect(await createScene({ onRefused }).post('x')).toEqual(invalid)
  })

  test('have defaults: a path, and that sessions must be endable', () => {
    expect(backChannelLogout()).toMatchObject({ path: '/backchannel-logout', endsSessions: true })
    expect(backChannelLogout({ path: '/bcl' }).path).toBe('/bcl')
  })

  test('clockTolerance and maxAge are seconds', async () => {
    const { post } = createScene({ clockTolerance: 30, maxAge: 10 })
    expect(await post(logoutToken({ iat: start + 30 }))).toEqual(done)
    expect(await post(logoutToken({ jti: 'b', iat: start - 39 }))).toEqual(done)
    expect(await post(logoutToken({ jti: 'c', iat: start - 40 }))).toEqual(invalid)
  })

  test.each<[object, RegExp]>([
    [{ replay: {} }, /backChannelLogout\.replay is not an option; did you mean replays/],
    [{ replays: { first: () => true } }, /replays must be a store/],
    [{ path: 'logout' }, /path must/],
    [{ path: '/' }, /path must/],
    [{ maxAge: 0 }, /maxAge must/],
    [{ clockTolerance: -1 }, /clockTolerance must/],
    [{ expiry: 'never' }, /expiry must/],
    [{ onRefused: true }, /onRefused must/],
  ])('that are wrong are named at start-up: %o', (options, text) => {
    expect(() => backChannelLogout(options)).toThrow(ConfigurationError)
    expect(() => backChannelLogout(options)).toThrow(text)
  })
})

function recordingReplays(): ReplayStore & { names: string[]; seconds: number[] } {
  const names: string[] = []
  const kept: number[] = []
  return {
    names,
    seconds: kept,
    has: (name) => names.includes(name),
    first: (name, seconds) => {
      kept.push(seconds)
      return names.push(name) > 0
    },
  }
}
