import type { Reply } from '@portcullis/core'
import type { Answer } from '../check/answer.ts'
import type { HttpDialect } from './dialect.ts'
import { readForwarded } from './forwarded.ts'
import { accelExpires, emptyOutage, fieldsOf, noStore, refusedWithin403 } from './said.ts'

/**
 * nginx `auth_request`. It carries 2xx, 401 and 403 and makes a 500 of anything else, so a 400 travels
 * as a 403 with `X-Portcullis-Status`, and the snippet turns an outage back into a 503. Bodies never:
 * they cost nginx the connection. Fields for the client stand beside those for the upstream, and reach
 * it by `auth_request_set` and `add_header`.
 */
export const createNginx = (): HttpDialect => ({
  name: 'nginx',
  read: readForwarded,
  write,
})

function write(answer: Answer): Reply {
  if (answer.outcome === 'refused') return refusedWithin403(answer)
  if (answer.outcome === 'unavailable') return emptyOutage(answer)
  const isBare = answer.identity.length + answer.toClient.length + answer.freshFor === 0
  return isBare ? bare : { status: 204, headers: fieldsOf(answer, accelExpires) }
}

const bare: Reply = { status: 204, headers: [noStore] }
