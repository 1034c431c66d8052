import { createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createSealBox, digest, fingerprint, randomText } from './seal.ts'

test('a fingerprint is the whole SHA-256 of a text, and not the text', () => {
  const text = 'eyJhbGciOiJSUzI1NiJ9.e30.c2ln'
  const hashed = createHash('sha256').update(text).digest()
  const forms = (['latin1', 'base64', 'base64url', 'hex'] as const).map((form) =>
    hashed.toString(form),
  )
  expect(forms).toContain(fingerprint(text))
  expect(fingerprint(text)).toBe(fingerprint(text))
  expect(fingerprint(`${text} `)).not.toBe(fingerprint(text))
})

const secret = (letter: string): string => letter.repeat(32)
const textOf = (bytes: Uint8Array | undefined): string | undefined =>
  bytes && Buffer.from(bytes).toString()

describe('a seal box', () => {
  const box = createSealBox([secret('a')], 'tests')

  test('opens what it has sealed, whatever it is', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 500 }), (plain) => {
        const sealed = box.seal(plain)
        expect(sealed).toMatch(/^[\w-]+$/)
        expect([...(box.open(sealed) ?? [0])]).toEqual([...plain])
      }),
    )
  })

  test('opens more than fits into the memory that decoding lends', () => {
    const plain = randomBytes(50_000)
    expect(box.open(box.seal(plain))?.equals(plain)).toBe(true)
  })

  test('keeps what was opened first when it opens something else', () => {
    const first = box.open(box.seal(Buffer.from('the first')))
    box.open(box.seal(Buffer.from('another one')))
    expect(textOf(first)).toBe('the first')
  })

  test('seals the same differently each time, and shows nothing of it', () => {
    const plain = Buffer.from('somebody@example.com')
    const sealed = Array.from({ length: 50 }, () => box.seal(plain))
    expect(new Set(sealed).size).toBe(50)
    expect(new Set(sealed.map((text) => text.slice(2, 16))).size).toBe(50)
    expect(Buffer.from(sealed[0] ?? '', 'base64url').includes('somebody')).toBe(false)
  })

  test('does not open what any change was made to', () => {
    const bytes = Buffer.from(box.seal(Buffer.from('content')), 'base64url')
    for (let at = 0; at < bytes.length; at++) {
      for (const bit of [1, 128]) {
        const changed = Buffer.from(bytes)
        changed[at] = (changed[at] ?? 0) ^ bit
        expect(box.open(changed.toString('base64url'))).toBeUndefined()
      }
      expect(box.open(bytes.subarray(0, at).toString('base64url'))).toBeUndefined()
    }
    expect(box.open(bytes.toString('base64url'))).toBeDefined()
  })

  test('opens one writing of it only', () => {
    const sealed = box.seal(Buffer.from('12'))
    expect(textOf(box.open(sealed))).toBe('12')
    for (const other of [`${sealed}=`, ` ${sealed}`, `${sealed}A`, sealed.replace(/^A/, '')]) {
      expect(box.open(other)).toBeUndefined()
    }
  })

  test('opens no text that it has not sealed', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.base64String()), (text) => {
        expect(box.open(text)).toBeUndefined()
      }),
    )
    expect(box.open('A'.repeat(100_000))).toBeUndefined()
  })

  test('does not open what was sealed with another secret, or for another purpose', () => {
    const sealed = box.seal(Buffer.from('content'))
    expect(createSealBox([secret('b')], 'tests').open(sealed)).toBeUndefined()
    expect(createSealBox([secret('a')], 'other').open(sealed)).toBeUndefined()
    expect(textOf(createSealBox([secret('a')], 'tests').open(sealed))).toBe('content')
  })

  test('seals with the first secret and opens with all of them', () => {
    const before = createSealBox([secret('a')], 'tests')
    const during = createSealBox([secret('b'), secret('a')], 'tests')
    const after = createSealBox([secret('b')], 'tests')
    const old = before.seal(Buffer.from('old'))
    expect(textOf(during.open(old))).toBe('old')
    expect(after.open(old)).toBeUndefined()
    const young = during.seal(Buffer.from('young'))
    expect(textOf(after.open(young))).toBe('young')
    expect(before.open(young)).toBeUndefined()
  })

  test('is AES-256-GCM with a key of HKDF-SHA-256, so that another program could open it', () => {
    const sealed = Buffer.from(box.seal(Buffer.from('content')), 'base64url')
    const key = Buffer.from(hkdfSync('sha256', secret('a'), 'portcullis', 'tests', 32))
    const gcm = createDecipheriv('aes-256-gcm', key, sealed.subarray(1, 13))
    gcm.setAuthTag(sealed.subarray(-16))
    const plain = Buffer.concat([gcm.update(sealed.subarray(13, -16)), gcm.final()])
    expect(sealed[0]).toBe(1)
    expect(plain.toString()).toBe('content')
  })

  test('is not made without a secret', () => {
    expect(() => createSealBox([], 'tests')).toThrow(TypeError)
  })
})

test('a random text is long, of base64url, and another one each time', () => {
  const texts = Array.from({ length: 100 }, () => randomText(32))
  expect(new Set(texts).size).toBe(100)
  for (const text of texts) expect(text).toMatch(/^[\w-]{43}$/)
})

test('a digest is the SHA-256 of a text in letters', () => {
  expect(digest('text')).toBe(createHash('sha256').update('text').digest('base64url'))
})
