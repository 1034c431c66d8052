import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import {
  allowed,
  challenge,
  forwardedText as asked,
  forwardedWith,
  identity,
  refused,
  unavailable,
} from '../../../../test/support/gateway-question.ts'
import { rawClient, requestText, type RawClient } from '../../../../test/support/raw-client.ts'
import type { Answer } from '../check/answer.ts'
import type { Check } from '../check/check.ts'
import { createForwardAuth } from '../dialects/forward-auth.ts'
import { createNginx } from '../dialects/nginx.ts'
import { listenHttp, type HttpListenerOptions } from './http.ts'

// A field that means nothing, and that plain requests do not have.
const askedOtherwise = (): string => asked([['Keep-Alive', 'timeout=5']])

async function connect(
  check: Check,
  options: Partial<HttpListenerOptions> = {},
): Promise<RawClient> {
  const address = { tcp: '127.0.0.1:0' }
  const listener = await listenHttp({ dialect: createNginx(), check, address, ...options })
  onTestFinished(() => listener.close(0))
  const port = 'port' in listener.address ? listener.address.port : 0
  const client = await rawClient({ host: '127.0.0.1', port })
  onTestFinished(() => void client.socket.destroy())
  return client
}

const statuses = (text: string): readonly string[] => text.match(/(?<=^HTTP\/1\.1 )\d+/gm) ?? []

/** Writes requests one after another, each when the one before is answered. */
async function inTurn(client: RawClient, requests: readonly string[]): Promise<readonly string[]> {
  let text = ''
  for (const [index, request] of requests.entries()) {
    client.write(request)
    text = await client.until(
      new RegExp(`(?:^HTTP/1\\.1 [^]*?\\r\\n\\r\\n[^]*){${index + 1}}$`, 'm'),
    )
  }
  return statuses(text)
}

const replies: Readonly<Record<string, Answer>> = {
  'a request that may pass': allowed(),
  'one with fields for the upstream': allowed({ identity }),
  '400': refused(400),
  '401': refused(401, [challenge]),
  '403': refused(403),
  '503': unavailable(),
  'one that cannot be sent': allowed({ identity: [['X-Auth-Subject', 'a\r\nX-Admin: 1']] }),
  'one beyond latin1': allowed({ identity: [['X-Auth-Subject', 'ł']] }),
  'one with a name that is none': allowed({ identity: [['X Auth', 'a']] }),
}

describe.each([createNginx(), createForwardAuth()])('$name', (dialect) => {
  test.each(Object.entries(replies))(
    '%s is answered with the bytes of node:http',
    async (_, answer) => {
      const told: Answer['outcome'][] = []
      const onAnswer = ({ outcome }: Answer): unknown => told.push(outcome)
      const answerTo = async (request: string): Promise<string> => {
        const client = await connect(() => answer, { dialect, onAnswer })
        client.write(request)
        const head = await client.until('\r\n\r\n')
        const length = /^content-length: (\d+)/im.exec(head)?.[1] ?? '0'
        const whole = await client.until(new RegExp(`\\r\\n\\r\\n[^]{${length}}$`))
        return whole.replace(/(?<=^Date: ).*(?=\r$)/m, (date) => String(Date.parse(date) > 0))
      }
      expect(await answerTo(asked())).toBe(await answerTo(askedOtherwise()))
      expect(told[0]).toBe(told[1])
    },
  )
})

test('what is not plain is answered on the same connection, and so is all that follows', async () => {
  const client = await connect(() => allowed())
  const requests = [asked(), askedOtherwise(), asked(), asked([], 'HEAD /check HTTP/1.1'), asked()]
  expect(await inTurn(client, requests)).toEqual(['204', '204', '204', '204', '204'])
})

test('what is wrong behind a plain request is answered as it always was', async () => {
  for (const [wrong, status] of [
    ['GET /check HTTP/1.1\r\nHost: a\r\nX-A : b\r\n\r\n', '400'],
    ['GET /check HTTP/1.1\r\n\r\n', '400'],
    [asked([['Content-Length', '10']], 'POST /check HTTP/1.1'), '403'],
    [asked([['X-Long', 'x'.repeat(33 * 1024)]]), '431'],
  ] as const) {
    const client = await connect(() => allowed())
    await inTurn(client, [asked()])
    client.write(wrong)
    expect(statuses(await client.all)).toEqual(['204', status])
  }
})

test('a request in pieces is one request', async () => {
  const client = await connect(() => allowed())
  await inTurn(client, [asked()])
  const half = asked().length >> 1
  client.write(asked().slice(0, half))
  await sleep(20)
  client.write(asked().slice(half))
  expect(statuses(await client.until(/204[^]*204[^]*\r\n\r\n/))).toEqual(['204', '204'])
})

test('requests that do not wait for answers are answered in their order', async () => {
  const waiting: ((answer: Answer) => void)[] = []
  const client = await connect(({ target }) =>
    target === '/slow' ? new Promise((resolve) => waiting.push(resolve)) : allowed(),
  )
  client.write(requestText(forwardedWith({ 'X-Forwarded-Uri': '/slow' })))
  await expect.poll(() => waiting.length).toBe(1)
  client.write(asked())
  await sleep(20)
  client.write(askedOtherwise())
  await sleep(20)
  waiting[0]?.(refused(401))
  expect(statuses(await client.until(/401[^]*204[^]*204/))).toEqual(['401', '204', '204'])
})

test('whoever does not read is not written to without end', async () => {
  let answered = 0
  const wide = allowed({ identity: [['X-Wide', 'x'.repeat(100_000)]] })
  const client = await connect(() => wide, { onAnswer: () => answered++ })
  client.socket.pause()
  let sent = 0
  const isAnswered = (): Promise<boolean> =>
    vi.waitUntil(() => answered === sent, { timeout: 300, interval: 1 }).catch(() => false)
  do {
    client.write(asked())
    sent += 1
  } while (sent < 300 && (await isAnswered()))
  expect(sent).toBeLessThan(300)
  client.socket.resume()
  await expect.poll(() => answered).toBe(sent)
})

test('a client that says no more is answered, and then left', async () => {
  const client = await connect(() => allowed())
  client.socket.end(asked())
  expect(statuses(await client.all)).toEqual(['204'])
})

test.each(['resetAndDestroy', 'end'] as const)(
  'a client that is gone before its answer (%s) harms nobody',
  async (leave) => {
    const waiting: ((answer: Answer) => void)[] = []
    let answered = 0
    const client = await connect(() => new Promise((resolve) => waiting.push(resolve)), {
      onAnswer: () => answered++,
    })
    client.write(asked())
    await expect.poll(() => waiting.length).toBe(1)
    client.socket[leave]()
    await sleep(20)
    waiting[0]?.(allowed())
    await expect.poll(() => answered).toBe(1)
    await client.all
  },
)

test('a new connection may not be silent for longer than a request may take', async () => {
  const client = await connect(() => allowed(), { limits: { headersTimeout: 50 } })
  expect(await client.all).toBe('')
})

test('one that has asked may be', async () => {
  const client = await connect(() => allowed(), { limits: { headersTimeout: 50 } })
  await inTurn(client, [asked()])
  await sleep(150)
  expect(await inTurn(client, [asked(), asked()])).toHaveLength(3)
})
