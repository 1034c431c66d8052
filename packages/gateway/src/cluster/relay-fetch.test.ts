import { expect, test, vi } from 'vitest'
import type { FetchedDocument } from './document.ts'
import { relayFetch } from './relay-fetch.ts'

const found: FetchedDocument = {
  status: 200,
  headers: [['content-type', 'application/json']],
  body: '{"a":1}',
}
const setUp = (answer: Promise<FetchedDocument> = Promise.resolve(found)) => {
  const ask = vi.fn(() => answer)
  const direct = vi.fn(() => Promise.resolve(new Response('direct')))
  return { ask, direct, fetch: relayFetch(ask, direct) }
}
const url = 'https://id.example.com/jwks'

test('has a GET made by the primary, and answers as fetch does', async () => {
  const { ask, direct, fetch } = setUp()
  const response = await fetch(url, { headers: { accept: 'application/json' } })
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/json'])
  expect(await response.json()).toEqual({ a: 1 })
  expect(ask).toHaveBeenCalledWith(url)
  expect(direct).not.toHaveBeenCalled()
})

test.each<[string, RequestInit]>([
  ['a POST', { method: 'POST', body: 'token=x' }],
  ['credentials', { headers: { authorization: 'Basic x' } }],
  ['a cookie', { headers: { cookie: 'a=b' } }],
  ['another method', { method: 'DELETE' }],
])('never lets the primary see %s', async (_, init) => {
  const { ask, fetch } = setUp()
  expect(await (await fetch(url, init)).text()).toBe('direct')
  expect(ask).not.toHaveBeenCalled()
})

test('ends when whoever asked has had enough', async () => {
  const { fetch } = setUp(new Promise(() => undefined))
  const controller = new AbortController()
  const answer = fetch(url, { signal: controller.signal })
  controller.abort(new Error('enough'))
  await expect(answer).rejects.toThrow('enough')
})

test('fails as the primary failed, and answers without a body where there is none', async () => {
  await expect(setUp(Promise.reject(new Error('refused'))).fetch(url)).rejects.toThrow('refused')
  const { fetch } = setUp(Promise.resolve({ status: 304, headers: [], body: '' }))
  expect((await fetch(url)).status).toBe(304)
})
