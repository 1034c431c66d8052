import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { openedOnce } from './opened.ts'
import type { Session } from './session.ts'

const session = (over: Partial<Session> = {}): Session => ({
  id: 'id-1',
  issuer: 'https://id.test',
  client: 'web',
  claims: { sub: 'alice', groups: ['staff'] },
  scope: 'openid',
  tokens: [{ value: 'access-1', name: '', scope: 'openid', expiresAt: 1, lifetime: 60 }],
  refreshToken: 'refresh-1',
  idToken: 'id-token-1',
  createdAt: 1,
  seenAt: 2,
  data: { cart: ['apples'] },
  ...over,
})

/** Opens whatever it was told of, and counts. */
function opener(known: Readonly<Record<string, () => Session>>, entries = 10) {
  const asked: string[] = []
  const open = openedOnce((text) => {
    asked.push(text)
    return known[text]?.()
  }, entries)
  return { asked, open }
}

describe('a text that is opened again', () => {
  test('gives the same session, opened once', () => {
    const { open, asked } = opener({ a: session })
    open('a')
    const again = open('a')
    expect(again?.claims).toEqual(session().claims)
    expect([again?.id, again?.issuer, again?.client, again?.scope]).toEqual([
      'id-1',
      'https://id.test',
      'web',
      'openid',
    ])
    expect([again?.createdAt, again?.seenAt, again?.data]).toEqual([1, 2, { cart: ['apples'] }])
    expect(asked).toEqual(['a'])
  })

  test('gives its tokens too, for one more opening', () => {
    const { open, asked } = opener({ a: session })
    open('a')
    const again = open('a')
    expect(again?.tokens).toEqual(session().tokens)
    expect([again?.refreshToken, again?.idToken]).toEqual(['refresh-1', 'id-token-1'])
    expect(asked).toEqual(['a', 'a'])
  })

  test('can be copied with all that it holds', () => {
    const { open } = opener({ a: session })
    open('a')
    expect({ ...open('a'), seenAt: 3 }).toEqual(session({ seenAt: 3 }))
  })

  test('holds no token of which a session has none', () => {
    const bare = () => {
      const { refreshToken: _, idToken: _id, data: _data, ...rest } = session()
      return rest
    }
    const { open } = opener({ a: bare })
    open('a')
    expect(open('a')).toEqual(bare())
  })

  test('is not changed by what a request did to it before', () => {
    const { open } = opener({ a: session })
    const [first, second] = [open('a'), open('a')]
    for (const one of [first, second]) {
      expect(() => Object.assign(one?.data ?? {}, { cart: [] })).toThrow(TypeError)
      expect(() => Object.assign(one?.claims ?? {}, { sub: 'bob' })).toThrow(TypeError)
    }
    expect(open('a')?.data).toEqual({ cart: ['apples'] })
  })

  test('shows no token when it is looked at', () => {
    const { open } = opener({ a: session })
    open('a')
    expect(inspect(open('a'), { depth: 9 })).not.toMatch(/access-1|refresh-1|id-token-1/)
  })
})

test('nothing is remembered of what does not open', () => {
  const { open, asked } = opener({})
  expect([open('x'), open('x')]).toEqual([undefined, undefined])
  expect(asked).toEqual(['x', 'x'])
})

test('who was not seen for longest is forgotten', () => {
  const { open, asked } = opener({ a: session, b: session, c: session }, 2)
  for (const text of ['a', 'b', 'a', 'c', 'a', 'b']) open(text)
  expect(asked).toEqual(['a', 'b', 'c', 'b'])
})
