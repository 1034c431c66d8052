import { once } from 'node:events'
import { asked } from '@portcullis/core'

/** What we ask of Redis. Where it is not reached, every command fails at once. */
export interface RedisLink {
  get(key: string): Promise<unknown>
  set(key: string, value: string, seconds: number): Promise<unknown>
  eval(script: string, call: ScriptCall): Promise<unknown>
  evalSha(sha: string, call: ScriptCall): Promise<unknown>
  /** Connects, or rejects with an `Outage`. */
  connect(): Promise<void>
  /** Whether commands would be answered now; before the first one nobody knows. */
  reached(): boolean | undefined
  close(): Promise<void>
}

interface ScriptCall {
  // The client's own type asks for arrays that it could write to.
  keys: string[]
  arguments: string[]
}

/** What a link puts up with. */
interface RedisPatience {
  /** Commands that wait for an answer. Each holds memory until it has one, so no more are sent. Default 4096. */
  readonly unanswered?: number
  /** Milliseconds after which a command without an answer costs the connection: another may do better. Default 5000. */
  readonly silence?: number
}

// Milliseconds between two attempts to connect, and for one.
const pause = { first: 50, most: 2000 }
const connectTimeout = 2000

type Opened = Awaited<ReturnType<typeof open>>

/** A link to Redis that is opened by whoever asks first, and opens itself again when it breaks. */
export function createRedisLink(
  url: string,
  { unanswered = 4096, silence = 5000 }: RedisPatience = {},
): RedisLink {
  let link: Promise<Opened> | undefined
  let current: Opened | undefined
  let waiting = 0

  const giveUp = (silent: Promise<Opened>): void => {
    if (link !== silent) return
    link = undefined
    silent.then(({ end }) => end()).catch(() => undefined)
  }

  const command = async <T>(send: (client: Opened['client']) => Promise<T>): Promise<T> => {
    if (waiting >= unanswered) throw new Error('too many commands wait for an answer')
    const mine = (link ??= open(url))
    const timer = setTimeout(() => giveUp(mine), silence)
    timer.unref()
    waiting++
    try {
      current = await mine
      await current.tried
      return await send(current.client)
    } catch (error) {
      throw current?.trouble() ?? error
    } finally {
      waiting--
      clearTimeout(timer)
    }
  }

  return {
    get: (key) => command((client) => client.get(key)),
    set: (key, value, seconds) =>
      command((client) =>
        client.set(key, value, {
          expiration: { type: 'PX', value: Math.max(1, Math.ceil(seconds * 1000)) },
        }),
      ),
    eval: (script, call) => command((client) => client.eval(script, call)),
    evalSha: (sha, call) => command((client) => client.evalSha(sha, call)),
    connect: async () => {
      await asked('redis', () => command((client) => client.ping()))
    },
    reached: () => current?.client.isReady,
    close: async () => {
      if (link !== undefined) (await link).end()
    },
  }
}

// The library is loaded by whoever needs Redis.
async function open(url: string) {
  const { createClient } = await import('redis')
  const connecting = {
    connectTimeout,
    reconnectStrategy: (retries: number) => Math.min(pause.first * 2 ** retries, pause.most),
  }
  const client = createClient({
    ...(url.startsWith('unix:')
      ? { socket: { ...connecting, path: url.slice('unix:'.length) } }
      : { url, socket: connecting }),
    // A check that cannot be answered now fails now.
    disableOfflineQueue: true,
  })
  // Commands that fail for it say only that nobody is there.
  let trouble: unknown
  client.on('error', (error: unknown) => {
    trouble = error
  })
  const ended = new AbortController()
  // Until the first attempt has ended, well or not; the client goes on by itself.
  const tried = once(client, 'ready', { signal: ended.signal }).catch(() => undefined)
  client.connect().catch(() => undefined)
  return {
    client,
    tried,
    /** Why Redis is not reached now, where that is known. */
    trouble: () => (client.isReady ? undefined : trouble),
    /** Lets go of whoever waits. */
    end: () => {
      ended.abort()
      if (client.isOpen) client.destroy()
    },
  }
}
