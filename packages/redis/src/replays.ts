import type { ReplayStore } from '@portcullis/core'
import { openRedis, script, type RedisClient, type RedisOptions } from './client.ts'
import { hashed, milliseconds } from './names.ts'

const use = script(`
if redis.call('SET', KEYS[1], '1', 'NX', 'PX', ARGV[1]) then return 1 end
return 0
`)

/** Remembers in Redis or Valkey what may be used once. */
export function redisReplays(client: RedisClient, options: RedisOptions = {}): ReplayStore {
  const redis = openRedis('redisReplays', client, options)
  const keyOf = (name: string): string => `${redis.prefix}:u:{${hashed(name)}}`
  return {
    first: async (name, seconds) =>
      Number(await redis.run(use, [keyOf(name)], [milliseconds(seconds)])) === 1,
    has: async (name) => (await redis.get(keyOf(name))) !== undefined,
  }
}
