import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type * as signingKey from '../signing-key.ts'
import type * as org from './create.ts'
import { createLazyKey, createServerKeys } from './keys.ts'

const made = vi.hoisted(() => ({ keys: 0 }))

vi.mock('../signing-key.ts', async (original) => {
  const real = await original<typeof signingKey>()
  const counted = <Args extends readonly string[], Key>(make: (...args: Args) => Key) => {
    return (...args: Args): Key => {
      if (args[0] === 'RS256') made.keys++
      return make(...args)
    }
  }
  return {
    ...real,
    createSigningKey: counted(real.createSigningKey),
    generateSigningKey: counted(real.generateSigningKey),
  }
})

let createOkta: typeof org.createOkta

// Test files share modules, and those that are loaded do not know of the mock.
beforeAll(async () => {
  vi.resetModules()
  ;({ createOkta } = await import('./create.ts'))
})

afterAll(() => {
  vi.doUnmock('../signing-key.ts')
  vi.resetModules()
})

test('an org makes no key until somebody needs one', async () => {
  made.keys = 0
  const okta = await createOkta({ servers: { payments: {} } })
  expect(made.keys).toBe(0)
  await okta.issueToken()
  await okta.issueToken()
  expect(made.keys).toBe(1)
  await okta.close()
})

test('whoever cannot wait gets the same key as whoever does', async () => {
  const key = createLazyKey()
  const ready = key.ready()
  const got = key.get()
  expect(await ready).toBe(got)
  expect(await key.ready()).toBe(got)
})

test('a key that has signed nothing yet can be turned out', async () => {
  const ring = createServerKeys(() => 0)
  await ring.rotate()
  const states = ring.states()
  expect(states.map(({ status }) => status)).toEqual(['NEXT', 'ACTIVE', 'EXPIRED'])
  expect(new Set(states.map(({ kid }) => kid)).size).toBe(3)
  expect(ring.active().kid).toBe(states[1]?.kid)
  expect((await ring.published()).map(({ kid }) => kid)).toEqual(states.map(({ kid }) => kid))
})
