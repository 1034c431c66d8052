import { describe, expect, it, vi } from 'vitest'
import { ConfigurationError, Outage } from '@portcullis/core'
import type { RedisClient, RedisOptions } from './client.ts'
import { redisLock, redisReplays, redisRevocations, redisSessions } from './index.ts'

const makers = [
  ['redisSessions', redisSessions],
  ['redisReplays', redisReplays],
  ['redisRevocations', redisRevocations],
  ['redisLock', redisLock],
] as const

type Evaluate = (...given: readonly unknown[]) => Promise<unknown>

/** A client of the shape of node-redis. */
const nodeRedis = (changes: Partial<Record<'get' | 'evalSha', Evaluate>> = {}) => ({
  get: vi.fn<Evaluate>().mockResolvedValue(null),
  eval: vi.fn<Evaluate>().mockResolvedValue(1),
  evalSha: vi.fn<Evaluate>().mockResolvedValue(1),
  // Has it too, and takes it for something else than ioredis.
  sendCommand: vi.fn<Evaluate>(),
  ...changes,
})

/** A client of the shape of ioredis. */
const ioRedis = (changes: Partial<Record<'get' | 'evalsha', Evaluate>> = {}) => ({
  get: vi.fn<Evaluate>().mockResolvedValue(null),
  eval: vi.fn<Evaluate>().mockResolvedValue(1),
  evalsha: vi.fn<Evaluate>().mockResolvedValue(1),
  sendCommand: vi.fn<Evaluate>(),
  ...changes,
})

const sha = expect.stringMatching(/^[\da-f]{40}$/)

describe.each(makers)('%s', (name, make) => {
  it.each([undefined, null, {}, 'redis://localhost', { get: () => {} }, () => {}])(
    'refuses what is no client: %j',
    (client) => {
      // What a JavaScript program may hand in.
      const create = () => make(client as unknown as RedisClient)
      expect(create).toThrow(ConfigurationError)
      expect(create).toThrow(`${name} needs a client of node-redis`)
    },
  )

  it.each<[string, unknown]>([
    ['prefix', { prefix: '' }],
    ['prefix', { prefix: '{a}' }],
    ['prefix', { prefix: 'a:b' }],
    ['prefix', { prefix: 5 }],
    ['timeout', { timeout: 0 }],
    ['timeout', { timeout: -1 }],
    ['timeout', { timeout: '2' }],
    ['timeout', { timeout: Number.NaN }],
    ['timeout', { timeout: Infinity }],
    ['prefx', { prefx: 'a' }],
    ['ttl', { ttl: 5 }],
  ])('refuses a wrong %s: %j', (option, options) => {
    // The same.
    const create = () => make(nodeRedis(), options as RedisOptions)
    expect(create).toThrow(ConfigurationError)
    expect(create).toThrow(`${name}.${option}`)
  })
})

it('names the option that was probably meant, and refuses what can hold none', () => {
  const create = (options: unknown) => () => redisSessions(nodeRedis(), options as RedisOptions)
  expect(create({ prefx: 'a' })).toThrow('did you mean prefix?')
  expect(create(null)).toThrow('redisSessions must be an object, got null')
})

describe('a client', () => {
  it('of node-redis gets keys and arguments as lists', async () => {
    const client = nodeRedis()
    await redisReplays(client).first('jti', 1.0001)
    const keys = [expect.stringMatching(/^portcullis:u:\{[\w-]{43}\}$/)]
    expect(client.evalSha).toHaveBeenCalledWith(sha, { keys, arguments: ['1001'] })
  })

  it('of ioredis gets them in a row, after the number of keys', async () => {
    const client = ioRedis()
    await redisRevocations(client).latest(['a', 'b'])
    const key = expect.stringMatching(/^\{portcullis\}:r:[\w-]{43}$/)
    expect(client.evalsha).toHaveBeenCalledWith(sha, 2, key, key)
  })

  it.each([
    ['node-redis', (given: Parameters<typeof nodeRedis>[0]) => nodeRedis(given), 'evalSha'],
    ['ioredis', (given: Parameters<typeof ioRedis>[0]) => ioRedis(given), 'evalsha'],
  ])('of %s gets the whole script where the server does not know it', async (_, make, method) => {
    const client = make({
      [method]: async () => {
        throw new Error('NOSCRIPT No matching script. Please use EVAL.')
      },
    })
    expect(await redisReplays(client).first('a', 1)).toBe(true)
    expect(client.eval).toHaveBeenCalledOnce()
    expect(String(client.eval.mock.calls[0]?.[0])).toContain('redis.call')
  })

  it('may answer with buffers, texts or numbers', async () => {
    const answering = (answer: unknown) => nodeRedis({ evalSha: async () => answer })
    for (const answer of [1, '1', Buffer.from('1'), 1n]) {
      expect(await redisReplays(answering(answer)).first('a', 1)).toBe(true)
    }
    for (const answer of [0, '0', null]) {
      expect(await redisReplays(answering(answer)).first('a', 1)).toBe(false)
    }
    const record = Buffer.from('3 - - 50\n{"issuer":"a"}\nbody\nand more')
    const client = nodeRedis({ get: async () => record })
    expect(await redisSessions(client).read('a')).toEqual({
      body: 'body\nand more',
      version: 3,
      expiresAt: 50,
      owner: { issuer: 'a' },
    })
  })

  it('is not asked about nothing', async () => {
    const client = nodeRedis()
    expect(await redisRevocations(client).latest([])).toBeUndefined()
    await redisSessions(client).destroyBy({ issuer: 'https://id.example.com' })
    expect(client.evalSha).not.toHaveBeenCalled()
  })
})

describe('a failure', () => {
  const failing = (error: unknown) =>
    nodeRedis({
      get: async () => {
        throw error
      },
    })
  const outage = async (error: unknown): Promise<unknown> => {
    try {
      return await redisSessions(failing(error)).read('a')
    } catch (caught) {
      return caught
    }
  }

  it('is an outage with its cause', async () => {
    const cause = new Error('connect ECONNREFUSED')
    const caught = await outage(cause)
    expect(caught).toBeInstanceOf(Outage)
    expect(caught).toMatchObject({ code: 'store_failed', phase: 'GET', cause })
    expect(String(caught)).toContain('connect ECONNREFUSED')
  })

  it('tells no arguments, wherever client and server have put them', async () => {
    const quoted = new Error("ERR unknown command 'GET', with args beginning with: 'the secret'")
    const hung = Object.assign(new Error('OOM'), { command: { args: ['the secret'] } })
    for (const error of [quoted, hung]) {
      const caught = await outage(error)
      expect(caught).toBeInstanceOf(Outage)
      const { cause } = caught instanceof Outage ? caught : {}
      expect(`${String(caught)} ${String(cause)} ${JSON.stringify(cause)}`).not.toContain('secret')
    }
  })

  it.each<[unknown, string]>([
    ['a text', 'rejected without an error'],
    [undefined, 'rejected without an error'],
    [new RangeError(''), 'RangeError'],
    [new Error('line\nbreak \u001b[31m'), 'line?break ?[31m'],
  ])('is an outage whatever it looks like: %s', async (error, text) => {
    expect(String(await outage(error))).toContain(text)
  })

  it('is an outage where nothing comes back in time, by default after two seconds', async () => {
    vi.useFakeTimers()
    try {
      const silent = nodeRedis({ get: () => new Promise(() => {}) })
      const read = redisSessions(silent).read('a').catch(String)
      const sooner = redisSessions(silent, { timeout: 0.5 }).read('a').catch(String)
      await vi.advanceTimersByTimeAsync(500)
      expect(await sooner).toContain('no answer within 0.5 s')
      await vi.advanceTimersByTimeAsync(1499)
      expect(await Promise.race([read, Promise.resolve('waiting')])).toBe('waiting')
      await vi.advanceTimersByTimeAsync(1)
      expect(await read).toContain('no answer within 2 s')
    } finally {
      vi.useRealTimers()
    }
  })

  it('leaves no timer behind after an answer', async () => {
    vi.useFakeTimers()
    try {
      await redisSessions(nodeRedis()).read('a')
      expect(vi.getTimerCount()).toBe(0)
    } finally {
      vi.useRealTimers()
    }
  })
})
