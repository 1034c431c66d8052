import { randomUUID } from 'node:crypto'
import { openRedis, script, textOf, type RedisClient, type RedisOptions } from './client.ts'
import { hashed, milliseconds } from './names.ts'

// By the server's clock, so that processes with clocks of their own count alike. A place is a member of a
// sorted set, and its score the time at which it is free again.
const take = script(`
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
local most = tonumber(ARGV[2])
local taken = redis.call('ZCARD', KEYS[1])
if taken >= most then
  local place = redis.call('ZRANGE', KEYS[1], taken - most, taken - most, 'WITHSCORES')
  return string.format('%.0f', place[2] - now)
end
redis.call('ZADD', KEYS[1], string.format('%.0f', now + ARGV[3]), ARGV[1])
local last = redis.call('ZRANGE', KEYS[1], -1, -1, 'WITHSCORES')
redis.call('PEXPIREAT', KEYS[1], string.format('%.0f', last[2]))
return false
`)

const giveBack = script(`return redis.call('ZREM', KEYS[1], ARGV[1])`)

const clear = script(`return redis.call('DEL', KEYS[1])`)

/** Counts attempts for all processes that share a Redis or Valkey: the `store` of `limitAttempts` of `@portcullis/okta`. */
export interface RedisAttempts {
  /** Takes one of the `most` places that a name has, for some seconds; or says how many seconds until one is free. */
  take(
    name: string,
    most: number,
    seconds: number,
  ): Promise<{ readonly id: string } | { readonly wait: number }>
  /** Gives a place back before its time. */
  giveBack(name: string, id: string): Promise<void>
  /** Gives all places of a name back. */
  clear(name: string): Promise<void>
}

/** Keeps count of attempts in Redis or Valkey. */
export function redisAttempts(client: RedisClient, options: RedisOptions = {}): RedisAttempts {
  const redis = openRedis('redisAttempts', client, options)
  const keyOf = (name: string): string => `${redis.prefix}:a:{${hashed(name)}}`
  return {
    take: async (name, most, seconds) => {
      const id = randomUUID()
      const args = [id, String(most), milliseconds(seconds)]
      const wait = textOf(await redis.run(take, [keyOf(name)], args))
      return wait === undefined ? { id } : { wait: Number(wait) / 1000 }
    },
    giveBack: async (name, id) => void (await redis.run(giveBack, [keyOf(name)], [id])),
    clear: async (name) => void (await redis.run(clear, [keyOf(name)], [])),
  }
}
