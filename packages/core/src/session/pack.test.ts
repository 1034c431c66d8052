import { randomBytes } from 'node:crypto'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { pack, unpack } from './pack.ts'

const base64url = fc
  .string({ unit: fc.constantFrom(...'AZaz09-_'.split('')), minLength: 15, maxLength: 90 })
  .filter((text) => text !== '')
const pieces = fc.array(
  fc.oneof(base64url, fc.constantFrom('.', '"', ',', '=', ''), fc.string({ unit: 'grapheme' })),
  { maxLength: 12 },
)

describe('a packed text', () => {
  test('is read back, whatever it is', () => {
    fc.assert(
      fc.property(pieces, (parts) => {
        const text = parts.join('')
        expect(unpack(pack(text))).toBe(text)
      }),
      { numRuns: 2000 },
    )
  })

  test('is read back where it is JSON of any kind, lone surrogates included', () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'binary' }), (value) => {
        const text = JSON.stringify([value, '\ud800'])
        expect(unpack(pack(text))).toBe(text)
      }),
    )
  })

  test.each([1, 2, 3, 4, 63, 127, 128, 129, 16_383, 16_384, 100_000])(
    'is read back where a run has %d bytes, and stands in three quarters of its length',
    (size) => {
      const run = randomBytes(size).toString('base64url')
      const text = `é"${run}"é`
      expect(unpack(pack(text))).toBe(text)
      expect(pack(text).length).toBeLessThan(size + 20)
    },
  )

  test('is read back where the runs are many, and the texts between them long', () => {
    const text = Array.from({ length: 300 }, (_, at) => 'A'.repeat(20 + at) + ' é'.repeat(at)).join(
      ';',
    )
    expect(unpack(pack(text))).toBe(text)
  })

  test('keeps letters that would be no canonical base64url', () => {
    for (const tail of ['', 'B', 'BB', 'BBB', '__', '-_9']) {
      const text = `${'A'.repeat(40)}${tail}`
      expect(unpack(pack(text))).toBe(text)
    }
  })

  test('has a length that depends on no more than the length', () => {
    const sizes = ['A'.repeat(400), randomBytes(300).toString('base64url')].map(
      (run) => pack(`"${run}"`).length,
    )
    expect(new Set(sizes).size).toBe(1)
  })

  test('of another version, or cut anywhere before its text, is none', () => {
    const bytes = pack(`"${'A'.repeat(40)}"`)
    for (const first of [0, 2, 255]) {
      expect(unpack(Buffer.concat([Buffer.from([first]), bytes.subarray(1)]))).toBeUndefined()
    }
    for (let end = 0; end < 34; end++) expect(unpack(bytes.subarray(0, end))).toBeUndefined()
    expect(unpack(Buffer.from([1, 255, 255, 255, 255, 255]))).toBeUndefined()
  })

  test('is never an exception, nor an endless loop, whatever the bytes are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        const text = unpack(Buffer.from([1, ...bytes]))
        expect(['string', 'undefined']).toContain(typeof text)
      }),
      { numRuns: 2000 },
    )
  })
})
