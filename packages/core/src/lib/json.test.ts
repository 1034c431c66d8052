import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseObject, repeatsMember } from './json.ts'

describe('parseObject', () => {
  test('reads an object', () => {
    expect(parseObject('{"a":[1,{"b":null}]}')).toEqual({ a: [1, { b: null }] })
  })

  test.each([
    '',
    '[]',
    'null',
    '7',
    '"a"',
    'true',
    '{',
    '{"a":1}x',
    '\uFEFF{}',
    '{a:1}',
    "{'a':1}",
  ])('takes nothing else: %j', (text) => {
    expect(parseObject(text)).toBeUndefined()
  })

  test('makes a member of __proto__, and no prototype', () => {
    const value = parseObject('{"__proto__":{"admin":true}}')
    expect(value?.['admin']).toBeUndefined()
    expect(Object.keys(value ?? {})).toEqual(['__proto__'])
  })
})

describe('a member that is named twice', () => {
  test.each([
    '{"a":1,"a":2}',
    '{"a":1,"b":2,"a":3}',
    '{"a" : 1, "a"\n: 2}',
    String.raw`{"a":1,"\u0061":2}`,
    '{"x":{"a":1,"a":2}}',
    '{"x":[{"a":1},{"b":1,"b":2}]}',
    '{"":1,"":2}',
    String.raw`{"a\"":1,"a\"":2}`,
    '{"__proto__":1,"__proto__":2}',
    '[{"a":1,"a":1}]',
  ])('is found: %s', (text) => {
    expect(repeatsMember(text)).toBe(true)
  })

  test.each([
    '{}',
    '{"a":1,"b":2}',
    '{"a":{"a":{"a":1}}}',
    '{"a":[{"a":1},{"a":2}]}',
    '{"a":"b","b":"a"}',
    '{"a":"a\\":","b":"\\"b\\":"}',
    '{"a":["a","a"],"A":1}',
    String.raw`{"a":"{\"b\":1,\"b\":2}"}`,
    String.raw`{"a\\":1,"a":2}`,
  ])('is not found where there is none: %s', (text) => {
    expect(repeatsMember(text)).toBe(false)
  })

  test('is never found in what JSON.stringify wrote', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(repeatsMember(text)).toBe(false)
      }),
    )
  })

  test('is found wherever it is added', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue(), { minKeys: 1 }), (value) => {
        const [name = ''] = Object.keys(value)
        const text = JSON.stringify(value)
        const twice = `${text.slice(0, -1)},${JSON.stringify(name)}:0}`
        expect(repeatsMember(twice)).toBe(true)
      }),
    )
  })
})
