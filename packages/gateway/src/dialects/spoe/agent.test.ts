import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import * as fc from 'fast-check'
import { afterEach, describe, expect, test, vi } from 'vitest'
import type { Answer } from '../../check/answer.ts'
import type { Check } from '../../check/check.ts'
import type { Inquiry } from '../../check/inquiry.ts'
import type { Listener } from '../../listen/http.ts'
import { disconnectCodes } from './frame-error.ts'
import { frameTypes, notifyFrame, readFrame, readValues, valuesFrame } from './frame.ts'
import { listenSpoe, type SpoeListenerOptions } from './listen.ts'
import { createSplitter } from './splitter.ts'
import { readText, readValue, type Value } from './value.ts'
import type { Cursor } from './varint.ts'

const allowed: Answer = {
  outcome: 'allowed',
  route: undefined,
  principal: undefined,
  identity: [
    ['X-Auth-Subject', 'alice'],
    ['X-Auth-Scope', ''],
  ],
  toClient: [['DPoP-Nonce', 'n']],
  freshFor: 0,
}
const refusal: Answer = {
  outcome: 'refused',
  route: undefined,
  status: 401,
  headers: [['WWW-Authenticate', 'Bearer error="invalid_token"']],
  code: 'token_expired',
  refusal: undefined,
}
const outage: Answer = {
  outcome: 'unavailable',
  route: undefined,
  retryAfter: 7,
  code: 'keys_unavailable',
  cause: undefined,
}

interface Got {
  readonly type: number
  readonly streamId: number
  readonly frameId: number
  readonly values: Readonly<Record<string, Value>>
}

const variablesIn = (content: Cursor): Record<string, Value> => {
  const found: Record<string, Value> = {}
  while (content.at < content.bytes.length) {
    expect([...content.bytes.subarray(content.at, content.at + 3)]).toEqual([1, 3, 2])
    content.at += 3
    const name = readText(content)
    found[name] = readValue(content)
  }
  return found
}

/** What HAProxy is to an agent. */
const haproxy = (socket: Socket) => {
  const got: Got[] = []
  const waiting: (() => void)[] = []
  const split = createSplitter(
    () => 1_000_000,
    (bytes) => {
      const { type, streamId, frameId, content } = readFrame(bytes)
      const values =
        type === frameTypes.ack ? variablesIn(content) : Object.fromEntries(readValues(content))
      got.push({ type, streamId, frameId, values })
      for (const wake of waiting.splice(0)) wake()
    },
  )
  socket.on('data', split)
  socket.on('error', () => {})
  const closed = once(socket, 'close')
  return {
    got,
    closed,
    send: (...frames: readonly Buffer[]) => void socket.write(Buffer.concat(frames)),
    next: async (count = 1): Promise<Got> => {
      while (got.length < count) await new Promise<void>((resolve) => waiting.push(resolve))
      const [found] = got.slice(count - 1)
      if (found === undefined) throw new Error('no frame')
      return found
    },
    hello: () => void socket.write(helloOf([])),
  }
}

const helloOf = (more: readonly (readonly [string, Value])[], without?: string): Buffer => {
  const values = new Map<string, Value>([
    ['supported-versions', '1.0, 2.0'],
    ['max-frame-size', 16_380],
    ['capabilities', 'pipelining,async'],
    ...more,
  ])
  if (without !== undefined) values.delete(without)
  return valuesFrame(frameTypes.haproxyHello, values)
}

const question = (values: Readonly<Record<string, Value>> = {}, frameId = 1): Buffer =>
  notifyFrame({ streamId: 5, frameId }, [
    {
      name: 'check',
      values: new Map(
        Object.entries({
          method: 'GET',
          uri: '/orders?of=alice',
          host: 'API.test:8443',
          ...values,
        }),
      ),
    },
  ])

const ends: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const end of ends.splice(0)) await end()
})

const start = async (
  check: Check,
  options: Partial<SpoeListenerOptions> = {},
): Promise<{ listener: Listener; dial: () => ReturnType<typeof haproxy> }> => {
  const listener = await listenSpoe({ check, address: { tcp: '127.0.0.1:0' }, ...options })
  ends.push(() => listener.close(0))
  const { address } = listener
  if ('unix' in address) throw new Error('expected a port')
  return { listener, dial: () => haproxy(connect(address.port, address.host)) }
}

describe('HELLO', () => {
  test('agrees on version, size and pipelining', async () => {
    const { dial } = await start(() => allowed)
    const line = dial()
    line.hello()
    expect(await line.next()).toMatchObject({
      type: frameTypes.agentHello,
      values: { version: '2.0', 'max-frame-size': 16_380, capabilities: 'pipelining' },
    })
  })

  test('of a health check is answered, and that is all', async () => {
    const { dial } = await start(() => allowed)
    const line = dial()
    line.send(helloOf([['healthcheck', true]]))
    expect((await line.next()).type).toBe(frameTypes.agentHello)
    await line.closed
    expect(line.got).toHaveLength(1)
  })

  test.each([
    ['no version', helloOf([], 'supported-versions'), 'versionMissing'],
    ['another version', helloOf([['supported-versions', '1.0,3.0']]), 'versionUnsupported'],
    ['no size', helloOf([], 'max-frame-size'), 'sizeMissing'],
    ['a tiny size', helloOf([['max-frame-size', 100]]), 'sizeUnfit'],
    ['no capabilities', helloOf([], 'capabilities'), 'capabilitiesMissing'],
    ['a question in its place', question(), 'invalid'],
    ['a frame of 100 kB', Buffer.from([0, 1, 0x86, 0xa0]), 'tooBig'],
  ] as const)('with %s ends the connection', async (_, bytes, reason) => {
    const { dial } = await start(() => allowed)
    const line = dial()
    line.send(bytes)
    expect(await line.next()).toMatchObject({
      type: frameTypes.agentDisconnect,
      values: { 'status-code': disconnectCodes[reason] },
    })
    await line.closed
  })
})

describe('NOTIFY', () => {
  const ask = async (answer: Answer, values?: Readonly<Record<string, Value>>) => {
    const seen: Inquiry[] = []
    const { dial } = await start((inquiry) => (seen.push(inquiry), answer))
    const line = dial()
    line.hello()
    line.send(question(values))
    const { values: variables } = await line.next(2)
    return { seen: seen[0], variables }
  }

  test.each([
    [allowed, { x_auth_subject: 'alice', x_auth_scope: '', 'client.dpop_nonce': 'n', status: 200 }],
    [refusal, { challenge: 'Bearer error="invalid_token"', status: 401 }],
    [outage, { retry: '7', status: 503 }],
  ])('is answered with variables (%#)', async (answer, variables) => {
    expect((await ask(answer)).variables).toEqual(variables)
  })

  test('is read in the words of the client', async () => {
    const { seen } = await ask(allowed, {
      auth: 'Bearer a',
      auth_count: 1,
      ssl: true,
      scheme: 'http',
      cert: Buffer.from([0x30, 1]),
      user_agent: 'curl',
      origin: undefined,
      src: Buffer.from([127, 0, 0, 1]),
    })
    expect(seen).toMatchObject({
      method: 'GET',
      scheme: 'https',
      host: 'api.test',
      target: '/orders?of=alice',
    })
    expect(seen?.header('authorization')).toBe('Bearer a')
    expect(seen?.header('user-agent')).toBe('curl')
    expect(seen?.header('host')).toBe('API.test:8443')
    for (const name of ['origin', 'cookie', 'src', 'method']) {
      expect(seen?.header(name)).toBeUndefined()
    }
    expect(seen?.certificate?.()).toEqual(Buffer.from([0x30, 1]))
  })

  test('shows repeated fields', async () => {
    const { seen } = await ask(allowed, { auth: 'Bearer b', auth_count: 2 })
    expect(seen?.header('authorization')).toBe('Bearer b, Bearer b')
  })

  test('takes a target in absolute form where its host is the same', async () => {
    const { seen } = await ask(allowed, { uri: 'https://api.test:8443?a=b' })
    expect(seen?.target).toBe('/?a=b')
  })

  test.each([
    ['no method', { method: undefined }],
    ['no uri', { uri: '' }],
    ['a uri that is no path', { uri: '*' }],
    ['two hosts', { uri: 'http://other.test/' }],
    ['credentials that nobody counted', { auth: 'Bearer a' }],
  ])('with %s is refused without asking', async (_, values) => {
    const { seen, variables } = await ask(allowed, values)
    expect(seen).toBeUndefined()
    expect(variables).toMatchObject({ status: 400 })
  })

  test('of other messages is refused', async () => {
    const { dial } = await start(() => allowed)
    const line = dial()
    line.hello()
    line.send(notifyFrame({ streamId: 1, frameId: 1 }, []))
    expect((await line.next(2)).values).toMatchObject({ status: 400 })
  })

  test('whose answer is longer than a frame is a failure', async () => {
    const long = { ...allowed, identity: [['x', 'y'.repeat(20_000)]] } as const
    const told: unknown[] = []
    const { dial } = await start(() => long, { onAnswer: (answer) => told.push(answer.outcome) })
    const line = dial()
    line.hello()
    line.send(question())
    expect((await line.next(2)).values).toEqual({ retry: '1', status: 503 })
    expect(told).toEqual(['unavailable'])
  })

  test('comes many at a time, and each gets its own answer', async () => {
    const { dial } = await start(async ({ target }) => {
      await new Promise(setImmediate)
      return { ...allowed, identity: [['x-target', target]], toClient: [] }
    })
    const line = dial()
    line.hello()
    line.send(...Array.from({ length: 3000 }, (_, at) => question({ uri: `/${at}` }, at)))
    await line.next(3001)
    for (const { frameId, values } of line.got.slice(1)) {
      expect(values).toEqual({ x_target: `/${frameId}`, status: 200 })
    }
  })
})

describe('an agent', () => {
  test('reads no more of a connection on which too many questions wait', async () => {
    let asked = 0
    const { dial } = await start(() => {
      asked++
      return new Promise(() => {})
    })
    const line = dial()
    // What is left unread resets the connection in the end.
    line.closed.catch(() => undefined)
    line.hello()
    line.send(...Array.from({ length: 20_000 }, (_, at) => question({}, at)))
    await vi.waitFor(() => expect(asked).toBeGreaterThanOrEqual(1024), 5000)
    for (let round = 0; round < 1000; round++) await new Promise(setImmediate)
    // What had been read at that moment is asked too.
    expect(asked).toBeLessThan(4000)
  })

  test('is never crashed by bytes, and never asks for what it cannot read', async () => {
    let asked = 0
    const { dial } = await start(() => (asked++, allowed))
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 200 }), async (bytes) => {
        const before = asked
        const line = dial()
        const frame = Buffer.concat([
          Buffer.from([0, 0, 0, bytes.length + 5, 3, 0, 0, 0, 1]),
          bytes,
        ])
        line.hello()
        line.send(frame, Buffer.from('not a frame at all'))
        await line.closed
        expect(asked).toBe(before)
        for (const { values } of line.got.slice(1)) expect(values['status']).not.toBe(200)
      }),
      { numRuns: 200 },
    )
    const line = dial()
    line.hello()
    line.send(question())
    expect((await line.next(2)).values).toMatchObject({ status: 200 })
  })

  test('says goodbye when it is told goodbye', async () => {
    const { dial } = await start(() => allowed)
    const line = dial()
    line.hello()
    line.send(
      valuesFrame(frameTypes.haproxyDisconnect, [
        ['status-code', 0],
        ['message', 'bye'],
      ]),
    )
    expect((await line.next(2)).values).toMatchObject({ 'status-code': 0 })
    await line.closed
  })

  test('finishes what is on the way when it is closed', async () => {
    let release = (): void => {}
    const { dial, listener } = await start(
      () => new Promise((resolve) => (release = () => resolve(allowed))),
    )
    const line = dial()
    line.hello()
    line.send(question())
    await line.next()
    const idle = dial()
    idle.hello()
    await idle.next()
    const closed = listener.close(5000)
    expect((await idle.next(2)).type).toBe(frameTypes.agentDisconnect)
    expect(line.got).toHaveLength(1)
    release()
    expect((await line.next(2)).values).toMatchObject({ status: 200 })
    expect((await line.next(3)).type).toBe(frameTypes.agentDisconnect)
    await closed
  })

  test('ends what outlasts the grace', async () => {
    const { dial, listener } = await start(() => new Promise(() => {}))
    const line = dial()
    line.hello()
    line.send(question())
    await line.next()
    await listener.close(20)
    await line.closed
    expect(line.got).toHaveLength(1)
  })

  test('hangs up on peers that are not named', async () => {
    const { dial } = await start(() => allowed, { peers: ['192.0.2.0/24'] })
    const line = dial()
    line.hello()
    await line.closed
    expect(line.got).toEqual([])
  })
})
