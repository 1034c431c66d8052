import { beforeEach, expect, test } from 'vitest'
import { createDesk, type Desk } from './desk.ts'

const issuer = 'https://id.example.com'
const metadata = `${issuer}/.well-known/openid-configuration`
const jwks = 'https://keys.example.com/jwks'

let asked: string[]
let now: number
let status: number
let hold: Promise<void>
let desk: Desk

beforeEach(() => {
  asked = []
  now = 0
  status = 200
  hold = Promise.resolve()
  desk = createDesk({
    now: () => now,
    timeout: 1,
    fetch: async (input) => {
      asked.push(typeof input === 'string' ? input : 'no address')
      const nth = asked.length
      await hold
      return Response.json({ jwks_uri: jwks, nth }, { status, headers: { 'x-secret': 'kept' } })
    },
  })
  desk.trust([issuer])
})

const nth = async (asker: number, address = metadata): Promise<unknown> =>
  (JSON.parse((await desk.fetch(asker, address)).body) as { readonly nth: number }).nth

test('makes one request for all who ask at the same time', async () => {
  expect(await Promise.all([nth(1), nth(2), nth(3)])).toEqual([1, 1, 1])
})

test('whoever was handed what was fetched already asks for something newer', async () => {
  await nth(0)
  desk.handed(1, metadata)
  expect(await nth(1)).toBe(2)
  // Nobody else has fetched it yet, and it is remembered all the same.
  desk.handed(2, jwks)
  expect(await nth(2, jwks)).toBe(3)
})

test('hands those who start later what was fetched for the others', async () => {
  await nth(1)
  now = 9_999
  expect(await nth(2)).toBe(1)
  now = 10_001
  expect(await nth(3)).toBe(2)
})

test('fetches anew for whoever has had the answer: a rotation is never hidden', async () => {
  expect([await nth(1), await nth(1)]).toEqual([1, 2])
})

test('gives one fetch after a rotation to all workers, if they ask within seconds', async () => {
  await Promise.all([nth(1), nth(2)])
  now = 100_000
  expect(await nth(1)).toBe(2)
  now = 102_000
  expect(await nth(2)).toBe(2)
  now = 110_000
  expect(await nth(2)).toBe(3)
})

test('does not keep a failure for anybody who did not wait for it', async () => {
  status = 503
  expect((await desk.fetch(1, metadata)).status).toBe(503)
  status = 200
  expect((await desk.fetch(2, metadata)).status).toBe(200)
  expect(asked).toHaveLength(2)
})

test('fetches nothing but from issuers, and where their metadata say the keys are', async () => {
  await expect(desk.fetch(1, jwks)).rejects.toThrow('https://keys.example.com is no issuer')
  await expect(desk.fetch(1, 'http://169.254.169.254/latest')).rejects.toThrow('is no issuer')
  await desk.fetch(1, metadata)
  await desk.fetch(1, jwks)
  expect(asked).toEqual([metadata, jwks])
  desk.trust(['https://other.example.com'])
  await expect(desk.fetch(2, metadata)).rejects.toThrow('is no issuer')
})

test('passes on only fields that matter', async () => {
  const { headers } = await desk.fetch(1, metadata)
  expect(headers).toEqual([['content-type', 'application/json']])
})

test('remembers no more than some addresses', async () => {
  for (let index = 0; index < 200; index++) {
    // oxlint-disable-next-line no-await-in-loop -- in order, so that the oldest is forgotten
    await desk.fetch(1, `${metadata}?${index}`)
  }
  await desk.fetch(2, `${metadata}?0`)
  await desk.fetch(2, `${metadata}?199`)
  expect(asked).toHaveLength(201)
})
