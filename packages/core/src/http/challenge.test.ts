import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { challenge, cut, plainFace, printable, shown, type Face } from './challenge.ts'

const face = (over: Partial<Face> = {}): Face => ({ ...plainFace, ...over })

describe('a challenge', () => {
  test('is the bare scheme where there is nothing to say', () => {
    expect(challenge(plainFace, {})).toBe('Bearer')
  })

  test('begins with the realm, and ends with the error', () => {
    expect(challenge(face({ realm: 'api' }), { error: 'invalid_token', scope: 'a b' })).toBe(
      'Bearer realm="api", error="invalid_token", scope="a b"',
    )
  })

  test('leaves out what is undefined', () => {
    expect(challenge(plainFace, { error: undefined, scope: 'a' })).toBe('Bearer scope="a"')
  })

  test('is written once for every scheme, each with its parameters', () => {
    const two = face({
      realm: 'api',
      schemes: [
        { name: 'Bearer', parameters: {} },
        { name: 'DPoP', parameters: { algs: 'ES256' } },
      ],
    })
    expect(challenge(two, { error: 'invalid_token' })).toBe(
      'Bearer realm="api", error="invalid_token", DPoP realm="api", algs="ES256", error="invalid_token"',
    )
  })

  test('quotes quotes and backslashes (RFC 9110 §5.6.4)', () => {
    expect(challenge(face({ realm: 'a"b\\c' }), {})).toBe(String.raw`Bearer realm="a\"b\\c"`)
  })

  test('has room for one field only: what could end it is replaced', () => {
    expect(challenge(face({ realm: 'a\r\nSet-Cookie: b=c\0ü' }), {})).toBe(
      'Bearer realm="a??Set-Cookie: b=c??"',
    )
  })

  test('gives back any printable realm when it is read again', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme-ascii', maxLength: 50 }), (realm) => {
        const field = challenge(face({ realm }), {})
        const quoted = /^Bearer realm="((?:[^"\\]|\\.)*)"$/.exec(field)?.[1]
        expect(quoted?.replaceAll(/\\(.)/g, '$1')).toBe(realm)
      }),
    )
  })

  test('is printable ASCII whatever goes into it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (realm, scope) => {
        expect(challenge(face({ realm }), { scope })).toMatch(/^[\x20-\x7e]*$/)
      }),
    )
  })
})

describe('words of an attacker', () => {
  test('are reduced to printable ASCII', () => {
    expect(printable('a\u001b[31mb\nc\u202Ed\u007f')).toBe('a?[31mb?c?d?')
  })

  test('are cut to 80 characters', () => {
    expect(cut('x'.repeat(500))).toHaveLength(80)
    expect(cut('\n'.repeat(500))).toBe('?'.repeat(80))
  })

  test('are quoted in a sentence, and other things are named by their type', () => {
    expect(shown('a\nb')).toBe("'a?b'")
    expect(shown(7)).toBe('a value of type number')
    expect(shown(undefined)).toBe('a value of type undefined')
    expect(shown({ toString: () => 'x' })).toBe('a value of type object')
  })
})
