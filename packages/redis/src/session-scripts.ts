import { script, type Script } from './client.ts'

// KEYS[1] is what all keys begin with: in a cluster its hash tag brings the script to their slot, and a
// client that puts a prefix of its own before keys puts it there. A session is a string, whose first line
// begins with its version and the names of its two lists ('-' for none). A list is a sorted set of ids by
// the time at which they expire. Redis checks its memory at the first command that writes: SET goes
// first, so that a script does all of its work or none.
const common = `
local base = KEYS[1]
local function keyOf(id) return base .. 's:' .. id end
local function listOf(name) return base .. 'o:' .. name end
local function headOf(id)
  return string.match(redis.call('GETRANGE', keyOf(id), 0, 199), '^(%d+) (%S+) (%S+) ')
end
local function unlist(id, name)
  if name and name ~= '-' then redis.call('ZREM', listOf(name), id) end
end
local function remove(id, sub, sid)
  redis.call('DEL', keyOf(id))
  unlist(id, sub)
  unlist(id, sid)
end
`

/** id, expected version, milliseconds, list of the subject, list of the issuer's session, record → 1 or 0 */
export const writeSession: Script = script(`${common}
local id, expected, left, record = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[6]
local version, sub, sid = headOf(id)
if (version or '0') ~= expected then return 0 end
if left <= 0 then
  remove(id, sub, sid)
  return 1
end
redis.call('SET', keyOf(id), record, 'PX', ARGV[3])
if sub ~= ARGV[4] then unlist(id, sub) end
if sid ~= ARGV[5] then unlist(id, sid) end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
for i = 4, 5 do
  if ARGV[i] ~= '-' then
    local list = listOf(ARGV[i])
    redis.call('ZADD', list, string.format('%.0f', now + left), id)
    redis.call('ZREMRANGEBYSCORE', list, '-inf', string.format('(%.0f', now))
    local longest = tonumber(redis.call('ZRANGE', list, -1, -1, 'WITHSCORES')[2])
    redis.call('PEXPIREAT', list, string.format('%.0f', longest + 1))
  end
end
return 1
`)

/** id */
export const destroySession: Script = script(`${common}
local version, sub, sid = headOf(ARGV[1])
remove(ARGV[1], sub, sid)
return 1
`)

/**
 * List of the subject, list of the issuer's session; `-` for what is not asked for. With both, sessions
 * of the subject without one of the issuer's end too, so it is the subject's list that is gone through.
 */
export const destroyByOwner: Script = script(`${common}
local bySub, bySid = ARGV[1], ARGV[2]
local name = bySub ~= '-' and bySub or bySid
for _, id in ipairs(redis.call('ZRANGE', listOf(name), 0, -1)) do
  local version, sub, sid = headOf(id)
  if not version then
    unlist(id, name)
  elseif (bySub == '-' or bySub == sub) and (bySid == '-' or sid == '-' or bySid == sid) then
    remove(id, sub, sid)
  end
end
return 1
`)
