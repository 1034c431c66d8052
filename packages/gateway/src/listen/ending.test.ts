import { request as send } from 'node:http'
import { expect, onTestFinished, test } from 'vitest'
import { allowed, forwardedWith } from '../../../../test/support/gateway-question.ts'
import { rawClient, requestText, type RawClient } from '../../../../test/support/raw-client.ts'
import type { Answer } from '../check/answer.ts'
import type { Check } from '../check/check.ts'
import { createNginx } from '../dialects/nginx.ts'
import { listenHttp, type HttpListenerOptions, type Listener } from './http.ts'

async function listen(check: Check, limits: HttpListenerOptions['limits'] = {}) {
  const listener = await listenHttp({
    dialect: createNginx(),
    check,
    address: { tcp: '127.0.0.1:0' },
    limits,
  })
  onTestFinished(() => listener.close(0))
  return listener
}

const portOf = ({ address }: Listener): number => ('port' in address ? address.port : 0)
const connectTo = async (listener: Listener): Promise<RawClient> => {
  const client = await rawClient({ host: '127.0.0.1', port: portOf(listener) })
  onTestFinished(() => void client.socket.destroy())
  return client
}
const asked = requestText(forwardedWith())

/** Tries to connect, and says how that failed. */
const knock = (listener: Listener) =>
  connectTo(listener).catch((error: NodeJS.ErrnoException) => error.code)

/** A check that answers when it is told to. */
function patient() {
  const waiting: ((answer: Answer) => void)[] = []
  const check: Check = () => new Promise((resolve) => waiting.push(resolve))
  return { check, waiting }
}

test('while it drains, what is on the way is answered, and told to be the last', async () => {
  const { check, waiting } = patient()
  const listener = await listen(check)
  const client = await connectTo(listener)
  client.write(asked)
  await expect.poll(() => waiting.length).toBe(1)
  const closed = listener.close(10_000)
  waiting[0]?.(allowed())
  expect(await client.all).toMatch(/^HTTP\/1\.1 204 [^]*\r\nConnection: close\r\n/)
  await closed
})

test('while it drains, nobody new is let in', async () => {
  const listener = await listen(() => allowed())
  listener.stopAccepting()
  await expect.poll(() => knock(listener)).toBe('ECONNREFUSED')
})

test('a connection that was idle when the end began is answered once more', async () => {
  const listener = await listen(() => allowed())
  const client = await connectTo(listener)
  client.write(asked)
  await client.until('\r\n\r\n')
  listener.stopAccepting()
  await expect.poll(() => knock(listener)).toBe('ECONNREFUSED')
  client.write(asked)
  const text = await client.all
  expect(text.match(/^HTTP\/1\.1 204/gm)).toHaveLength(2)
  expect(text.match(/^Connection: close/gm)).toHaveLength(1)
})

test('a connection that stays idle is ended, long before the grace is over', async () => {
  const listener = await listen(() => allowed())
  const client = await connectTo(listener)
  client.write(asked)
  await client.until('\r\n\r\n')
  await listener.close(15_000)
  expect(await client.all).not.toContain('Connection: close')
})

test('what takes longer than the grace is cut off', async () => {
  const { check, waiting } = patient()
  const listener = await listen(check)
  const client = await connectTo(listener)
  client.write(asked)
  await expect.poll(() => waiting.length).toBe(1)
  await listener.close(20)
  expect(await client.all).toBe('')
  // The answer that comes too late is nobody's, and no mistake.
  waiting[0]?.(allowed())
})

test('closing twice is closing once', async () => {
  const listener = await listen(() => allowed())
  listener.stopAccepting()
  const ends = Promise.all([listener.close(50), listener.close(50)])
  await expect(ends).resolves.toEqual([undefined, undefined])
})

test('none of 64 busy connections loses a request at the end', async () => {
  const listener = await listen(async () => {
    await new Promise(setImmediate)
    return allowed()
  })
  let answered = 0
  const busy = async (): Promise<string> => {
    const client = await connectTo(listener)
    let sent = 0
    const more = (): void => {
      sent++
      client.write(asked)
    }
    more()
    client.socket.on('data', (piece: string) => {
      answered++
      if (!piece.includes('Connection: close')) more()
    })
    const text = await client.all
    return `${sent - (text.match(/^HTTP\/1\.1 204/gm) ?? []).length} lost`
  }
  const all = Promise.all(Array.from({ length: 64 }, busy))
  await expect.poll(() => answered).toBeGreaterThan(500)
  await listener.close(10_000)
  expect(new Set(await all)).toEqual(new Set(['0 lost']))
})

test('whoever sends a request too slowly is sent away', async () => {
  const listener = await listen(() => allowed(), {
    headersTimeout: 60,
    requestTimeout: 60,
    connectionsCheckingInterval: 20,
  })
  const client = await connectTo(listener)
  client.write('GET /check HTTP/1.1\r\nHost: a\r\nX-A: ')
  expect(await client.all).toMatch(/^HTTP\/1\.1 408 /)
})

test('the limits that are set are those of a server between machines of one house', async () => {
  const listener = await listen(() => allowed())
  const headers = await new Promise<NodeJS.Dict<string | string[]>>((resolve, reject) => {
    const options = { port: portOf(listener), headers: Object.fromEntries(forwardedWith()) }
    send(options, (response) => {
      response.resume()
      resolve(response.headers)
    })
      .once('error', reject)
      .end()
  })
  expect(headers).toMatchObject({ 'keep-alive': 'timeout=75' })
})
