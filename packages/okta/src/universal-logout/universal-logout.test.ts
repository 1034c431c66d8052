import {
  ConfigurationError,
  Outage,
  type DoorParts,
  type LoginClient,
  type Refusal,
  type ReplayStore,
  type SessionOwner,
} from '@portcullis/core'
import { createClock, createTokenIssuer, type Overrides } from '@portcullis/testkit'
import { describe, expect, test } from 'vitest'
import type { UniversalLogoutOptions } from './options.ts'
import { universalLogout } from './universal-logout.ts'

const start = 1_700_000_000
const org = 'https://acme.okta.com'
const server = `${org}/oauth2/default`
const endpoint = 'https://app.test/global-token-revocation'
const signer = createTokenIssuer({ issuer: org })
const stranger = createTokenIssuer({ issuer: org })

const claims: Overrides = {
  iss: org,
  sub: 'client-1',
  aud: endpoint,
  jti: 'call-1',
  iat: start,
  nbf: start - 300,
  exp: start + 300,
}
const header: Overrides = {
  alg: 'RS256',
  kid: signer.kid,
  typ: 'global-token-revocation+jwt',
}
const tokenOf = (more: Overrides = {}, head: Overrides = {}, by = signer): string =>
  by.sign({ ...header, ...head }, { ...claims, ...more })

const alice = { sub_id: { format: 'iss_sub', iss: org, sub: 'alice' } }
const byEmail = { sub_id: { format: 'email', email: 'ada@example.com' } }

const published: typeof fetch = (url) => {
  const { origin: base, pathname } = new URL(url instanceof Request ? url.url : url)
  const isKeys = pathname === '/keys'
  return Promise.resolve(
    Response.json(isKeys ? signer.jwks : { issuer: base, jwks_uri: `${base}/keys` }),
  )
}

interface Sent {
  readonly token?: string
  readonly body?: unknown
  readonly method?: string
  readonly authorization?: string
}

function createScene(options: Partial<UniversalLogoutOptions> = {}, lent: Partial<DoorParts> = {}) {
  const clock = createClock(start * 1000)
  const ended: SessionOwner[] = []
  const refused: (readonly [check: string | undefined, status: number])[] = []
  const refusals: Refusal[] = []
  const door = universalLogout({
    endpoint,
    fetch: published,
    onRefused: (refusal, status) => {
      refusals.push(refusal)
      refused.push([refusal.trail.check, status])
    },
    ...options,
  })
  const open = door.open({
    // The door asks for no more of its client.
    client: { id: 'client-1', issuer: { url: server } } as LoginClient,
    readSigned: () => Promise.reject(new Error('not the keys of the login')),
    now: clock.now,
    endSessions: (owner) => {
      ended.push(owner)
      return Promise.resolve()
    },
    current: () => Promise.resolve(undefined),
    forget: () => [],
    ...lent,
  })
  const send = async ({ token = tokenOf(), body = alice, method = 'POST', ...rest }: Sent = {}) => {
    const authorization = 'authorization' in rest ? rest.authorization : `Bearer ${token}`
    return open({
      method,
      url: 'https://elsewhere.test/global-token-revocation',
      header: (name) => (name === 'authorization' ? authorization : undefined),
      form: () => Promise.resolve(new URLSearchParams()),
      json: () => Promise.resolve(body),
    })
  }
  return { send, ended, refused, refusals, clock, door }
}

const noStore = ['Cache-Control', 'no-store']
const done = { status: 204, headers: [noStore] }

describe('a good call', () => {
  test('by issuer and subject ends the sessions of the login, and is answered by 204', async () => {
    const { send, ended } = createScene()
    expect(await send()).toEqual(done)
    expect(ended).toEqual([{ issuer: server, sub: 'alice' }])
  })

  test('may name the issuer of the login itself, or another domain of the org', async () => {
    const { send, ended } = createScene({ orgs: ['acme.okta.com', 'login.acme.test'] })
    const named = (iss: string) => ({ sub_id: { format: 'iss_sub', iss, sub: 'alice' } })
    expect(await send({ body: named(server) })).toEqual(done)
    const token = tokenOf({ iss: 'https://login.acme.test', jti: 'call-2' })
    expect(await send({ token, body: named('https://login.acme.test') })).toEqual(done)
    expect(ended).toHaveLength(2)
  })

  test('may have the name of earlier drafts for whom it is about', async () => {
    const { send, ended } = createScene()
    expect(await send({ body: { subject: alice.sub_id } })).toEqual(done)
    expect(ended).toEqual([{ issuer: server, sub: 'alice' }])
  })

  test('by email ends the sessions of everybody whom the application names', async () => {
    const asked: string[] = []
    const { send, ended } = createScene({
      issuers: [server, org],
      subjectOf: (email) => {
        asked.push(email)
        return ['alice', 'ada']
      },
      isKnown: (sub) => Promise.resolve(sub === 'ada'),
    })
    expect(await send({ body: byEmail })).toEqual(done)
    expect(asked).toEqual(['ada@example.com'])
    expect(ended).toEqual([
      { issuer: server, sub: 'ada' },
      { issuer: org, sub: 'ada' },
    ])
  })

  test.each<[string, Overrides, Overrides]>([
    ['no nbf', { nbf: undefined }, {}],
    ['several audiences', { aud: ['https://other.test', endpoint] }, {}],
    ['a clock that is a little ahead', { iat: start + 5, nbf: start + 5 }, {}],
    ['the long typ', {}, { typ: 'application/global-token-revocation+jwt' }],
  ])('may have %s', async (_what, more, head) => {
    expect(await createScene().send({ token: tokenOf(more, head) })).toEqual(done)
  })
})

describe('a call is answered by 401, and nothing ended, for', () => {
  test.each<[check: string, what: string, more: Overrides, head?: Overrides]>([
    ['issuer', 'another org', { iss: 'https://evil.okta.com' }],
    ['issuer', 'the custom server as its issuer', { iss: server }],
    ['issuer', 'no issuer', { iss: undefined }],
    ['type', 'no typ', {}, { typ: undefined }],
    ['type', 'the typ of a logout token', {}, { typ: 'logout+jwt' }],
    ['audience', 'another endpoint', { aud: `${endpoint}/` }],
    ['audience', 'the address that the request came under', { aud: 'https://elsewhere.test/x' }],
    ['audience', 'no audience', { aud: undefined }],
    ['client', 'another client', { sub: 'client-2' }],
    ['client', 'no client', { sub: undefined }],
    ['times', 'no iat', { iat: undefined }],
    ['times', 'no exp', { exp: undefined }],
    ['times', 'an exp that is no number', { exp: String(start + 300) }],
    ['times', 'an nbf that is no number', { nbf: null }],
    ['times', 'an exp that is past', { iat: start - 20, exp: start - 5 }],
    ['times', 'its age', { iat: start - 305, exp: start + 9999 }],
    ['times', 'an iat in the future', { iat: start + 6 }],
    ['times', 'an nbf in the future', { nbf: start + 6 }],
    ['jti', 'no jti', { jti: undefined }],
    ['jti', 'a jti that is no text', { jti: 7 }],
  ])('%s: %s', async (check, _what, more, head = {}) => {
    const { send, ended, refused } = createScene()
    expect(await send({ token: tokenOf(more, head) })).toEqual({
      status: 401,
      headers: [noStore, ['WWW-Authenticate', 'Bearer error="invalid_token"']],
    })
    expect(refused).toEqual([[check, 401]])
    expect(ended).toEqual([])
  })

  test('signature: a key that is not the org’s, no signature, another algorithm', async () => {
    const { send, ended, refused } = createScene()
    const [, payload] = tokenOf().split('.')
    const unsigned = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${payload}.`
    const es = createTokenIssuer({ issuer: org, algorithm: 'ES256' })
    for (const token of [tokenOf({}, {}, stranger), unsigned, tokenOf({}, { alg: 'ES256' }, es)]) {
      expect(await send({ token })).toMatchObject({ status: 401 })
    }
    expect(refused.map(([check]) => check)).toEqual(['signature', 'signature', 'signature'])
    expect(ended).toEqual([])
  })

  test('credential: none, another scheme, two of them; without any word of an error', async () => {
    const { send, refused } = createScene()
    const both = `Bearer ${tokenOf()}, Bearer ${tokenOf()}`
    for (const authorization of ['', 'Basic eDp5', both]) {
      expect(await send({ authorization })).toEqual({
        status: 401,
        headers: [noStore, ['WWW-Authenticate', 'Bearer']],
      })
    }
    expect(refused.map(([check]) => check)).toEqual(['credential', 'credential', 'credential'])
  })

  test('something that is no JWT, whatever it holds', async () => {
    const { send } = createScene()
    for (const token of ['x', 'a.b.c', `a.${Buffer.from('null').toString('base64url')}.c`]) {
      expect(await send({ token })).toMatchObject({ status: 401 })
    }
  })

  test('replay: coming again, here or in another process, but not after a failure of ours', async () => {
    const names = new Set<string>()
    const replays: ReplayStore = {
      has: (name) => names.has(name),
      first: (name) => names.size < names.add(name).size,
    }
    let isDown = true
    const down = () => {
      if (isDown) throw new Outage('store_failed', 'down')
      return Promise.resolve()
    }
    const first = createScene({ replays }, { endSessions: async () => down() })
    await expect(first.send()).rejects.toMatchObject({ code: 'store_failed' })
    isDown = false
    expect(await first.send()).toEqual(done)
    const second = createScene({ replays })
    expect(await second.send()).toMatchObject({ status: 401 })
    expect(await second.send({ token: tokenOf({ jti: 'call-2' }) })).toEqual(done)
    expect(second.refused).toEqual([['replay', 401]])
  })
})

describe('a call whose token holds is answered by', () => {
  test.each([
    ['no object', 'x'],
    ['no sub_id', {}],
    ['a sub_id that is a text', { sub_id: 'alice' }],
    ['another format', { sub_id: { format: 'opaque', id: 'alice' } }],
    ['no sub', { sub_id: { format: 'iss_sub', iss: org } }],
    ['a sub that is no text', { sub_id: { format: 'iss_sub', iss: org, sub: 7 } }],
    ['no iss', { sub_id: { format: 'iss_sub', sub: 'alice' } }],
    ['no email', { sub_id: { format: 'email' } }],
    ['an email that nobody resolves', byEmail],
  ])('400 for %s', async (_what, body) => {
    const { send, ended, refused } = createScene()
    expect(await send({ body })).toEqual({ status: 400, headers: [noStore] })
    expect(refused).toEqual([['body', 400]])
    expect(ended).toEqual([])
  })

  test('404 for a user whom nobody knows, and is not used up by it', async () => {
    const known = new Set<string>()
    const { send, ended, refused } = createScene({
      subjectOf: () => undefined,
      isKnown: (sub) => known.has(sub),
    })
    const elsewhere = { sub_id: { format: 'iss_sub', iss: 'https://other.test', sub: 'alice' } }
    for (const body of [byEmail, alice, elsewhere]) {
      expect(await send({ body })).toEqual({ status: 404, headers: [noStore] })
    }
    expect(refused.map(([check]) => check)).toEqual(['unknown', 'unknown', 'unknown'])
    expect(ended).toEqual([])
    known.add('alice')
    expect(await send()).toEqual(done)
  })

  test('405 where it is no POST', async () => {
    expect(await createScene().send({ method: 'GET' })).toEqual({
      status: 405,
      headers: [noStore, ['Allow', 'POST']],
    })
  })

  test('nothing of ours where the application cannot say who it is: an outage', async () => {
    const { send, ended } = createScene({
      subjectOf: () => Promise.reject(new Error('no database')),
    })
    await expect(send({ body: byEmail })).rejects.toMatchObject({ code: 'store_failed' })
    expect(ended).toEqual([])
  })
})

test('refusals hold nothing of the token, and whoever is told of them has no say', async () => {
  const { send, refusals } = createScene()
  const token = tokenOf({ jti: undefined })
  await send({ token })
  const said = refusals.map(({ reason, trail, message }) =>
    JSON.stringify([reason, trail, message]),
  )
  expect(said).toHaveLength(1)
  expect(token.split('.').filter((part) => said.join().includes(part))).toEqual([])
  const loud = createScene({
    onRefused: () => {
      throw new Error('loud')
    },
  })
  expect(await loud.send({ token })).toMatchObject({ status: 401 })
})

describe('wrong options are named', () => {
  test.each<[Partial<Record<keyof UniversalLogoutOptions, unknown>>, string]>([
    [{ endpoint: undefined }, 'universalLogout.endpoint'],
    [{ endpoint: [] }, 'universalLogout.endpoint'],
    [{ endpoint: '/global-token-revocation' }, 'universalLogout.endpoint'],
    [{ endpoint, path: '/slo' }, 'universalLogout.endpoint'],
    [{ endpoint, path: 'slo' }, 'universalLogout.path'],
    [{ endpoint, orgs: [] }, 'universalLogout.orgs'],
    [{ endpoint, orgs: [server] }, 'okta.domain'],
    [{ endpoint, maxAge: 0 }, 'universalLogout.maxAge'],
    [{ endpoint, subjectOf: 'x' }, 'universalLogout.subjectOf'],
  ])('%j', (options, named) => {
    // What a programmer without types may hand in.
    const make = () => universalLogout(options as UniversalLogoutOptions)
    expect(make).toThrow(ConfigurationError)
    expect(make).toThrow(named)
  })
})
