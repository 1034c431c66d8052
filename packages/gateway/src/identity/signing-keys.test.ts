import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { ConfigurationError } from '@portcullis/core'
import { createClock } from '@portcullis/testkit'
import { calculateJwkThumbprint } from 'jose'
import { describe, expect, test } from 'vitest'
import { failure } from '../../../../test/e2e/support/scene.ts'
import {
  createSigningKeys,
  exportSigningKeys,
  importSigningKeys,
  publishedAhead,
  publishedFor,
  type SigningKeys,
} from './signing-keys.ts'

const day = 86_400
const kids = (keys: SigningKeys): unknown[] => keys.published().keys.map(({ kid }) => kid)
const pem = ({ privateKey }: { readonly privateKey: KeyObject }): string =>
  privateKey.export({ format: 'pem', type: 'pkcs8' }).toString()
const ecPem = (namedCurve = 'P-256'): string => pem(generateKeyPairSync('ec', { namedCurve }))

const messageOf = async (act: () => unknown): Promise<string> => {
  const error = await failure(act)
  expect(error).toBeInstanceOf(ConfigurationError)
  expect(String(error instanceof Error && error.cause)).toBe('undefined')
  return String(error)
}

describe('a key', () => {
  test.each(['ES256', 'EdDSA'] as const)(
    'for %s is published without its private part',
    async (algorithm) => {
      const keys = createSigningKeys({ algorithm })
      const [jwk = {}] = keys.published().keys
      expect(Object.keys(jwk).toSorted()).toEqual([
        'alg',
        'crv',
        'kid',
        'kty',
        'use',
        'x',
        ...(algorithm === 'ES256' ? ['y'] : []),
      ])
      expect(jwk).toMatchObject({ alg: algorithm, use: 'sig', kid: keys.current().kid })
      expect(jwk['kid']).toBe(await calculateJwkThumbprint(jwk))
    },
  )
})

describe('rotation', () => {
  const rotating = () => {
    const clock = createClock(0)
    return { clock, keys: createSigningKeys({ now: clock.now, rotateEvery: day, overlap: 300 }) }
  }

  test('publishes the next key well before it signs, and the old one until nothing it signed is left', () => {
    const { clock, keys } = rotating()
    const first = keys.current().kid
    clock.advance(day - publishedAhead - 1)
    expect(kids(keys)).toEqual([first])
    clock.advance(1)
    const [, second] = kids(keys)
    expect(kids(keys)).toEqual([first, second])
    clock.advance(publishedAhead - 1)
    expect(keys.current().kid).toBe(first)
    clock.advance(1)
    expect(keys.current().kid).toBe(second)
    clock.advance(299)
    expect(kids(keys)).toEqual([first, second])
    clock.advance(1)
    expect(kids(keys)).toEqual([second])
    expect(keys.current().kid).toBe(second)
  })

  test('never signs with a key that was not published before, however long nobody asked', () => {
    const { clock, keys } = rotating()
    const first = keys.current().kid
    clock.advance(10 * day)
    expect(keys.current().kid).toBe(first)
    const [, second] = kids(keys)
    clock.advance(publishedAhead - 1)
    expect(keys.current().kid).toBe(first)
    clock.advance(1)
    expect(keys.current().kid).toBe(second)
  })

  test('goes on for years, with three keys at most', () => {
    const { clock, keys } = rotating()
    const signers = new Set<string>()
    for (let hour = 0; hour < 24 * 100; hour++) {
      const known = kids(keys)
      expect(known.length).toBeLessThanOrEqual(3)
      expect(known).toContain(keys.current().kid)
      signers.add(keys.current().kid)
      clock.advance(3600)
    }
    expect(signers.size).toBeGreaterThanOrEqual(95)
  })

  test('survives a clock that is set back', () => {
    const { clock, keys } = rotating()
    const first = keys.current().kid
    clock.advance(-10 * day)
    expect(keys.current().kid).toBe(first)
    expect(kids(keys)).toEqual([first])
  })

  test('announces keys for longer than upstreams are told to remember them', () => {
    expect(publishedAhead).toBeGreaterThan(publishedFor)
  })
})

describe('processes that share keys', () => {
  const family = () => {
    const clock = createClock(0)
    const primary = createSigningKeys({ now: clock.now, rotateEvery: day })
    const handed = () => JSON.parse(JSON.stringify(exportSigningKeys(primary)))
    const worker = importSigningKeys(handed(), { now: clock.now })
    return { clock, primary, worker, handed }
  }

  test('sign with the same key and publish the same set', () => {
    const { primary, worker } = family()
    expect(worker.current().kid).toBe(primary.current().kid)
    expect(worker.published()).toEqual(primary.published())
    expect(worker.version).toBe(primary.version)
  })

  test('change keys at the same moment once the newer set was handed over', () => {
    const { clock, primary, worker, handed } = family()
    clock.advance(day - publishedAhead)
    expect(primary.version).toBe(2)
    expect(worker.version).toBe(1)
    expect(worker.adopt(handed())).toBe(true)
    expect(worker.adopt(handed())).toBe(false)
    const first = worker.current().kid
    clock.advance(publishedAhead)
    expect(worker.current().kid).not.toBe(first)
    expect(worker.current().kid).toBe(primary.current().kid)
    clock.advance(300)
    expect(worker.published()).toEqual(primary.published())
  })

  test('make no keys of their own', () => {
    const { clock, worker } = family()
    const first = worker.current().kid
    clock.advance(10 * day)
    expect(kids(worker)).toEqual([first])
  })

  test('hand on what they were handed', () => {
    const { worker, primary } = family()
    expect(exportSigningKeys(worker)).toEqual(exportSigningKeys(primary))
  })

  test('do not take an older set', () => {
    const { clock, primary, worker, handed } = family()
    const old = handed()
    clock.advance(day)
    expect(primary.version).toBe(2)
    worker.adopt(handed())
    expect(worker.adopt(old)).toBe(false)
    expect(worker.version).toBe(2)
  })

  test('are told what is wrong with a set, but not what is in it', async () => {
    const { handed } = family()
    const set = handed()
    const broken = { ...set, keys: [{ ...set.keys[0], jwk: { ...set.keys[0].jwk, crv: 'P-384' } }] }
    expect(await messageOf(() => importSigningKeys(broken))).not.toContain(set.keys[0].jwk.d)
    expect(await messageOf(() => importSigningKeys({ ...set, keys: [] }))).toContain('empty')
  })

  test('export nothing but keys that were made here', async () => {
    const { primary } = family()
    expect(await messageOf(() => exportSigningKeys({ ...primary }))).toContain('exportSigningKeys')
  })
})

describe('keys of the configuration', () => {
  test('are all published; the first signs, for ever', async () => {
    const clock = createClock(0)
    const keys = createSigningKeys({ keys: [ecPem(), ecPem()], now: clock.now })
    const [first, second] = kids(keys)
    clock.advance(1000 * day)
    expect(keys.current().kid).toBe(first)
    expect(kids(keys)).toEqual([first, second])
    const shared = importSigningKeys(JSON.parse(JSON.stringify(exportSigningKeys(keys))), clock)
    expect(shared.current().kid).toBe(first)
    expect(kids(shared)).toEqual([first, second])
  })

  const rsa = () => generateKeyPairSync('rsa', { modulusLength: 2048 })
  const ec = () => generateKeyPairSync('ec', { namedCurve: 'P-256' })
  test.each<[string, () => string, 'ES256' | 'EdDSA', string]>([
    ['no PEM', () => 'hunter2', 'ES256', 'PKCS #8'],
    ['a broken PEM', () => ecPem().replace(/\n.{20}/, '\nhunter2'), 'ES256', 'PKCS #8'],
    [
      'a public key',
      () => ec().publicKey.export({ format: 'pem', type: 'spki' }).toString(),
      'ES256',
      'PKCS #8',
    ],
    [
      'SEC 1',
      () => ec().privateKey.export({ format: 'pem', type: 'sec1' }).toString(),
      'ES256',
      'PKCS #8',
    ],
    ['another curve', () => ecPem('P-384'), 'ES256', 'P-256'],
    ['RSA', () => pem(rsa()), 'ES256', 'P-256'],
    ['EC for EdDSA', () => ecPem(), 'EdDSA', 'Ed25519'],
    ['Ed448', () => pem(generateKeyPairSync('ed448')), 'EdDSA', 'Ed25519'],
    ['Ed25519 for ES256', () => pem(generateKeyPairSync('ed25519')), 'ES256', 'P-256'],
  ])('%s is refused without a word of the key', async (_, make, algorithm, said) => {
    const text = make()
    const message = await messageOf(() => createSigningKeys({ algorithm, keys: [text] }))
    expect(message).toContain('keys[0]')
    expect(message).toContain(said)
    for (const line of text.split('\n').filter((part) => part !== ''))
      expect(message).not.toContain(line)
  })

  test('must differ', async () => {
    const same = ecPem()
    expect(await messageOf(() => createSigningKeys({ keys: [same, same] }))).toContain('twice')
  })

  test.each<[object, string]>([
    [{ keys: [] }, 'empty'],
    [{ rotateEvery: 1799 }, '1800'],
    [{ overlap: 60 }, '120'],
    [{ rotateEvry: 1 }, 'did you mean rotateEvery'],
  ])('%j is refused', async (options, said) => {
    expect(await messageOf(() => createSigningKeys(options))).toContain(said)
  })
})
