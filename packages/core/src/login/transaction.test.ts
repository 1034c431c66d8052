import { describe, expect, test } from 'vitest'
import { createClock } from '../../../testkit/src/clock.ts'
import { cookiesOf, secrets } from '../../../../test/support/login-unit.ts'
import type { HeaderField } from '../http/reply.ts'
import { createSealBox } from '../lib/seal.ts'
import { ConfigurationError } from '../errors/configuration.ts'
import { createTransactions, type Transaction, type Transactions } from './transaction.ts'

const clock = createClock(1_800_000_000_000)
const cookies = {
  name: 'app',
  rootPath: '/shop/',
  callbackPath: '/shop/callback',
  secure: true,
  crossSite: false,
}
const create = (
  more: Partial<typeof cookies> = {},
  secret: string = secrets[0],
  purpose = 'login',
) => createTransactions(createSealBox([secret], purpose), { ...cookies, ...more }, clock.now)

const attempt = (state: string): Transaction => ({
  state,
  nonce: 'nonce',
  verifier: 'verifier',
  redirectUri: 'https://app.test/shop/callback',
  returnTo: '/shop/account',
  begunAt: clock.now(),
  scope: 'openid',
})

/** Begins one after the other, as a browser that keeps its cookies, and gives back what it holds. */
function browse(transactions: Transactions, states: readonly string[]): Map<string, string> {
  const jar = new Map<string, string>()
  for (const state of states) keep(jar, transactions.begin(attempt(state), fieldOf(jar)))
  return jar
}

function keep(jar: Map<string, string>, fields: readonly HeaderField[]): void {
  for (const [, field] of fields) {
    const [name = '', value = ''] = (field.split(';', 1)[0] ?? '').split('=')
    if (field.includes('Max-Age=0')) jar.delete(name)
    else jar.set(name, value)
  }
}

const fieldOf = (jar: ReadonlyMap<string, string>): string =>
  [...jar].map(([name, value]) => `${name}=${value}`).join('; ')

describe('the cookie of a transaction', () => {
  test('is for the callback alone, for ten minutes, and for no script', () => {
    const [own = ['', '']] = create().begin(attempt('s1'), '')
    expect(own[1]).toMatch(
      /^__Secure-app-login-[\w-]{16}=[\w-]+; Path=\/shop\/callback; Max-Age=600; HttpOnly; Secure; SameSite=Lax$/,
    )
  })

  test('travels across sites where the answer is posted from there', () => {
    const [own = ['', '']] = create({ crossSite: true }).begin(attempt('s1'), '')
    expect(own[1]).toContain('Secure; SameSite=None')
  })

  test('has no prefix on plain http', () => {
    const [own = ['', '']] = create({ secure: false }).begin(attempt('s1'), '')
    expect(own[1]).toMatch(
      /^app-login-[^;]+; Path=\/shop\/callback; Max-Age=600; HttpOnly; SameSite=Lax$/,
    )
  })

  test('leads to the root where the way back does not fit beside what is asked for', () => {
    const jar = new Map<string, string>()
    const large = { scope: 'x'.repeat(1500), returnTo: `/shop/${'a'.repeat(1990)}` }
    const transactions = create()
    const fields = transactions.begin({ ...attempt('s1'), ...large }, '')
    expect(Math.max(...fields.map(([, field]) => field.length))).toBeLessThanOrEqual(4096)
    keep(jar, fields)
    expect(transactions.find('s1', fieldOf(jar))).toMatchObject({
      scope: large.scope,
      returnTo: '/shop/',
    })
  })

  test('keeps the longest way back beside what most logins ask for', () => {
    const returnTo = `/shop/${'a'.repeat(1994)}`
    const jar = new Map<string, string>()
    const transactions = create()
    keep(jar, transactions.begin({ ...attempt('s1'), returnTo, scope: 's'.repeat(400) }, ''))
    expect(transactions.find('s1', fieldOf(jar))).toMatchObject({ returnTo })
  })

  test('that no browser would keep is said to be too large, and by how much', () => {
    const begin = () => create().begin({ ...attempt('s1'), scope: 'x'.repeat(3000) }, '')
    expect(begin).toThrow(ConfigurationError)
    expect(begin).toThrow(/a cookie of \d{4} bytes/)
  })

  test('shows nothing of what is in it', () => {
    const fields = JSON.stringify(create().begin(attempt('state-1'), ''))
    for (const word of ['state-1', 'nonce', 'verifier', 'account'])
      expect(fields).not.toContain(word)
  })
})

describe('the mark of whoever begins a login', () => {
  test.each([
    ['is one that no neighbour can plant', {}, /^__Host-.+=\d+; Path=\/; .*Secure; SameSite=Lax$/],
    ['travels as the answer does', { crossSite: true }, /^__Host-.+; Secure; SameSite=None$/],
    [
      'has no prefix on plain http',
      { secure: false },
      /^app-attempt-.+=\d+; Path=\/shop\/; .*HttpOnly; SameSite=Lax$/,
    ],
  ])('%s', (_what, more, field) => {
    const [, mark = ['', '']] = create(more).begin(attempt('s1'), '')
    expect(mark[1]).toMatch(field)
    expect(mark[1]).toMatch(/app-attempt-[\w-]{16}=\d+; .*Max-Age=600; HttpOnly/)
  })

  test('is asked for: a transaction that was planted is none', () => {
    const transactions = create()
    const planted = browse(transactions, ['s1'])
    const [name = '', sealed = ''] = [...planted].find(([one]) => one.includes('-login-')) ?? []
    const jar = new Map([...browse(transactions, ['s2']), [name, sealed]])
    expect(transactions.find('s1', fieldOf(jar))).toBe('not begun here')
    expect(transactions.find('s2', fieldOf(jar))).toEqual(attempt('s2'))
    // Nor is one that was planted together with a mark that a neighbour may write.
    for (const prefix of ['', '__Secure-']) {
      jar.set(`${prefix}app-attempt-${name.slice(-16)}`, '1')
      expect(transactions.find('s1', fieldOf(jar))).toBe('not begun here')
    }
  })
})

describe('of several attempts', () => {
  test('each is found by its own state', () => {
    const transactions = create()
    const jar = browse(transactions, ['s1', 's2', 's3'])
    for (const state of ['s1', 's2', 's3']) {
      expect(transactions.find(state, fieldOf(jar))).toEqual(attempt(state))
    }
  })

  test('five are kept, and the oldest goes first', () => {
    const transactions = create()
    const states = ['s1', 's2', 's3', 's4', 's5', 's6', 's7']
    const jar = browse(transactions, states)
    const found = states.map((state) => typeof transactions.find(state, fieldOf(jar)))
    expect(found).toEqual(['string', 'string', 'object', 'object', 'object', 'object', 'object'])
    expect([...jar.keys()].filter((name) => name.includes('-login-'))).toHaveLength(5)
    expect([...jar.keys()].filter((name) => name.startsWith('__Host-'))).toHaveLength(5)
  })

  test.each([
    ['the longest', 2000, ['s6', 's7']],
    ['long', 1200, ['s5', 's6', 's7']],
    ['common', 300, ['s3', 's4', 's5', 's6', 's7']],
  ])('with %s ways back, no more are kept than fit into a field of 8 kB', (_what, length, left) => {
    const transactions = create()
    const jar = new Map<string, string>()
    const states = ['s1', 's2', 's3', 's4', 's5', 's6', 's7']
    for (const state of states) {
      const returnTo = `/shop/${'a'.repeat(length - 6)}`
      keep(jar, transactions.begin({ ...attempt(state), returnTo }, fieldOf(jar)))
      expect(fieldOf(jar).length).toBeLessThan(8000)
    }
    const found = states.filter(
      (state) => typeof transactions.find(state, fieldOf(jar)) !== 'string',
    )
    expect(found).toEqual(left)
  })

  test('of those that overlooked each other the oldest go when one of them ends', () => {
    const transactions = create()
    const jar = new Map<string, string>()
    const states = ['s1', 's2', 's3', 's4', 's5', 's6', 's7']
    for (const state of states) keep(jar, transactions.begin(attempt(state), ''))
    expect([...jar.keys()].filter((name) => name.includes('-login-'))).toHaveLength(7)
    keep(jar, transactions.finish(attempt('s1'), fieldOf(jar)))
    expect([...jar.keys()].filter((name) => name.includes('-login-'))).toHaveLength(5)
    expect(transactions.find('s1', fieldOf(jar))).toMatchObject({ done: true })
    const left = states.filter(
      (state) => typeof transactions.find(state, fieldOf(jar)) === 'object',
    )
    expect(left).toEqual(['s1', 's4', 's5', 's6', 's7'])
  })

  test('marks that somebody has tampered with do no harm', () => {
    const marks = ['x', '<script>', 'a'.repeat(17), ...'bcdefghijkl'.split('')].map(
      (key) => `__Host-app-attempt-${key.length === 1 ? key.repeat(16) : key}=1`,
    )
    const fields = create().begin(attempt('s1'), marks.join('; '))
    expect(JSON.stringify(fields)).not.toMatch(/script|a{17}/)
    expect(fields.length).toBeLessThanOrEqual(12)
  })

  test('two that began at the same moment are both found', () => {
    const transactions = create()
    const jar = new Map<string, string>()
    for (const state of ['s1', 's2']) keep(jar, transactions.begin(attempt(state), ''))
    for (const state of ['s1', 's2']) {
      expect(transactions.find(state, fieldOf(jar))).toEqual(attempt(state))
    }
  })
})

describe('a transaction that has led to a session', () => {
  test('says so, and where to go on to, and keeps no secrets', () => {
    const transactions = create()
    const jar = browse(transactions, ['s1'])
    keep(jar, transactions.finish(attempt('s1'), fieldOf(jar)))
    expect(transactions.find('s1', fieldOf(jar))).toEqual({
      state: 's1',
      nonce: '',
      verifier: '',
      redirectUri: '',
      scope: '',
      returnTo: '/shop/account',
      begunAt: clock.now(),
      done: true,
    })
  })

  test('is remembered no longer than it would have lived', () => {
    const begun = attempt('s1')
    clock.advance(400)
    const [own = ['', '']] = create().finish(begun, '')
    clock.advance(-400)
    expect(own[1]).toContain('Max-Age=200;')
  })

  test('is remembered no longer than ten minutes, though the clock was set back', () => {
    const begun = attempt('s1')
    clock.advance(-500)
    const [own = ['', '']] = create().finish(begun, '')
    clock.advance(500)
    expect(own[1]).toContain('Max-Age=600;')
  })
})

describe('there is no transaction', () => {
  const field = cookiesOf(...create().begin(attempt('s1'), ''))

  test('without cookies', () => {
    expect(create().find('s1', '')).toBe('no cookies')
  })

  test.each([
    ['of another state', create(), 's2', field],
    ['among other cookies', create(), 's1', 'a=1; b=2'],
    ['of another login of the same host', create({ name: 'other' }), 's1', field],
  ])('%s', (_what, transactions, state, cookie) => {
    expect(transactions.find(state, cookie)).toBe('no such cookie')
  })

  test.each([
    [
      'that opens with other secrets',
      create({}, 'another secret of at least 32 characters'),
      field,
    ],
    ['that was sealed for this purpose', create({}, secrets[0], 'session'), field],
    ['that nobody has tampered with', create(), field.replace(/.(?=; )/, '~')],
    ['that is sealed at all', create(), field.replace(/=[^;]*/, '=x')],
  ])('%s', (_what, transactions, cookie) => {
    expect(transactions.find('s1', cookie)).toBe('unreadable')
  })

  test('in the cookie of another one', () => {
    const other = cookiesOf(...create().begin(attempt('s2'), ''))
    const swapped = other.replace(/=[^;]*/, /=[^;]*/.exec(field)?.[0] ?? '')
    expect(create().find('s2', swapped)).toBe('unreadable')
  })

  test.each([
    [599, 'object'],
    [600, 'string'],
    [100_000, 'string'],
    // Set back a little it is as good as new, set back far it would live for ever.
    [-590, 'object'],
    [-601, 'string'],
  ])('%d seconds later, or there is', (seconds, kind) => {
    const transactions = create()
    const cookie = cookiesOf(...transactions.begin(attempt('s1'), ''))
    clock.advance(seconds)
    const found = transactions.find('s1', cookie)
    clock.advance(-seconds)
    expect(typeof found === 'string' ? found : 'there').toBe(
      kind === 'string' ? 'expired' : 'there',
    )
  })

  test('after it was dropped', () => {
    expect(create().drop('s1')).toEqual([
      [
        'Set-Cookie',
        expect.stringMatching(/^__Secure-app-login-[\w-]{16}=; Path=\/shop\/callback; Max-Age=0/),
      ],
      ['Set-Cookie', expect.stringMatching(/^__Host-app-attempt-[\w-]{16}=; Path=\/; Max-Age=0/)],
    ])
  })
})

test('the secret before last still opens what it sealed', () => {
  const cookie = cookiesOf(
    ...create({}, 'the secret of last year, long enough').begin(attempt('s1'), ''),
  )
  const box = createSealBox([secrets[0], 'the secret of last year, long enough'], 'login')
  expect(createTransactions(box, cookies, clock.now).find('s1', cookie)).toEqual(attempt('s1'))
})
