import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { fingerprint } from './seal.ts'

test('a fingerprint is the whole SHA-256 of a text, and not the text', () => {
  const text = 'eyJhbGciOiJSUzI1NiJ9.e30.c2ln'
  const digest = createHash('sha256').update(text).digest()
  const forms = (['latin1', 'base64', 'base64url', 'hex'] as const).map((form) =>
    digest.toString(form),
  )
  expect(forms).toContain(fingerprint(text))
  expect(fingerprint(text)).toBe(fingerprint(text))
  expect(fingerprint(`${text} `)).not.toBe(fingerprint(text))
})
