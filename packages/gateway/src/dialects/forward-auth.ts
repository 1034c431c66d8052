import type { Reply } from '@portcullis/core'
import type { Answer } from '../check/answer.ts'
import type { HttpDialect } from './dialect.ts'
import { readForwarded } from './forwarded.ts'
import { noBody, noStore, outageAloud, refusedAloud } from './said.ts'

/**
 * Traefik `ForwardAuth`, Caddy `forward_auth`, HAProxy over Lua. Denials reach the client whole. Of a
 * request that may pass they carry fields to the upstream only, so what `toClient` holds beside a granted
 * request (a nonce) is in the answer for proxies that can be told to copy it.
 */
export const createForwardAuth = (): HttpDialect => ({
  name: 'forward-auth',
  read: readForwarded,
  write,
})

function write(answer: Answer): Reply {
  if (answer.outcome === 'refused') return refusedAloud(answer)
  if (answer.outcome === 'unavailable') return outageAloud(answer)
  const { identity, toClient } = answer
  return identity.length + toClient.length === 0
    ? bare
    : { status: 200, headers: [...identity, ...toClient, noStore, noBody] }
}

const bare: Reply = { status: 200, headers: [noStore, noBody] }
