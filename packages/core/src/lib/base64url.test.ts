import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { canonicalSize, lentFromBase64url, textFromBase64url } from './base64url.ts'

const bytesOf = (text: string): number[] | undefined => {
  const lent = lentFromBase64url(text)
  return lent && [...lent]
}

describe('base64url (RFC 7515 §2)', () => {
  test('of any bytes is read back', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const text = Buffer.from(bytes).toString('base64url')
        expect(bytesOf(text)).toEqual([...bytes])
        expect(canonicalSize(text)).toBe(bytes.length)
      }),
    )
  })

  test('is accepted in one form only: what is read is written the same', () => {
    const letters = fc.constantFrom(...'ABCQgw048_-+/= \n.~é'.split(''))
    fc.assert(
      fc.property(fc.string({ unit: letters, maxLength: 9 }), (text) => {
        fc.pre(Buffer.byteLength(text) === text.length)
        const bytes = lentFromBase64url(text)
        const canonical = Buffer.from(text, 'base64url').toString('base64url') === text
        expect(bytes === undefined).toBe(!canonical)
        expect(textFromBase64url(text) === undefined).toBe(
          !canonical || !isUtf8(Buffer.from(text, 'base64url')),
        )
      }),
      { numRuns: 3000 },
    )
  })

  test.each([
    ['padding', 'QQ=='],
    ['padding that makes a whole group', 'QQA='],
    ['a space', 'QU JD'],
    ['a line break at the end', 'QUJD\n'],
    ['the other alphabet, plus', 'QUI+'],
    ['the other alphabet, slash', 'QUI/'],
    ['surplus bits after one byte', 'QR'],
    ['surplus bits after two bytes', 'QUJ'],
    ['a length that no bytes have', 'QUJDR'],
    ['a dot', 'QUJ.'],
    ['a NUL', 'QUJ\0'],
  ])('does not have %s', (_, text) => {
    expect(lentFromBase64url(text)).toBeUndefined()
    expect(textFromBase64url(text)).toBeUndefined()
  })

  test('of nothing is nothing', () => {
    expect(bytesOf('')).toEqual([])
    expect(textFromBase64url('')).toBe('')
  })

  test('of more than fits into the lent memory is read too', () => {
    const long = Buffer.alloc(40_000, 'abc')
    expect(Buffer.from(lentFromBase64url(long.toString('base64url')) ?? []).equals(long)).toBe(true)
    expect(textFromBase64url(long.toString('base64url'))).toBe(long.toString())
  })

  test('of a short text shows nothing of a longer one before it', () => {
    lentFromBase64url(Buffer.from('a secret of somebody else').toString('base64url'))
    expect(textFromBase64url(Buffer.from('{}').toString('base64url'))).toBe('{}')
    expect(bytesOf(Buffer.from('ab').toString('base64url'))).toEqual([0x61, 0x62])
  })
})

const isUtf8 = (bytes: Uint8Array): boolean => {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return true
  } catch {
    return false
  }
}

const textOf = (...bytes: readonly number[]): string | undefined =>
  textFromBase64url(Buffer.from(bytes).toString('base64url'))

describe('text in base64url', () => {
  test('of any language is read back', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), (text) => {
        expect(textFromBase64url(Buffer.from(text).toString('base64url'))).toBe(text)
      }),
    )
  })

  test('may hold the replacement character itself', () => {
    expect(textOf(...Buffer.from('a\uFFFDb'))).toBe('a\uFFFDb')
  })

  test.each([
    ['a lone continuation byte', [0x80]],
    ['an overlong form', [0xc0, 0xaf]],
    ['half of a surrogate pair', [0xed, 0xa0, 0x80]],
    ['a character that is cut off', [0x61, 0xe2, 0x82]],
    ['a broken byte beside a genuine replacement character', [0xef, 0xbf, 0xbd, 0xff]],
  ])('must be UTF-8, and not %s', (_, bytes) => {
    expect(textOf(...bytes)).toBeUndefined()
  })

  test('keeps a byte order mark, so that no JSON begins with one', () => {
    expect(textOf(0xef, 0xbb, 0xbf, 0x7b, 0x7d)).toBe('\uFEFF{}')
  })
})
