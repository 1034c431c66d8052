import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { HeaderField } from '../http/reply.ts'
import { sealedSessions } from './sealed.ts'
import type { Session } from './session.ts'
import type { Held } from './sessions.ts'

const name = 'app'
const vault = sealedSessions({ secrets: ['a'.repeat(32)] }).open(
  { name, path: '/', domain: undefined, secure: true, sameSite: 'Lax', persistent: true },
  { large: () => undefined },
)

const sessionOf = (data: Readonly<Record<string, unknown>>): Session => ({
  id: 'i'.repeat(43),
  issuer: 'https://id.test',
  client: 'client',
  claims: { sub: 'alice' },
  scope: 'openid',
  tokens: [],
  data,
  createdAt: 1_753_000_000_000,
  seenAt: 1_753_000_000_000,
})

type Pair = readonly [name: string, value: string]

const pairsOf = (fields: readonly HeaderField[]): readonly Pair[] =>
  fields
    .filter(([, text]) => !text.includes('Max-Age=0;'))
    .map(([, text]) => {
      const pair = text.slice(0, text.indexOf(';'))
      return [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]
    })
const pairsOfSession = (session: Session): readonly Pair[] => {
  const fields = vault.create(session, 60, '')
  if (fields instanceof Promise) throw new Error('nothing is to be waited for')
  return pairsOf(fields)
}
const fieldOf = (pairs: Iterable<Pair>): string =>
  [...pairs].map(([one, value]) => `${one}=${value}`).join('; ')
const read = (field: string): Held | undefined => {
  const held = vault.read(field)
  if (held instanceof Promise) throw new Error('nothing is to be waited for')
  return held
}

// One to five cookies.
const size = fc.integer({ min: 0, max: 13_000 })
const data = fc.tuple(fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 4 }), size)
const session = data.map(([more, length]) =>
  // As JSON has it, without -0.
  sessionOf(
    JSON.parse(JSON.stringify({ ...more, filling: ' '.repeat(length) })) as Session['data'] &
      object,
  ),
)

describe('cookies of sealed sessions', () => {
  test('give back the session, whatever it holds', () => {
    fc.assert(
      fc.property(session, (one) => {
        const pairs = pairsOfSession(one)
        expect(read(fieldOf(pairs))).toEqual({ session: one, mark: pairs.length })
      }),
      { numRuns: 300 },
    )
  })

  test('of two sessions, mixed in any way, give one of the two or none', () => {
    const picks = fc.array(fc.constantFrom('old', 'new', 'none'), { minLength: 5, maxLength: 5 })
    fc.assert(
      fc.property(session, session, picks, (old, young, wanted) => {
        const sets = { old: pairsOfSession(old), new: pairsOfSession(young), none: [] }
        const mixed = wanted.flatMap((which, at) => sets[which][at] ?? [])
        const pairs: Pair[] = []
        for (let at = 0; at + 1 < mixed.length; at += 2) {
          pairs.push([mixed[at] ?? '', mixed[at + 1] ?? ''])
        }
        const found = read(fieldOf(pairs))?.session
        const whole = (set: readonly Pair[]): boolean =>
          set.every(([one, value]) => pairs.some(([b, other]) => b === one && other === value))
        const right = whole(sets.new) ? young : whole(sets.old) ? old : undefined
        expect(found).toEqual(right)
      }),
      { numRuns: 500 },
    )
  })

  test('of a browser that does as it is told always hold the last session, and no surplus', () => {
    fc.assert(
      fc.property(fc.array(session, { minLength: 2, maxLength: 5 }), (sessions) => {
        const jar = new Map<string, string>()
        for (const one of sessions) {
          const fields = vault.create(one, 60, fieldOf(jar))
          if (fields instanceof Promise) throw new Error('nothing is to be waited for')
          for (const [, text] of fields) {
            if (text.includes('Max-Age=0;')) jar.delete(text.slice(0, text.indexOf('=')))
          }
          for (const [key, value] of pairsOf(fields)) jar.set(key, value)
          expect(read(fieldOf(jar))).toEqual({ session: one, mark: jar.size })
        }
      }),
      { numRuns: 100 },
    )
  })

  test('that were tampered with anywhere give none', () => {
    const field = fieldOf(pairsOfSession(sessionOf({ filling: ' '.repeat(4000) })))
    expect(read(field)).toBeDefined()
    const letter = fc.constantFrom(...'A1-_.=;" %é\0'.split(''))
    fc.assert(
      fc.property(fc.nat({ max: field.length - 1 }), letter, (at, other) => {
        fc.pre(field[at] !== other)
        const changed = field.slice(0, at) + other + field.slice(at + 1)
        // Spaces beside the names are nobody's, nor is a pair that is empty.
        fc.pre(changed.replace(/[; ]+/g, ';') !== field.replace(/[; ]+/g, ';'))
        expect(read(changed)).toBeUndefined()
      }),
      { numRuns: 500 },
    )
    fc.assert(
      fc.property(fc.nat({ max: field.length - 1 }), (end) => {
        expect(read(field.slice(0, end))).toBeUndefined()
      }),
    )
  })

  test.each([
    ['nothing', ''],
    ['an empty one', 'app='],
    ['a count alone', 'app=1'],
    ['a count that is none', 'app=0AAAA'],
    ['nine that are not there', 'app=9AAAA'],
    [
      'a thousand',
      Array.from({ length: 1000 }, (_, at) => `app.${at}=${'A'.repeat(100)}`).join('; '),
    ],
    [
      'a thousand and the first',
      `app=9A; ${Array.from({ length: 1000 }, (_, at) => `app.${at}=A`).join(';')}`,
    ],
    ['names of prototypes', 'app=1constructor; app.__proto__=1; __proto__=1; app.length=9'],
    ['a sealed text of nothing', `app=1${'A'.repeat(4000)}`],
  ])('that hold %s give none', (_, field) => {
    expect(read(field)).toBeUndefined()
  })

  test('that anybody made up give none, and never an exception', () => {
    const value = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.base64String(),
      fc.constantFrom('1', '2', '9'),
    )
    const pair = fc.tuple(fc.constantFrom('app', 'app.1', 'app.2', 'app.9', 'app.x'), value)
    fc.assert(
      fc.property(fc.array(pair, { maxLength: 12 }), (pairs) => {
        expect(read(fieldOf(pairs))).toBeUndefined()
        expect(vault.forget(fieldOf(pairs)).length).toBeLessThanOrEqual(9)
      }),
      { numRuns: 1000 },
    )
  })
})
