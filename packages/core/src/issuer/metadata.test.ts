import { expect, test } from 'vitest'
import { createClock, settle, start } from '../../../../test/e2e/support/scene.ts'
import type { FetchedMetadata, IssuerMetadata } from './discovery.ts'
import { createMetadataSource, staticMetadata } from './metadata.ts'

const deadline = AbortSignal.timeout(60_000)
const clock = () => createClock(start * 1000)

function source(initial?: IssuerMetadata) {
  const time = clock()
  const answers: (() => Promise<FetchedMetadata>)[] = []
  let fetches = 0
  const metadata = createMetadataSource({
    now: time.now,
    initial,
    fetchMetadata: () => {
      fetches++
      return (answers.shift() ?? (() => Promise.resolve(version(fetches))))()
    },
  })
  return {
    time,
    metadata,
    fail: () => answers.push(() => Promise.reject(new Error('down'))),
    get fetches() {
      return fetches
    },
  }
}
const version = (number: number): FetchedMetadata => ({
  metadata: { issuer: 'https://id.test', number },
  lifetime: 3600,
})

test('are fetched once for any number of callers', async () => {
  const at = source()
  expect(at.metadata.known).toBeUndefined()
  const all = await Promise.all(Array.from({ length: 500 }, () => at.metadata.get(deadline)))
  expect(at.fetches).toBe(1)
  expect(new Set(all).size).toBe(1)
  expect(at.metadata.known).toBe(all[0])
})

test('are used for their lifetime, then renewed in the background while the old ones serve', async () => {
  const at = source()
  await at.metadata.get(deadline)
  at.time.advance(3599)
  await at.metadata.get(deadline)
  expect(at.fetches).toBe(1)
  at.time.advance(1)
  expect(await at.metadata.get(deadline)).toMatchObject({ number: 1 })
  expect(at.fetches).toBe(2)
  await settle()
  expect(await at.metadata.get(deadline)).toMatchObject({ number: 2 })
})

test('a renewal that fails leaves the old ones, and is tried again', async () => {
  const at = source()
  await at.metadata.get(deadline)
  at.time.advance(4000)
  at.fail()
  expect(await at.metadata.get(deadline)).toMatchObject({ number: 1 })
  await settle()
  expect(await at.metadata.get(deadline)).toMatchObject({ number: 1 })
  await settle()
  expect(await at.metadata.get(deadline)).toMatchObject({ number: 3 })
})

test('that led nowhere are renewed at once, in one fetch, and the old ones serve where that fails', async () => {
  const at = source()
  await at.metadata.get(deadline)
  const both = await Promise.all([at.metadata.renew(deadline), at.metadata.renew(deadline)])
  expect(both).toMatchObject([{ number: 2 }, { number: 2 }])
  expect(at.metadata.known).toMatchObject({ number: 2 })
  at.fail()
  await expect(at.metadata.renew(deadline)).rejects.toThrow('down')
  expect(await at.metadata.get(deadline)).toMatchObject({ number: 2 })
  expect(at.fetches).toBe(3)
})

test('the first fetch that fails rejects, and the next caller tries again', async () => {
  const at = source()
  at.fail()
  await expect(at.metadata.get(deadline)).rejects.toThrow('down')
  expect(await at.metadata.get(deadline)).toMatchObject({ number: 2 })
})

test('those of a snapshot serve at once and are renewed at the first occasion', async () => {
  const at = source({ issuer: 'https://id.test', number: 0 })
  expect(await at.metadata.get(deadline)).toMatchObject({ number: 0 })
  expect(at.fetches).toBe(1)
  await settle()
  expect(at.metadata.known).toMatchObject({ number: 1 })
})

test('those that were handed in stay as they are', async () => {
  const metadata = { issuer: 'https://id.test' }
  const fixed = staticMetadata(metadata)
  expect(fixed.known).toBe(metadata)
  expect(await fixed.get(deadline)).toBe(metadata)
  expect(await fixed.renew(deadline)).toBe(metadata)
})
