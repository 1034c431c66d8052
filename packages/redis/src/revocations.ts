import type { Revocations } from '@portcullis/core'
import { openRedis, script, textOf, type RedisClient, type RedisOptions } from './client.ts'
import { hashed, milliseconds } from './names.ts'

// The later mark stays, and the longer time.
const mark = script(`
local at, left = ARGV[1], tonumber(ARGV[2])
local held = redis.call('GET', KEYS[1])
if held and tonumber(held) > tonumber(at) then at = held end
local rest = redis.call('PTTL', KEYS[1])
if rest > left then left = rest end
redis.call('SET', KEYS[1], at, 'PX', string.format('%.0f', left))
return 1
`)

const newest = script(`
local found = false
for _, at in ipairs(redis.call('MGET', unpack(KEYS))) do
  if at and (not found or tonumber(at) > tonumber(found)) then found = at end
end
return found
`)

/** Remembers in Redis or Valkey what was ended. A question is one round trip. */
export function redisRevocations(client: RedisClient, options: RedisOptions = {}): Revocations {
  const redis = openRedis('redisRevocations', client, options)
  // Several names are asked for at once, so they share a slot.
  const keyOf = (name: string): string => `{${redis.prefix}}:r:${hashed(name)}`
  return {
    revoke: async (name, at, seconds) =>
      void (await redis.run(mark, [keyOf(name)], [String(at), milliseconds(seconds)])),
    latest: async (names) => {
      if (names.length === 0) return undefined
      const at = textOf(await redis.run(newest, names.map(keyOf), []))
      return at === undefined ? undefined : Number(at)
    },
  }
}
