import { Redis } from 'ioredis'
import { createClient } from 'redis'
import type { RedisClient } from '@portcullis/redis'

/** A client of one of the libraries, and the same way to any command. */
export interface TestClient {
  readonly client: RedisClient
  readonly command: (...words: readonly string[]) => Promise<unknown>
  readonly close: () => void
}

export interface Library {
  readonly name: string
  readonly open: (path: string) => Promise<TestClient>
}

const nothing = (): void => {}

async function openNodeRedis(path: string): Promise<TestClient> {
  const client = createClient({ socket: { path, reconnectStrategy: () => 50 } })
  client.on('error', nothing)
  await client.connect()
  return {
    client,
    command: (...words) => client.sendCommand([...words]),
    close: () => client.destroy(),
  }
}

async function openIoRedis(path: string): Promise<TestClient> {
  const client = new Redis({ path, retryStrategy: () => 50, lazyConnect: true })
  client.on('error', nothing)
  await client.connect()
  return {
    client,
    command: (first = '', ...words) => client.call(first, ...words),
    close: () => client.disconnect(),
  }
}

export const libraries: readonly Library[] = [
  { name: 'node-redis', open: openNodeRedis },
  { name: 'ioredis', open: openIoRedis },
]

/** All keys, as a person with redis-cli sees them. */
export const keysOf = async ({ command }: TestClient): Promise<readonly string[]> =>
  [await command('KEYS', '*')].flat().map(String)
