import { randomUUID } from 'node:crypto'
import type { Lease, Lock } from '@portcullis/core'
import { openRedis, script, textOf, type RedisClient, type RedisOptions } from './client.ts'
import { hashed, milliseconds } from './names.ts'

// A fence is the server's time in microseconds, or one more than the last where a clock was set back or a
// replica took over. So it grows even after the last one was forgotten. Who asks again after a lost connection
// is told what the first time would have said.
const acquire = script(`
local held, last = KEYS[1] .. ':held', KEYS[1] .. ':last'
local holder = redis.call('GET', held)
if holder == ARGV[2] then return redis.call('GET', last) end
if holder then return false end
local time = redis.call('TIME')
local before = tonumber(redis.call('GET', last) or '0')
local fence = string.format('%.0f', math.max(before + 1, time[1] * 1000000 + time[2]))
redis.call('SET', held, ARGV[2], 'PX', ARGV[1])
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
  const leaseOf = (key: string, holder: string, fence: string): Lease => ({
    fence: Number(fence),
    release: async (note) => {
      const left = note === undefined ? [] : [note.text, milliseconds(note.seconds)]
      return Number(await redis.run(release, [key], [holder, ...left])) === 1
    },
  })
  // What was not answered in time may yet be done: nobody would hold such a lock, and all would wait for it.
  const take = async (
    key: string,
    holder: string,
    seconds: number,
  ): Promise<string | undefined> => {
    try {
      return textOf(await redis.run(acquire, [key], [milliseconds(seconds), holder]))
    } catch (error) {
      redis.run(release, [key], [holder]).catch(() => undefined)
      throw error
    }
  }
  return {
    acquire: async (name, seconds) => {
      const key = keyOf(name)
      const holder = randomUUID()
      const fence = await take(key, holder, seconds)
      return fence === undefined ? undefined : leaseOf(key, holder, fence)
    },
    note: (name) => redis.get(`${keyOf(name)}:note`),
  }
}
