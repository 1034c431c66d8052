import { randomBytes } from 'node:crypto'
import { describe, expect, test, vi } from 'vitest'
import { ConfigurationError } from '../errors/configuration.ts'
import type { HeaderField } from '../http/reply.ts'
import { sealedSessions } from './sealed.ts'
import type { Session } from './session.ts'
import type { CookieSettings, Vault } from './sessions.ts'

const secrets = ['a'.repeat(32)]
const cookie: CookieSettings = {
  name: '__Host-portcullis-abcdef0123',
  path: '/',
  domain: undefined,
  secure: true,
  sameSite: 'Lax',
  persistent: true,
}
const quiet = { large: (): void => undefined }
const vaultWith = (more: Partial<CookieSettings> = {}, by: readonly string[] = secrets): Vault =>
  sealedSessions({ secrets: by }).open({ ...cookie, ...more }, quiet)
const vault = vaultWith()

const sessionOf = (data: Readonly<Record<string, unknown>> = {}): Session => ({
  id: randomBytes(32).toString('base64url'),
  issuer: 'https://id.test',
  client: 'client',
  claims: { sub: 'alice' },
  scope: 'openid',
  tokens: [],
  data,
  createdAt: 1_753_000_000_000,
  seenAt: 1_753_000_000_000,
})
// Takes about so many cookies.
const sessionFor = (cookies: number): Session =>
  sessionOf({ text: ' '.repeat(2960 * (cookies - 1) + 600) })

/** A browser, as far as it keeps cookies. */
function browser(): { take(fields: readonly HeaderField[]): void; readonly field: string } {
  const jar = new Map<string, string>()
  return {
    take: (fields) => {
      for (const [, text] of fields) {
        const [name = '', value = ''] = (text.split(';')[0] ?? '').split('=')
        if (/; Max-Age=0(?:;|$)/.test(text)) jar.delete(name)
        else jar.set(name, value)
      }
    },
    get field() {
      return [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
    },
  }
}

const read = (from: Vault, cookies: string): Session | undefined => {
  const held = from.read(cookies)
  if (held instanceof Promise) throw new Error('a sealed session is read at once')
  return held?.session
}
const create = async (
  from: Vault,
  session: Session,
  cookies = '',
): Promise<readonly HeaderField[]> => from.create(session, 3600, cookies)
const update = async (from: Vault, cookies: string, session: Session) => {
  const held = await from.read(cookies)
  if (held === undefined) throw new Error('there is no session')
  const renewed = await from.update(held, session, 3600)
  if (renewed === undefined) throw new Error('nobody else can be faster')
  return renewed
}
const namesOf = (field: string): string[] =>
  field.split('; ').map((pair) => pair.split('=')[0] ?? '')

describe('a sealed session', () => {
  test('is kept in one cookie that nobody else can read', async () => {
    const session = sessionOf({ secret: 'the application’s own' })
    const fields = await create(vault, session)
    expect(fields).toHaveLength(1)
    const [[name, text] = ['', '']] = fields
    expect(name).toBe('Set-Cookie')
    expect(text).toMatch(
      /^__Host-portcullis-abcdef0123=1[\w-]+; Path=\/; Max-Age=3600; HttpOnly; Secure; SameSite=Lax$/,
    )
    expect(Buffer.from(text.slice(30), 'base64url').includes('alice')).toBe(false)
    expect(read(vault, `other=1; ${text.split(';')[0]}; more=2`)).toEqual(session)
  })

  test('with an ID token of 2 kB, an access token of 1.5 kB and a refresh token is one cookie', async () => {
    const session = withTokens()
    const fields = await create(vaultWith({ name: `__Host-${'n'.repeat(24)}` }), session)
    expect(fields).toHaveLength(1)
    expect(fields[0]?.[1].length).toBeLessThan(4096)
  })

  test('is looked after by the browser as the cookie was configured', async () => {
    const settings = {
      name: 'app',
      path: '/app',
      domain: 'example.com',
      secure: false,
      sameSite: 'Strict',
      persistent: false,
    } as const
    const [[, text] = ['', '']] = await create(vaultWith(settings), sessionOf())
    expect(text).toMatch(/^app=[\w-]+; Path=\/app; Domain=example\.com; HttpOnly; SameSite=Strict$/)
  })

  test('is the same when asked for again, and gone from nowhere when it is destroyed', async () => {
    const held = { session: sessionOf(), mark: 1 }
    expect(await vault.again(held)).toBe(held)
    expect(vault.destroy(held)).toBeUndefined()
    expect(vault.destroyBy).toBeUndefined()
    expect(sealedSessions({ secrets }).kind).toBe('sealed')
  })

  test('does not open under another name, with another secret, or from another box', async () => {
    const [[, text] = ['', '']] = await create(vault, sessionOf())
    const value = text.slice(cookie.name.length + 1).split(';')[0] ?? ''
    expect(read(vault, `${cookie.name}=${value}`)).toBeDefined()
    expect(read(vaultWith({ name: '__Host-other' }), `__Host-other=${value}`)).toBeUndefined()
    expect(read(vaultWith({}, ['b'.repeat(32)]), `${cookie.name}=${value}`)).toBeUndefined()
    const foreign = sealedSessions({ secrets }).box('transaction').seal(Buffer.from('[]'))
    expect(read(vault, `${cookie.name}=1${foreign}`)).toBeUndefined()
  })

  test('outlives a change of secrets', async () => {
    const session = sessionOf()
    const jar = browser()
    jar.take(await create(vaultWith({}, ['old'.repeat(11)]), session))
    const during = vaultWith({}, ['new'.repeat(11), 'old'.repeat(11)])
    expect(read(during, jar.field)).toEqual(session)
    jar.take((await update(during, jar.field, session)).headers)
    expect(read(vaultWith({}, ['new'.repeat(11)]), jar.field)).toEqual(session)
  })

  test('is refused where it is opened for anything but what it is', () => {
    const box = sealedSessions({ secrets }).box(`session ${cookie.name}`)
    for (const inside of [
      '',
      '[]',
      '{}',
      '\u0001\u0000[]',
      '\u0001\u0000{"id":"x"}',
      '\u0002\u0000[]',
    ]) {
      expect(read(vault, `${cookie.name}=1${box.seal(Buffer.from(inside))}`)).toBeUndefined()
    }
  })

  test('gives one box for one purpose', () => {
    const sessions = sealedSessions({ secrets })
    expect(sessions.box('one')).toBe(sessions.box('one'))
    expect(sessions.box('two').open(sessions.box('one').seal(Buffer.from('x')))).toBeUndefined()
  })
})

describe('a session of several cookies', () => {
  test('has no cookie over 4,096 bytes, and is read whatever order they come in', async () => {
    for (const count of [1, 2, 3, 8, 9]) {
      const session = sessionFor(count)
      const fields = await create(vault, session)
      expect(fields).toHaveLength(count)
      for (const [, text] of fields) expect(text.length).toBeLessThanOrEqual(4096)
      const pairs = fields.map(([, text]) => text.split(';')[0] ?? '')
      expect(read(vault, pairs.toReversed().join('; '))).toEqual(session)
    }
  })

  test('shrinks from three to two to one, and grows again', async () => {
    const jar = browser()
    jar.take(await create(vault, sessionFor(3)))
    for (const [count, expired] of [
      [2, 1],
      [1, 1],
      [4, 0],
      [1, 3],
      [1, 0],
    ] as const) {
      const session = sessionFor(count)
      const { headers } = await update(vault, jar.field, session)
      expect(headers.filter(([, text]) => text.includes('Max-Age=0'))).toHaveLength(expired)
      jar.take(headers)
      expect(namesOf(jar.field)).toHaveLength(count)
      expect(read(vault, jar.field)).toEqual(session)
    }
  })

  test('is not disturbed by what an older one has left behind, and has it expired', async () => {
    const [one, two, three] = (await create(vault, sessionFor(3))).map(
      ([, text]) => text.split(';')[0] ?? '',
    )
    expect([one, two, three].every((pair) => pair !== undefined)).toBe(true)
    const session = sessionFor(1)
    const [[, text] = ['', '']] = await create(vault, session)
    const field = `${three}; ${text.split(';')[0]}; ${two}`
    expect(read(vault, field)).toEqual(session)
    const { headers } = await update(vault, field, session)
    expect(headers.map(([, value]) => value.replace(/=[\w-]*;/, '=…;'))).toEqual([
      expect.stringMatching(/^__Host-portcullis-abcdef0123=….*Max-Age=3600/),
      expect.stringMatching(/^__Host-portcullis-abcdef0123\.1=….*Max-Age=0.*Secure/),
      expect.stringMatching(/^__Host-portcullis-abcdef0123\.2=….*Max-Age=0.*Secure/),
    ])
  })

  test('that is written twice in one response still expires what the browser has', async () => {
    const jar = browser()
    jar.take(await create(vault, sessionFor(3)))
    const { held } = await update(vault, jar.field, sessionFor(1))
    const renewed = await vault.update(held, sessionFor(2), 3600)
    // Only the second of the two answers is sent.
    jar.take(renewed?.headers ?? [])
    expect(namesOf(jar.field)).toHaveLength(2)
  })

  test('replaces an older one at the next login', async () => {
    const jar = browser()
    jar.take(await create(vault, sessionFor(4)))
    const session = sessionFor(2)
    jar.take(await create(vault, session, jar.field))
    expect(namesOf(jar.field)).toHaveLength(2)
    expect(read(vault, jar.field)).toEqual(session)
  })

  test('is forgotten with all its cookies, and with no others', async () => {
    const jar = browser()
    jar.take(await create(vault, sessionFor(3)))
    const others = ['x', 'x4', '.40', '.9', '.0', '.'].map((end) => `${cookie.name}${end}=1`)
    const field = [jar.field, ...others, 'other=1'].join('; ')
    const names = vault.forget(field).map(([, text]) => text.split('=')[0])
    expect(names).toEqual([cookie.name, `${cookie.name}.1`, `${cookie.name}.2`])
    jar.take(vault.forget(field))
    expect(jar.field).toBe('')
    expect(vault.forget('other=1')).toEqual([])
    // A browser that has lost the first one is tidied up too.
    expect(vault.forget(`${cookie.name}.2=x`)).toHaveLength(1)
  })

  test('that would need more than nine is a mistake of the programmer, who is told the size only', () => {
    const big = sessionOf({ text: 'do not tell. '.repeat(3000) })
    expect(() => vault.create(big, 3600, '')).toThrow(ConfigurationError)
    expect(() => vault.create(big, 3600, '')).toThrow(
      /^a session of \d{5} bytes does not fit into cookies: keep less in it, or use storedSessions$/,
    )
    const long = vaultWith({ name: 'app', path: `/${'p'.repeat(5000)}` })
    expect(() => long.create(sessionOf(), 3600, '')).toThrow(ConfigurationError)
  })
})

describe('the size of a session', () => {
  test('is told once when it first passes 4, 8 and 16 kB', async () => {
    const large = vi.fn<(bytes: number) => void>()
    const watched = sealedSessions({ secrets }).open(cookie, { large })
    await create(watched, sessionFor(1))
    expect(large).not.toHaveBeenCalled()
    for (const count of [2, 2, 3, 1, 2, 3, 6, 6, 9]) await create(watched, sessionFor(count))
    const told = large.mock.calls.map(([bytes]) => bytes)
    expect(told).toHaveLength(3)
    const [first = 0, second = 0, third = 0] = told
    expect(first).toBeGreaterThan(4096)
    expect(second).toBeGreaterThan(8192)
    expect(third).toBeGreaterThan(16_384)
  })

  test('is told in one go where it passes several at once', async () => {
    const large = vi.fn<(bytes: number) => void>()
    const watched = sealedSessions({ secrets }).open(cookie, { large })
    const fields = await create(watched, sessionFor(9))
    for (const count of [3, 9]) await create(watched, sessionFor(count))
    const sent = fields.map(([, text]) => text.split(';')[0] ?? '').join('; ')
    expect(large.mock.calls).toEqual([[sent.length]])
  })
})

describe('the options of sealedSessions', () => {
  test.each([
    ['no secrets', {}, 'sealedSessions.secrets is missing'],
    ['an empty list', { secrets: [] }, 'sealedSessions.secrets must not be empty'],
    ['a short secret', { secrets: ['short'] }, 'sealedSessions.secrets[0] must be a secret'],
    ['a typo', { secrets, idel: 1 }, 'sealedSessions.idel is not an option; did you mean idle?'],
    ['a bad cookie name', { secrets, cookie: { name: 'a b' } }, 'sealedSessions.cookie.name'],
  ])('are refused with %s', (_, options, text) => {
    // @ts-expect-error What JavaScript may hand in.
    expect(() => sealedSessions(options)).toThrow(text)
  })
})

function withTokens(): Session {
  const encode = (value: unknown): string =>
    Buffer.from(JSON.stringify(value)).toString('base64url')
  const jwt = (claims: object, size: number): string => {
    const token = (padding: string): string =>
      `${encode({ alg: 'RS256', kid: 'k'.repeat(43) })}.${encode({ ...claims, padding })}.${randomBytes(256).toString('base64url')}`
    const missing = Math.floor(((size - token('').length) * 3) / 4)
    return token('x'.repeat(missing))
  }
  const claims = { iss: 'https://id.example.com/oauth2/default', aud: '0oa9z8y7x6w5v4u3t2s1' }
  const idToken = jwt({ ...claims, sub: '00u1a2b3c4d5e6f7g8h9', nonce: 'n'.repeat(43) }, 2048)
  const accessToken = jwt({ ...claims, scp: ['openid'] }, 1536)
  const { nonce: _, ...kept } = JSON.parse(
    Buffer.from(idToken.split('.')[1] ?? '', 'base64url').toString(),
  ) as Record<string, unknown>
  const scope = 'openid profile email offline_access'
  return {
    ...sessionOf(),
    issuer: claims.iss,
    client: claims.aud,
    claims: kept,
    scope,
    tokens: [{ value: accessToken, name: '', scope, expiresAt: 1_753_003_600, lifetime: 3600 }],
    refreshToken: randomBytes(32).toString('base64url'),
    idToken,
  }
}
