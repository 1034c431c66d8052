import { describe, expect, it, vi } from 'vitest'
import { ConfigurationError } from '../errors/configuration.ts'
import { Outage } from '../errors/outage.ts'
import { digest, randomText } from '../lib/seal.ts'
import { memorySessions } from './memory.ts'
import type { Session } from './session.ts'
import type { CookieSettings, Held, Vault } from './sessions.ts'
import type { SessionStore, StoredSession } from './store.ts'
import { storedSessions, type StoredSessionOptions } from './stored.ts'

const secrets = ['a secret of thirty-two characters or more']
const time = 1_700_000_000_000
const now = () => time
const cookie: CookieSettings = {
  name: '__Host-app',
  path: '/',
  domain: undefined,
  secure: true,
  sameSite: 'Lax',
  persistent: true,
}
const report = { large: () => {} }

const sessionOf = (changes: Partial<Session> = {}): Session => ({
  id: randomText(32),
  issuer: 'https://id.example.com',
  client: 'app',
  claims: { sub: 'alice', sid: 'laptop', name: 'Alice' },
  scope: 'openid',
  tokens: [{ value: 'at', name: '', scope: 'api', expiresAt: 1, lifetime: 60 }],
  refreshToken: 'the refresh token',
  createdAt: time,
  seenAt: time,
  ...changes,
})

/** A store that shows what it keeps. */
function openStore(changes: Partial<SessionStore> = {}) {
  const kept = new Map<string, StoredSession>()
  const memory = memorySessions({ now })
  const store: SessionStore = {
    ...memory,
    write: async (id, stored, expected) => {
      const isWritten = await memory.write(id, stored, expected)
      if (isWritten) kept.set(id, stored)
      return isWritten
    },
    ...changes,
  }
  return { store, kept }
}

function vaultOf(store: SessionStore, options: Partial<StoredSessionOptions> = {}, own = cookie) {
  return storedSessions(store, { secrets, now, ...options }).open(own, report)
}

const cookiesOf = ({ id }: Session): string => `other=1; ${cookie.name}=${id}`

async function begun(vault: Vault, session: Session): Promise<Held> {
  await vault.create(session, 3600, '')
  const held = await vault.read(cookiesOf(session))
  if (held === undefined) throw new Error('the session is not there')
  return held
}

describe('a stored session', () => {
  it('is found by its cookie, as it was kept', async () => {
    const vault = vaultOf(openStore().store)
    const session = sessionOf({ data: { cart: [1] } })
    const fields = await vault.create(session, 3600, '')
    expect(fields).toEqual([
      [
        'Set-Cookie',
        `__Host-app=${session.id}; Path=/; Max-Age=3600; HttpOnly; Secure; SameSite=Lax`,
      ],
    ])
    expect(await vault.read(cookiesOf(session))).toEqual({ session, mark: 1 })
  })

  it('has a cookie until the window closes, where it is not to be persistent', async () => {
    const vault = vaultOf(openStore().store, {}, { ...cookie, persistent: false })
    const session = sessionOf()
    const [field] = await vault.create(session, 3600, '')
    expect(field?.[1]).not.toContain('Max-Age')
    const held = await vault.read(cookiesOf(session))
    const renewed = held && (await vault.update(held, session, 3600))
    expect(renewed).toMatchObject({ held: { mark: 2 }, headers: [] })
  })

  it.each([true, false])('tells the store neither id nor cookie (encrypt: %s)', async (encrypt) => {
    const { store, kept: stored } = openStore()
    const session = sessionOf()
    await vaultOf(store, { encrypt }).create(session, 3600, '')
    const everything = JSON.stringify([...stored])
    expect(everything).not.toContain(session.id)
    expect([...stored.keys()]).toEqual([digest(session.id)])
    expect(everything.includes('the refresh token')).toBe(!encrypt)
  })

  it('is written with its owner and the time at which it is over', async () => {
    const { store, kept: stored } = openStore()
    const session = sessionOf()
    await vaultOf(store).create(session, 3600, '')
    expect(stored.get(digest(session.id))).toMatchObject({
      version: 1,
      expiresAt: time + 3_600_000,
      owner: { issuer: 'https://id.example.com', sub: 'alice', sid: 'laptop' },
    })
  })

  it('has an owner of the claims that are texts', async () => {
    const { store, kept: stored } = openStore()
    const session = sessionOf({ claims: { sub: 7, sid: undefined } })
    await vaultOf(store).create(session, 3600, '')
    expect(stored.get(digest(session.id))?.owner).toEqual({ issuer: 'https://id.example.com' })
  })

  it('moves the cookie with every update', async () => {
    const vault = vaultOf(openStore().store)
    const held = await begun(vault, sessionOf())
    const next = { ...held.session, seenAt: time + 1 }
    const renewed = await vault.update(held, next, 60)
    expect(renewed?.held).toEqual({ session: next, mark: 2 })
    expect(renewed?.headers[0]?.[1]).toContain('Max-Age=60')
    expect(await vault.again(held)).toEqual({ session: next, mark: 2 })
  })

  it('is not updated where somebody else was faster, or has ended it', async () => {
    const vault = vaultOf(openStore().store)
    const held = await begun(vault, sessionOf())
    await vault.update(held, held.session, 60)
    expect(await vault.update(held, held.session, 60)).toBeUndefined()
    const other = await begun(vault, sessionOf())
    await vault.destroy(other)
    expect(await vault.update(other, other.session, 60)).toBeUndefined()
    expect(await vault.again(other)).toBeUndefined()
  })

  it('is ended by its owner', async () => {
    const vault = vaultOf(openStore().store)
    const held = await begun(vault, sessionOf())
    await vault.destroyBy?.({ issuer: 'https://id.example.com', sid: 'laptop' })
    expect(await vault.again(held)).toBeUndefined()
  })

  it('leaves no cookie behind, and takes none away that is not there', () => {
    const vault = vaultOf(openStore().store)
    expect(vault.forget('other=1')).toEqual([])
    expect(vault.forget(`${cookie.name}=x`)[0]?.[1]).toMatch(/^__Host-app=; .*Max-Age=0/)
  })
})

describe('a cookie that cannot be an id', () => {
  it.each(['', 'x', 'x'.repeat(42), 'x'.repeat(44), `${'x'.repeat(42)}=`, `${'x'.repeat(42)}é`])(
    'is no session, and no question to the store: %j',
    (value) => {
      const read = vi.fn<SessionStore['read']>()
      const vault = vaultOf(openStore({ read }).store)
      expect(vault.read(`${cookie.name}=${value}`)).toBeUndefined()
      expect(vault.read('')).toBeUndefined()
      expect(read).not.toHaveBeenCalled()
    },
  )
})

describe('what a store gives back', () => {
  const answer = async (
    change: (stored: StoredSession) => unknown,
    options: Partial<StoredSessionOptions> = {},
  ) => {
    const { store, kept: stored } = openStore()
    const session = sessionOf()
    await vaultOf(store, options).create(session, 3600, '')
    const mine = stored.get(digest(session.id))
    if (mine === undefined) throw new Error('nothing was kept')
    // A store may answer anything; the type cannot stop it.
    const read = async () => change(mine) as StoredSession
    return vaultOf({ ...store, read }, options).read(cookiesOf(session))
  }

  it.each<[string, (stored: StoredSession) => unknown]>([
    ['garbage', (stored) => ({ ...stored, body: 'garbage' })],
    ['a changed body', (stored) => ({ ...stored, body: `${stored.body.slice(0, -4)}AAAA` })],
    ['a body in the clear', (stored) => ({ ...stored, body: JSON.stringify(sessionOf()) })],
    ['no text', (stored) => ({ ...stored, body: 7 })],
    ['no version', (stored) => ({ ...stored, version: '1' })],
    ['no object', () => 'text'],
  ])('is no session where it is %s', async (_, change) => {
    expect(await answer(change)).toBeUndefined()
    expect(await answer((stored) => stored)).toBeDefined()
  })

  it.each([
    ['issuer', 1],
    ['client', undefined],
    ['scope', null],
    ['createdAt', '1'],
    ['seenAt', '1'],
    ['claims', 'x'],
    ['tokens', {}],
    ['key', digest('another id')],
  ])('is no session where its %s is %j', async (member, value) => {
    const change = (stored: StoredSession) => ({
      ...stored,
      body: JSON.stringify({ ...JSON.parse(stored.body), [member]: value }),
    })
    expect(await answer(change, { encrypt: false })).toBeUndefined()
  })

  it('is no session where it was sealed with a secret that is gone', async () => {
    const { store } = openStore()
    const session = sessionOf()
    await vaultOf(store).create(session, 3600, '')
    const other = 'another secret of thirty-two characters'
    expect(await vaultOf(store, { secrets: [other] }).read(cookiesOf(session))).toBeUndefined()
    const both = vaultOf(store, { secrets: [other, ...secrets] })
    expect(await both.read(cookiesOf(session))).toMatchObject({ session })
  })

  it('is no session where the body belongs to another one', async () => {
    const { store, kept: stored } = openStore()
    const [victim, thief] = [sessionOf(), sessionOf({ claims: { sub: 'mallory' } })]
    const vault = vaultOf(store)
    await vault.create(victim, 3600, '')
    await vault.create(thief, 3600, '')
    const body = stored.get(digest(victim.id))
    const swapped = vaultOf({ ...store, read: async () => body })
    expect(await swapped.read(cookiesOf(thief))).toBeUndefined()
    expect(await swapped.read(cookiesOf(victim))).toBeDefined()
  })

  it('is still read after sealing was switched off', async () => {
    const { store } = openStore()
    const session = sessionOf()
    await vaultOf(store).create(session, 3600, '')
    expect(await vaultOf(store, { encrypt: false }).read(cookiesOf(session))).toBeDefined()
  })
})

describe('a store that fails', () => {
  const broken = async () => {
    throw new Error('connection lost')
  }
  const down = { read: broken, write: broken, destroy: broken, destroyBy: broken }
  const held = { session: sessionOf(), mark: 1 }
  const acts: readonly (readonly [string, (vault: Vault) => unknown])[] = [
    ['read', (vault) => vault.read(cookiesOf(held.session))],
    ['write', (vault) => vault.create(held.session, 60, '')],
    ['write', (vault) => vault.update(held, held.session, 60)],
    ['read', (vault) => vault.again(held)],
    ['destroy', (vault) => vault.destroy(held)],
    ['destroyBy', (vault) => vault.destroyBy?.({ issuer: 'a', sub: 'b' })],
  ]

  it.each(acts)('is an outage that says so: %s', async (phase, act) => {
    const failure = await Promise.resolve(act(vaultOf(down))).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(Outage)
    expect(failure).toMatchObject({ code: 'store_failed', phase, status: 503 })
    expect(String(failure)).toContain('connection lost')
    expect(failure).toHaveProperty('cause.message', 'connection lost')
  })

  it('is an outage after five seconds of silence', async () => {
    vi.useFakeTimers()
    try {
      const silent = vaultOf({ ...down, read: () => new Promise(() => {}) })
      const failure = Promise.resolve(silent.read(cookiesOf(held.session))).catch(String)
      await vi.advanceTimersByTimeAsync(4999)
      expect(await Promise.race([failure, Promise.resolve('waiting')])).toBe('waiting')
      await vi.advanceTimersByTimeAsync(1)
      expect(await failure).toContain('no answer within 5 s')
    } finally {
      vi.useRealTimers()
    }
  })

  it('is an outage also where it throws at once, and an outage of its own stays as it is', async () => {
    const own = new Outage('store_failed', 'mine')
    const throwing = (error: Error) =>
      vaultOf({
        ...down,
        read: () => {
          throw error
        },
      })
    await expect(throwing(new Error('now')).again(held)).rejects.toBeInstanceOf(Outage)
    await expect(throwing(own).again(held)).rejects.toBe(own)
  })

  it('is an outage where it says that a new session is there already', async () => {
    const vault = vaultOf({ ...openStore().store, write: async () => false })
    await expect(vault.create(sessionOf(), 60, '')).rejects.toMatchObject({ code: 'store_failed' })
  })

  it('is none where its client sent a new session twice', async () => {
    const { store } = openStore()
    const twice = vaultOf({
      ...store,
      write: async (...sent) => {
        await store.write(...sent)
        return store.write(...sent)
      },
    })
    expect(await twice.create(sessionOf(), 60, '')).toHaveLength(1)
  })
})

describe('the options', () => {
  it.each<[RegExp, unknown, unknown]>([
    [/has no read/, {}, { secrets }],
    [/has no read/, undefined, { secrets }],
    [/has no destroyBy/, { ...memorySessions(), destroyBy: undefined }, { secrets }],
    [/storedSessions\.encrypt/, memorySessions(), { secrets, encrypt: 1 }],
    [/did you mean idle/, memorySessions(), { secrets, idel: 1 }],
    [/secrets/, memorySessions(), {}],
    [/32 characters/, memorySessions(), { secrets: ['short'] }],
  ])('are refused with %s', (text, store, options) => {
    // What a JavaScript program may hand in.
    const make = () => storedSessions(store as SessionStore, options as StoredSessionOptions)
    expect(make).toThrow(ConfigurationError)
    expect(make).toThrow(text)
  })

  it('have the defaults that every kind of sessions has', () => {
    const sessions = storedSessions(memorySessions(), { secrets })
    expect(sessions).toMatchObject({ kind: 'stored', settings: { idle: 86_400 } })
    const box = sessions.box('transaction')
    expect(box.open(box.seal(Buffer.from('x')))?.toString()).toBe('x')
    expect(sessions.box('other').open(box.seal(Buffer.from('x')))).toBeUndefined()
  })
})
