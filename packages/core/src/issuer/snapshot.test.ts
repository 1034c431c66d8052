import { describe, expect, test } from 'vitest'
import { createTestKey } from '../../../../test/e2e/support/signing.ts'
import { ConfigurationError } from '../errors/configuration.ts'
import { readSnapshot } from './snapshot.ts'

const issuer = 'https://id.test'
const now = 1_700_000_000_000
const good = {
  version: 1,
  issuer,
  metadata: { issuer, jwks_uri: `${issuer}/keys` },
  jwks: { keys: [createTestKey('ES256').jwk] },
  fetchedAt: now - 60_000,
  lifetime: 600,
}

test('a good snapshot is read', () => {
  const { metadata, keys } = readSnapshot(good, issuer, now)
  expect(metadata).toEqual(good.metadata)
  expect(keys).toMatchObject({ fetchedAt: now - 60_000, lifetime: 600 })
  expect(keys.keys).toMatchObject([{ kid: 'ES256', withdrawn: false }])
})

describe('a snapshot cannot buy its keys more time than a fetch would', () => {
  test.each([
    ['a fetch in the future', { fetchedAt: now + 1e9 }, { fetchedAt: now }],
    ['an endless lifetime', { lifetime: 1e9 }, { lifetime: 3600 }],
    ['a negative lifetime', { lifetime: -1 }, { lifetime: 0 }],
  ])('%s', (_what, change, read) => {
    expect(readSnapshot({ ...good, ...change }, issuer, now).keys).toMatchObject(read)
  })
})

describe('a snapshot that was tampered with is a ConfigurationError', () => {
  test.each([
    ['not an object', null, 'version 1'],
    ['a text', JSON.stringify(good), 'version 1'],
    ['no version', { ...good, version: undefined }, 'version 1'],
    ['a later version', { ...good, version: 2 }, 'version 1'],
    ['no time of the fetch', { ...good, fetchedAt: undefined }, 'lacks fetchedAt or lifetime'],
    ['a time that is a text', { ...good, fetchedAt: '2024-01-01' }, 'lacks fetchedAt or lifetime'],
    ['a time that is no number', { ...good, fetchedAt: Number.NaN }, 'lacks fetchedAt or lifetime'],
    [
      'a lifetime that is no number',
      { ...good, lifetime: Number.NaN },
      'lacks fetchedAt or lifetime',
    ],
    ['no lifetime', { ...good, lifetime: null }, 'lacks fetchedAt or lifetime'],
    ['no metadata', { ...good, metadata: undefined }, 'not a JSON object'],
    [
      'metadata of another issuer',
      { ...good, metadata: { issuer: 'https://evil.test' } },
      "belongs to the issuer 'https://evil.test'",
    ],
    ['no key set', { ...good, jwks: undefined }, 'no array "keys"'],
    ['a key that is no object', { ...good, jwks: { keys: [7] } }, 'not an object'],
  ])('%s', (_what, snapshot, why) => {
    expect(() => readSnapshot(snapshot, issuer, now)).toThrow(ConfigurationError)
    expect(() => readSnapshot(snapshot, issuer, now)).toThrow(why)
  })

  test('the cause is kept', () => {
    const act = () => readSnapshot({ ...good, jwks: 7 }, issuer, now)
    expect(act).toThrow(expect.objectContaining({ cause: expect.any(Error) }))
  })
})

test('a private key in a snapshot is not taken', () => {
  const key = createTestKey('ES256')
  const jwks = { keys: [{ ...key.jwk, ...key.privateKey.export({ format: 'jwk' }) }] }
  expect(readSnapshot({ ...good, jwks }, issuer, now).keys.keys).toEqual([])
})
