import { describe, expect, test, vi } from 'vitest'
import { forbidden, Refusal } from '../errors/refusal.ts'
import type { HttpRequest } from '../http/request.ts'
import { createGuard } from './create.ts'
import type { Rule } from './rule.ts'
import { readAccessToken, type TokenVerifier } from './token.ts'
import type { Verdict } from './verdict.ts'

const verifier: TokenVerifier = {
  verify: () => readAccessToken({ sub: 'u' }, {}, { issuer: 'https://id.test', expiresAt: 1 }, []),
}

const request: HttpRequest = {
  method: 'DELETE',
  url: 'https://api.test/orders/7',
  header: (name) => (name === 'authorization' ? 'Bearer a' : undefined),
  form: () => Promise.resolve(new URLSearchParams()),
}

const check = async (...rules: readonly Rule[]): Promise<Verdict> =>
  createGuard({ verifier, rules }).check(request)

const pass: Rule = () => undefined
const passLater: Rule = () => Promise.resolve(undefined)
const fail =
  (word: string): Rule =>
  () =>
    forbidden(word)
const failLater =
  (word: string): Rule =>
  () =>
    Promise.resolve(forbidden(word))

describe('rules', () => {
  test('that all answer nothing let the request pass', async () => {
    expect(await check(pass, passLater, pass, passLater)).toMatchObject({ granted: true })
  })

  test('see the principal and the request', async () => {
    const rule = vi.fn<Rule>(() => undefined)
    await check(rule)
    expect(rule).toHaveBeenCalledWith(expect.objectContaining({ subject: 'u' }), request)
  })

  test.each([
    ['at once', [pass, fail('first'), fail('second')]],
    ['later', [passLater, failLater('first'), failLater('second')]],
    ['later, then at once', [passLater, failLater('first'), fail('second')]],
    ['at once, then later', [pass, passLater, fail('first'), failLater('second')]],
  ])('are asked in order, and the first refusal wins (%s)', async (_, rules) => {
    expect(await check(...rules)).toMatchObject({
      granted: false,
      refusal: { code: 'forbidden', status: 403, reason: 'first' },
    })
  })

  test.each([
    ['at once', fail('no')],
    ['later', failLater('no')],
  ])('behind one that refused %s are not asked', async (_, first) => {
    const rule = vi.fn<Rule>(() => undefined)
    await check(first, rule)
    expect(rule).not.toHaveBeenCalled()
  })

  test('may answer with a refusal of any code', async () => {
    const rule: Rule = () =>
      new Refusal('scope_missing', 'not today', { parameters: { scope: 'today' } })
    expect(await check(rule)).toMatchObject({
      refusal: {
        status: 403,
        headers: { 'WWW-Authenticate': 'Bearer error="insufficient_scope", scope="today"' },
      },
    })
  })

  test.each<readonly [string, Rule]>([
    [
      'throw',
      () => {
        throw forbidden('instead')
      },
    ],
    ['reject with', () => Promise.reject(forbidden('instead'))],
  ])('may %s a refusal instead of answering it', async (_how, rule) => {
    const refused = { granted: false, refusal: { reason: 'instead' } }
    expect(await check(rule, fail('no further'))).toMatchObject(refused)
    expect(await check(passLater, rule, fail('no further'))).toMatchObject(refused)
  })
})

describe('a rule that answers anything but nothing or a refusal', () => {
  test.each([
    ['true', true],
    ['false', false],
    ['null', null],
    ['a text', 'no'],
    ['an error that is no refusal', new Error('no')],
  ])('is a mistake of the application (%s), and lets nobody pass', async (_, answer) => {
    for (const given of [answer, Promise.resolve(answer)]) {
      // @ts-expect-error a rule written in JavaScript may answer anything
      const rule: Rule = () => given
      await expect(check(rule)).rejects.toThrow(TypeError)
      await expect(check(rule)).rejects.toThrow('wrap a predicate in satisfies()')
    }
  })
})

describe('a rule that fails', () => {
  const error = new RangeError('the database is down')

  test.each<readonly [string, Rule]>([
    [
      'throws',
      () => {
        throw error
      },
    ],
    ['rejects', () => Promise.reject(error)],
  ])('reaches the caller untouched when it %s', async (_, rule) => {
    await expect(check(rule)).rejects.toBe(error)
    await expect(check(passLater, rule)).rejects.toBe(error)
  })
})
