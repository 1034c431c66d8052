import { describe, expect, test } from 'vitest'
import type { LoginClient } from '../../client/client.ts'
import { ConfigurationError } from '../../errors/configuration.ts'
import { Outage } from '../../errors/outage.ts'
import { refuse } from '../../errors/refusal.ts'
import type { Reply } from '../../http/reply.ts'
import type { DoorParts } from '../../login/door.ts'
import type { Session, SessionOwner } from '../../session/session.ts'
import { frontChannelLogout } from './front-channel-logout.ts'

const issuer = 'https://id.test/tenant'
const good = { iss: issuer, sid: 'session-1' }

const session = (sid: unknown, of = issuer): Session => ({
  id: 'secret-id',
  issuer: of,
  client: 'client-1',
  claims: { sub: 'user-1', sid },
  scope: 'openid',
  tokens: [],
  createdAt: 0,
  seenAt: 0,
})

interface Scene {
  readonly get: (query: string | Record<string, string>) => Promise<Reply>
  readonly post: (form: string | Record<string, string>, query?: string) => Promise<Reply>
  readonly ask: (
    method: string,
    query: string,
    form?: () => Promise<URLSearchParams>,
  ) => Promise<Reply>
  readonly ended: SessionOwner[]
}

function createScene(current?: Session, lent: Partial<DoorParts> = {}): Scene {
  const ended: SessionOwner[] = []
  const open = frontChannelLogout().open({
    // The door asks for no more of its client.
    client: { id: 'client-1', issuer: { url: issuer } } as LoginClient,
    readSigned: () => Promise.reject(new Error('there is nothing to read')),
    now: () => 0,
    endSessions: (owner) => {
      ended.push(owner)
      return Promise.resolve()
    },
    // As a store has it: what was ended is not there any more.
    current: () => Promise.resolve(ended.length > 0 ? undefined : current),
    forget: () => [['Set-Cookie', 'session=; Max-Age=0']],
    ...lent,
  })
  const ask: Scene['ask'] = (method, query, form = () => Promise.resolve(new URLSearchParams())) =>
    open({ method, url: `https://app.test/out?${query}`, header: () => undefined, form })
  return {
    ask,
    get: (query) => ask('GET', new URLSearchParams(query).toString()),
    post: (form, query = '') =>
      ask('POST', query, () => Promise.resolve(new URLSearchParams(form))),
    ended,
  }
}

const field = (reply: Reply, name: string): string | undefined =>
  reply.headers.find(([one]) => one.toLowerCase() === name)?.[1]

describe('a logout by the page of the issuer', () => {
  test.each(['get', 'post'] as const)('ends the session of its sid: %s', async (how) => {
    const scene = createScene()
    const reply = await scene[how](good)
    expect(reply.status).toBe(200)
    expect(scene.ended).toEqual([{ issuer, sid: 'session-1' }])
  })

  test.each(['x'.repeat(256), 'a b', 'a\nb', '\u001b[2J', 'é'])(
    'names no session by what no issuer would: %j',
    async (sid) => {
      const scene = createScene()
      expect((await scene.get({ ...good, sid })).status).toBe(400)
      expect(scene.ended).toEqual([])
    },
  )

  test('is answered by a page that nobody caches, and that only the issuer may frame', async () => {
    const reply = await createScene().get(good)
    expect(field(reply, 'cache-control')).toBe('no-cache, no-store')
    expect(field(reply, 'pragma')).toBe('no-cache')
    expect(field(reply, 'content-type')).toBe('text/html; charset=utf-8')
    expect(field(reply, 'content-security-policy')).toBe(
      "default-src 'none'; frame-ancestors https://id.test",
    )
    expect(field(reply, 'x-frame-options')).toBeUndefined()
    expect(reply.body).toContain('<!doctype html>')
  })

  test('takes the cookies of the browser whose session it is', async () => {
    const reply = await createScene(session('session-1')).get(good)
    expect(field(reply, 'set-cookie')).toBe('session=; Max-Age=0')
  })

  test.each<[string, Session | undefined]>([
    ['of another sid', session('session-2')],
    ['without sid', session(undefined)],
    ['of another issuer', session('session-1', 'https://other.test')],
    ['that does not exist', undefined],
  ])('leaves the browser the cookies of a session %s', async (_what, current) => {
    const scene = createScene(current)
    const reply = await scene.get(good)
    expect(field(reply, 'set-cookie')).toBeUndefined()
    expect(scene.ended).toEqual([{ issuer, sid: 'session-1' }])
  })

  test('tells nobody whether there was a session', async () => {
    const there = await createScene(session('session-2')).get(good)
    expect(await createScene().get({ ...good, sid: 'never-heard-of' })).toEqual(there)
  })
})

describe('nothing is ended', () => {
  test.each<[string, string | Record<string, string>]>([
    ['without parameters', ''],
    ['without sid', { iss: issuer }],
    ['without iss', { sid: 'session-1' }],
    ['with an empty sid', { iss: issuer, sid: '' }],
    ['with an empty iss', { iss: '', sid: 'session-1' }],
    ['by another issuer', { ...good, iss: 'https://evil.test' }],
    ['by an issuer that is almost ours', { ...good, iss: `${issuer}/` }],
    ['with two sids', `${new URLSearchParams(good).toString()}&sid=session-2`],
    ['with two issuers', `${new URLSearchParams(good).toString()}&iss=${issuer}`],
  ])('%s', async (_what, parameters) => {
    for (const how of ['get', 'post'] as const) {
      const scene = createScene(session('session-1'))
      const reply = await scene[how](parameters)
      expect(reply.status).toBe(400)
      expect(field(reply, 'set-cookie')).toBeUndefined()
      expect(scene.ended).toEqual([])
      expect(reply.body).not.toContain('session')
    }
  })

  test('by a form whose parameters stand in the query', async () => {
    const scene = createScene()
    expect(await scene.post('', new URLSearchParams(good).toString())).toMatchObject({
      status: 400,
    })
    expect(scene.ended).toEqual([])
  })

  test('by a form that cannot be read', async () => {
    const scene = createScene()
    const broken = () => Promise.reject(refuse('malformed_credential', 'too large'))
    expect(await scene.ask('POST', '', broken)).toMatchObject({ status: 400 })
  })

  test.each(['HEAD', 'PUT', 'DELETE', 'OPTIONS'])('by %s', async (method) => {
    const scene = createScene()
    const reply = await scene.ask(method, new URLSearchParams(good).toString())
    expect(reply.status).toBe(405)
    expect(field(reply, 'allow')).toBe('GET, POST')
    expect(scene.ended).toEqual([])
  })
})

test('a failure of the store is an outage, never a page that claims success', async () => {
  const outage = new Outage('store_failed', 'down')
  const failing = () => Promise.reject(outage)
  await expect(createScene(undefined, { endSessions: failing }).get(good)).rejects.toBe(outage)
  await expect(createScene(undefined, { current: failing }).get(good)).rejects.toBe(outage)
  const torn = createScene().ask('POST', '', () => Promise.reject(new Error('a bug')))
  await expect(torn).rejects.toThrow('a bug')
})

test('options have a default, and are checked at start-up', () => {
  expect(frontChannelLogout()).toMatchObject({ path: '/frontchannel-logout', endsSessions: true })
  expect(frontChannelLogout({ path: '/fcl' }).path).toBe('/fcl')
  expect(() => frontChannelLogout({ path: 'fcl' })).toThrow(ConfigurationError)
  expect(() => frontChannelLogout({ path: '/a b' })).toThrow(/path must be a path/)
  const misspelt = { path: '/x', paht: '/x' }
  expect(() => frontChannelLogout(misspelt)).toThrow(/did you mean path/)
})
