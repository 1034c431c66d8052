import { describe, expect, test } from 'vitest'
import { ConfigurationError } from '../errors/configuration.ts'
import {
  anything,
  checkOptions,
  count,
  either,
  flag,
  fn,
  listOf,
  oneOf,
  record,
  seconds,
  text,
  type Check,
} from './assert.ts'

const good: readonly (readonly [string, Check, readonly unknown[]])[] = [
  ['text', text, ['a', ' ']],
  ['flag', flag, [true, false]],
  ['fn', fn, [() => undefined, Date, async () => undefined]],
  ['record', record, [{}, Object.create(null), new Map()]],
  ['seconds', seconds, [0, 0.5, 86_400]],
  ['count', count, [1, 10_000]],
  ['anything', anything, [undefined, null, 0, '', {}, []]],
  ['oneOf', oneOf('a', false), ['a', false]],
  ['listOf', listOf(text), [[], ['a'], ['a', 'b']]],
  ['either', either(text, flag), ['a', true]],
]

const bad: readonly (readonly [string, Check, unknown, string])[] = [
  ['text', text, '', 'must be a non-empty string, got an empty string'],
  ['text', text, undefined, 'must be a non-empty string, got undefined'],
  ['flag', flag, 0, 'must be true or false, got 0'],
  ['flag', flag, 'true', 'must be true or false, got a string'],
  ['fn', fn, {}, 'must be a function, got object'],
  ['record', record, [], 'must be an object, got an array'],
  ['record', record, null, 'must be an object, got null'],
  ['record', record, () => undefined, 'must be an object, got function'],
  ['seconds', seconds, -0.1, 'must be a number of seconds, 0 or more, got -0.1'],
  ['seconds', seconds, Number.NaN, 'must be a number of seconds, 0 or more, got NaN'],
  [
    'seconds',
    seconds,
    Number.POSITIVE_INFINITY,
    'must be a number of seconds, 0 or more, got Infinity',
  ],
  ['seconds', seconds, '5', 'must be a number of seconds, 0 or more, got a string'],
  ['count', count, 0, 'must be a whole number, 1 or more, got 0'],
  ['count', count, 1.5, 'must be a whole number, 1 or more, got 1.5'],
  ['count', count, '3', 'must be a whole number, 1 or more, got a string'],
  ['count', count, 1n, 'must be a whole number, 1 or more, got bigint'],
  ['oneOf', oneOf('a', false), 'b', 'must be "a" or false, got a string'],
  ['listOf', listOf(text), 'a', 'must be an array, got a string'],
  ['listOf', listOf(text), ['a', 7, 8], '[1] must be a non-empty string, got 7'],
  [
    'either',
    either(text, flag),
    7,
    'must be a non-empty string, got 7, or must be true or false, got 7',
  ],
]

describe('a check', () => {
  test.each(good)('accepts what %s is about', (_, check, values) => {
    expect(values.map((value) => check(value))).toEqual(values.map(() => undefined))
  })

  test.each(bad)('says what is wrong: %s', (_, check, value, message) => {
    expect(check(value)).toBe(message)
  })

  test('never shows a text or an object, which may be a secret', () => {
    for (const check of [flag, fn, seconds, count, oneOf('a'), listOf(text)]) {
      expect(check('hunter2')).not.toContain('hunter2')
      expect(check({ password: 'hunter2' })).not.toContain('hunter2')
    }
  })
})

describe('checkOptions', () => {
  const known = { audience: text, clockTolerance: seconds, cache: record }
  const check = (given: unknown) => () => checkOptions('guard', given, known)

  test('accepts known options, and takes undefined for absent', () => {
    expect(check({})).not.toThrow()
    expect(check({ audience: 'a', clockTolerance: 5, cache: undefined })).not.toThrow()
  })

  test.each([
    [{ audiance: 'a' }, 'guard.audiance is not an option; did you mean audience?'],
    [{ AUDIENCE: 'a' }, 'guard.AUDIENCE is not an option; did you mean audience?'],
    [{ clockTolerence: 1 }, 'guard.clockTolerence is not an option; did you mean clockTolerance?'],
    [{ cach: {} }, 'guard.cach is not an option; did you mean cache?'],
    [{ caches: {} }, 'guard.caches is not an option; did you mean cache?'],
    [{ timeout: 1 }, 'guard.timeout is not an option'],
    [{ hasOwnProperty: 1 }, 'guard.hasOwnProperty is not an option'],
    [{ audiance: undefined }, 'guard.audiance is not an option; did you mean audience?'],
  ])('refuses an unknown name, and names the nearest one: %j', (given, message) => {
    expect(check(given)).toThrow(new ConfigurationError(message))
  })

  test('has no name to propose where none is known', () => {
    expect(() => checkOptions('x', { a: 1 }, {})).toThrow(
      new ConfigurationError('x.a is not an option'),
    )
  })

  test('refuses a value of the wrong type with its path', () => {
    expect(check({ clockTolerance: '5' })).toThrow(
      new ConfigurationError(
        'guard.clockTolerance must be a number of seconds, 0 or more, got a string',
      ),
    )
  })

  test.each([undefined, null, 'a', 7, [], true])('refuses %j in the place of options', (given) => {
    expect(check(given)).toThrow(ConfigurationError)
    expect(check(given)).toThrow(/^guard must be an object, got /)
  })
})
