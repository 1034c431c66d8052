import type { Reply } from '../http/reply.ts'
import { Outage } from './outage.ts'
import { Refusal } from './refusal.ts'

/** For hosts without an error channel: the plain answer to a refusal or an outage; anything else is thrown again. */
export function errorReply(error: unknown): Reply {
  if (!Refusal.is(error) && !Outage.is(error)) throw error
  return {
    status: error.status,
    headers: [['content-type', 'text/plain; charset=utf-8'], ...Object.entries(error.headers)],
    body: error.expose ? error.message : 'Service Unavailable',
  }
}
