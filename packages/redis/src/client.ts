import { createHash } from 'node:crypto'
import { ConfigurationError, optionChecks, Outage, within } from '@portcullis/core'

/** The part of node-redis (5 or later: a client, a cluster, a pool, a sentinel) that is used. */
export interface NodeRedisClient {
  get(key: string): Promise<unknown>
  eval(script: string, call: ScriptCall): Promise<unknown>
  evalSha(sha: string, call: ScriptCall): Promise<unknown>
}

/** What a script is given, as node-redis wants it. */
export interface ScriptCall {
  // The client's own type asks for arrays that it could write to.
  keys: string[]
  arguments: string[]
}

/** The part of ioredis, iovalkey and their clusters that is used. */
export interface IoRedisClient {
  get(key: string): Promise<unknown>
  eval(script: string, keyCount: number, ...keysAndArguments: string[]): Promise<unknown>
  evalsha(sha: string, keyCount: number, ...keysAndArguments: string[]): Promise<unknown>
}

/** A connected client of yours: it is neither opened nor closed here. */
export type RedisClient = NodeRedisClient | IoRedisClient

/** What all that is kept in Redis can be told. */
export interface RedisOptions {
  /**
   * Letters, digits, `_`, `.` and `-` before every key. Sessions and revocations of one prefix share a
   * hash slot of a cluster. Default `portcullis`.
   */
  readonly prefix?: string
  /** Seconds after which a command that is not answered counts as failed. Default 2. */
  readonly timeout?: number
}

/** A script, and the name that Redis knows it by. */
export interface Script {
  readonly text: string
  readonly sha: string
}

export const script = (text: string): Script => ({
  text,
  sha: createHash('sha1').update(text).digest('hex'),
})

/** A client in one shape. Whatever goes wrong is an `Outage`. */
export interface Redis {
  readonly prefix: string
  get(key: string): Promise<string | undefined>
  run(script: Script, keys: readonly string[], args: readonly string[]): Promise<unknown>
}

type Evaluate = (text: string, keys: readonly string[], args: readonly string[]) => Promise<unknown>

interface Commands {
  readonly get: (key: string) => Promise<unknown>
  readonly evaluate: Evaluate
  readonly evaluateSha: Evaluate
}

/** Finds out which client it is; `of` is who asks. */
export function openRedis(of: string, client: RedisClient, options: RedisOptions): Redis {
  const { get, evaluate, evaluateSha } = commandsOf(of, client)
  optionChecks.checkOptions(of, options, { prefix: prefixCheck, timeout: optionChecks.someSeconds })
  const { prefix = 'portcullis', timeout = 2 } = options
  return {
    prefix,
    get: async (key) => {
      const value = await answered('GET', timeout, () => get(key))
      return textOf(value)
    },
    run: ({ text, sha }, keys, args) =>
      answered('EVALSHA', timeout, async () => {
        try {
          return await evaluateSha(sha, keys, args)
        } catch (error) {
          if (!isUnknownScript(error)) throw error
          return await evaluate(text, keys, args)
        }
      }),
  }
}

function commandsOf(of: string, client: RedisClient): Commands {
  const given: unknown = client
  if (isNodeRedis(given)) {
    return {
      get: (key) => given.get(key),
      evaluate: (text, keys, args) => given.eval(text, { keys: [...keys], arguments: [...args] }),
      evaluateSha: (sha, keys, args) =>
        given.evalSha(sha, { keys: [...keys], arguments: [...args] }),
    }
  }
  if (isIoRedis(given)) {
    return {
      get: (key) => given.get(key),
      evaluate: (text, keys, args) => given.eval(text, keys.length, ...keys, ...args),
      evaluateSha: (sha, keys, args) => given.evalsha(sha, keys.length, ...keys, ...args),
    }
  }
  throw new ConfigurationError(
    `${of} needs a client of node-redis (5 or later), ioredis or iovalkey as its first argument`,
  )
}

const has = (value: unknown, ...methods: readonly string[]): boolean =>
  typeof value === 'object' &&
  value !== null &&
  methods.every((method) => typeof Reflect.get(value, method) === 'function')

const isNodeRedis = (value: unknown): value is NodeRedisClient =>
  has(value, 'get', 'eval', 'evalSha')
const isIoRedis = (value: unknown): value is IoRedisClient => has(value, 'get', 'eval', 'evalsha')

// Braces would move the hash tag, and a colon would let one prefix reach into another.
const prefixCheck: optionChecks.Check = (value) =>
  typeof value === 'string' && /^[\w.-]{1,100}$/.test(value)
    ? undefined
    : 'must be made of up to 100 letters, digits, _, . and -'

/** An answer as text: node-redis can be told to give numbers and buffers instead. */
export const textOf = (answer: unknown): string | undefined => {
  if (typeof answer === 'string') return answer
  if (answer instanceof Uint8Array) return Buffer.from(answer).toString()
  return typeof answer === 'number' || typeof answer === 'bigint' ? String(answer) : undefined
}

const isUnknownScript = (error: unknown): boolean =>
  error instanceof Error && error.message.startsWith('NOSCRIPT')

async function answered<T>(what: string, timeout: number, ask: () => Promise<T>): Promise<T> {
  try {
    return await within(timeout, ask())
  } catch (error) {
    throw outageOf(what, error)
  }
}

// What a server makes of a command it does not know quotes the arguments, and ioredis hangs them on its
// errors: neither may reach a log.
function outageOf(what: string, error: unknown): Outage {
  const text = error instanceof Error ? error.message || error.name : 'rejected without an error'
  const detail = text
    .replace(/,? with args beginning with.*/s, '')
    .replace(/[^\x20-\x7e]/g, '?')
    .slice(0, 200)
  const isBare = error instanceof Error && text === detail && !('command' in error)
  return new Outage('store_failed', detail, {
    phase: what,
    cause: isBare ? error : new Error(detail),
  })
}
