import { afterAll, afterEach, describe, expect, test, vi } from 'vitest'
import { createAuthorizationServer } from './create.ts'
import type { Garbage } from './garbage.ts'

const server = await createAuthorizationServer({ algorithms: [] })
const jwks = `${server.issuer}/jwks`
const metadata = `${server.issuer}/.well-known/openid-configuration`

afterEach(() => {
  vi.useRealTimers()
  server.faults.clear()
})
afterAll(() => server.close())

const causeOf = async (answer: Promise<unknown>) => {
  const error: unknown = await answer.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  return error instanceof Error && error.cause instanceof Error
    ? String(Reflect.get(error.cause, 'code'))
    : error
}
const reset = /ECONNRESET|UND_ERR_SOCKET/

describe('down', () => {
  test('all: open connections are cut, and new ones reset before anything is read', async () => {
    await (await fetch(jwks)).text()
    server.requests.reset()
    server.faults.set('all', { kind: 'down' })
    const before = server.connections
    expect(await causeOf(fetch(jwks))).toMatch(reset)
    expect(await causeOf(fetch(jwks))).toMatch(reset)
    expect(server.connections).toBeGreaterThan(before)
    expect(server.requests.total()).toBe(0)
    server.faults.clear('all')
    expect((await fetch(jwks)).status).toBe(200)
  })

  test('one endpoint: its requests are reset, the others answered', async () => {
    server.faults.set('jwks', { kind: 'down' })
    expect(await causeOf(fetch(jwks))).toMatch(reset)
    expect((await fetch(metadata)).status).toBe(200)
  })
})

test('hang: no answer comes, until the client gives up', async () => {
  server.faults.set('token', { kind: 'hang' })
  const signal = AbortSignal.timeout(100)
  const url = `${server.issuer}/token`
  await expect(fetch(url, { method: 'POST', signal })).rejects.toThrow(/timeout/)
  expect((await fetch(jwks)).status).toBe(200)
})

test('stall: the answer begins and never ends', async () => {
  server.faults.set('jwks', { kind: 'stall' })
  const response = await fetch(jwks, { signal: AbortSignal.timeout(100) })
  expect(response.status).toBe(200)
  await expect(response.text()).rejects.toThrow(/timeout/)
})

describe('slow', () => {
  test('the right answer comes late', async () => {
    server.faults.set('all', { kind: 'slow', seconds: 0.1 })
    const began = performance.now()
    expect((await (await fetch(jwks)).json()).keys).toHaveLength(1)
    expect(performance.now() - began).toBeGreaterThan(90)
  })

  test('fake timers do not stop it', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'setInterval', 'Date'] })
    server.faults.set('jwks', { kind: 'slow', seconds: 0.01 })
    expect((await fetch(jwks)).status).toBe(200)
  })

  test('a client that leaves ends it', async () => {
    server.faults.set('jwks', { kind: 'slow', seconds: 3600 })
    await expect(fetch(jwks, { signal: AbortSignal.timeout(50) })).rejects.toThrow(/timeout/)
  })
})

test('status: an answer of your own', async () => {
  server.faults.set('jwks', {
    kind: 'status',
    status: 503,
    headers: { 'retry-after': '7' },
    body: 'busy',
  })
  const response = await fetch(jwks)
  expect([response.status, response.headers.get('retry-after'), await response.text()]).toEqual([
    503,
    '7',
    'busy',
  ])
})

describe('garbage', () => {
  const get = async (as: Garbage) => {
    server.faults.set('jwks', { kind: 'garbage', as })
    return fetch(jwks)
  }

  test.each(['html', 'broken-json', 'empty'] as const)('%s is no JSON', async (as) => {
    const response = await get(as)
    expect(response.status).toBe(200)
    await expect(response.json()).rejects.toThrow(SyntaxError)
  })

  test('wrong-json is not an object', async () => {
    expect(await (await get('wrong-json')).json()).toBeInstanceOf(Array)
  })

  test('truncated ends in the middle', async () => {
    await expect((await get('truncated')).text()).rejects.toThrow('terminated')
  })

  test('huge, and gzip-bomb', async () => {
    expect((await (await get('huge')).text()).length).toBeGreaterThan(5e6)
    expect((await (await get('gzip-bomb')).arrayBuffer()).byteLength).toBe(64e6)
  })

  test('is a web page by default', async () => {
    server.faults.set('discovery', { kind: 'garbage' })
    expect(await (await fetch(metadata)).text()).toContain('Maintenance')
  })
})

test("an endpoint's own fault goes before that of all, and is cleared alone", async () => {
  server.faults.set('all', { kind: 'status', status: 500 })
  server.faults.set('jwks', { kind: 'status', status: 502 })
  expect([(await fetch(jwks)).status, (await fetch(metadata)).status]).toEqual([502, 500])
  server.faults.clear('jwks')
  expect((await fetch(jwks)).status).toBe(500)
})

test('close ends what hangs, and may be called twice', async () => {
  const one = await createAuthorizationServer({ algorithms: [] })
  one.faults.set('all', { kind: 'hang' })
  const hanging = causeOf(fetch(`${one.issuer}/jwks`))
  await vi.waitFor(() => expect(one.requests.of('jwks')).toBe(1), 5000)
  await one.close()
  expect(await hanging).toMatch(reset)
  await one.close()
  // A client may have a connection of before at hand, whose end it has not noticed yet.
  expect(['ECONNREFUSED', 'ECONNRESET', 'UND_ERR_SOCKET']).toContain(
    await causeOf(fetch(`${one.issuer}/jwks`)),
  )
})
