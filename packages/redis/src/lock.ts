import type { Lease, Lock } from '@portcullis/core'
import { openRedis, script, textOf, type RedisClient, type RedisOptions } from './client.ts'
import { hashed, milliseconds } from './names.ts'

// A fence is the server's time in microseconds, or one more than the last where a clock was set back or a
// replica took over. So it grows even after the last one was forgotten.
const acquire = script(`
local held, last = KEYS[1] .. ':held', KEYS[1] .. ':last'
if redis.call('EXISTS', held) == 1 then return false end
local time = redis.call('TIME')
local before = tonumber(redis.call('GET', last) or '0')
local fence = string.format('%.0f', math.max(before + 1, time[1] * 1000000 + time[2]))
redis.call('SET', held, fence, 'PX', ARGV[1])
redis.call('SET', last, fence, 'PX', string.format('%.0f', ARGV[1] + 86400000))
return fence
`)

// The note first: where there is no memory for it, the lock stays until its time is up.
const release = script(`
local held = KEYS[1] .. ':held'
if redis.call('GET', held) ~= ARGV[1] then return 0 end
if ARGV[2] then redis.call('SET', KEYS[1] .. ':note', ARGV[2], 'PX', ARGV[3]) end
redis.call('DEL', held)
return 1
`)

/**
 * One at a time, across processes that share a Redis or Valkey. Replication is asynchronous: after a
 * failover two may hold a lock at once, and the smaller fence tells who came too late.
 */
export function redisLock(client: RedisClient, options: RedisOptions = {}): Lock {
  const redis = openRedis('redisLock', client, options)
  const keyOf = (name: string): string => `${redis.prefix}:l:{${hashed(name)}}`
  const leaseOf = (key: string, fence: string): Lease => ({
    fence: Number(fence),
    release: async (note) => {
      const left = note === undefined ? [] : [note.text, milliseconds(note.seconds)]
      return Number(await redis.run(release, [key], [fence, ...left])) === 1
    },
  })
  return {
    acquire: async (name, seconds) => {
      const key = keyOf(name)
      const fence = textOf(await redis.run(acquire, [key], [milliseconds(seconds)]))
      return fence === undefined ? undefined : leaseOf(key, fence)
    },
    note: (name) => redis.get(`${keyOf(name)}:note`),
  }
}
