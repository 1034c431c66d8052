import type { SessionOwner, SessionStore, StoredSession } from '@portcullis/core'
import { openRedis, type RedisClient, type RedisOptions } from './client.ts'
import { hashed } from './names.ts'
import { destroyByOwner, destroySession, writeSession } from './session-scripts.ts'

/** Keeps sessions in Redis or Valkey. A read is one round trip, and so is everything else. */
export function redisSessions(client: RedisClient, options: RedisOptions = {}): SessionStore {
  const redis = openRedis('redisSessions', client, options)
  const base = `{${redis.prefix}}:`
  return {
    read: async (id) => {
      const text = await redis.get(`${base}s:${id}`)
      return text === undefined ? undefined : readRecord(text)
    },
    write: async (id, stored, expected) => {
      const left = String(Math.ceil(stored.expiresAt - Date.now()))
      const [sub, sid] = listsOf(stored.owner)
      const args = [id, String(expected), left, sub, sid, writeRecord(stored)]
      return Number(await redis.run(writeSession, [base], args)) === 1
    },
    destroy: async (id) => void (await redis.run(destroySession, [base], [id])),
    destroyBy: async (owner) => {
      if (owner.sub === undefined && owner.sid === undefined) return
      await redis.run(destroyByOwner, [base], listsOf(owner))
    },
  }
}

const noList = '-'

/** The names of the lists that hold the sessions of an owner. */
const listsOf = ({ issuer, sub, sid }: SessionOwner): readonly [sub: string, sid: string] => [
  sub === undefined ? noList : hashed(JSON.stringify(['sub', issuer, sub])),
  sid === undefined ? noList : hashed(JSON.stringify(['sid', issuer, sid])),
]

// The first line is what the scripts read.
function writeRecord({ body, version, expiresAt, owner }: StoredSession): string {
  return `${version} ${listsOf(owner).join(' ')} ${expiresAt}\n${JSON.stringify(owner)}\n${body}`
}

function readRecord(text: string): StoredSession | undefined {
  const first = text.indexOf('\n')
  const second = text.indexOf('\n', first + 1)
  if (first === -1 || second === -1) return undefined
  const [version, , , expiresAt] = text.slice(0, first).split(' ')
  const owner = readOwner(text.slice(first + 1, second))
  return (
    owner && {
      body: text.slice(second + 1),
      version: Number(version),
      expiresAt: Number(expiresAt),
      owner,
    }
  )
}

function readOwner(text: string): SessionOwner | undefined {
  try {
    // Written above; what somebody else has put there does not become a session, whatever its shape.
    return JSON.parse(text) as SessionOwner
  } catch {
    return undefined
  }
}
