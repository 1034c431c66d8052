import { status } from '@grpc/grpc-js'
import type { HeaderField, Reply } from '@portcullis/core'
import type { Allowed, Answer, Refused, Unavailable } from '../../check/answer.ts'
import { outageAloud, refusedAloud } from '../said.ts'
import type { CheckResponse, HeaderValueOption } from './messages.ts'

/** Every answer in Envoy's words. One that is said again and again is frozen, and the same each time. */
export function writeCheckResponse(answer: Answer): CheckResponse {
  if (answer.outcome === 'allowed')
    return answer.toClient.length === 0 ? again(answer) : allowed(answer)
  return answer.outcome === 'refused' ? refused(answer) : unavailable(answer)
}

const overwriteIfExistsOrAdd = 2
const notAppended = { value: false } as const

// Old Envoys look at `append`, newer ones at `append_action` unless `append` is there. With both, none of
// them ever puts our field beside one that the client sent.
const overwriting = ([key, value]: HeaderField): HeaderValueOption => ({
  header: { key, value },
  append: notAppended,
  append_action: overwriteIfExistsOrAdd,
})

// The fields of an identity are the same for every request of a caller, for as long as they hold.
const said = new WeakMap<readonly HeaderField[], CheckResponse>()

function again(answer: Allowed): CheckResponse {
  const known = said.get(answer.identity)
  if (known !== undefined) return known
  const response = Object.freeze(allowed(answer))
  said.set(answer.identity, response)
  return response
}

// What becomes of an empty value is a matter of Envoy's version; a field that is removed is gone in all.
function allowed({ identity, toClient }: Allowed): CheckResponse {
  const headers: HeaderValueOption[] = []
  const removed: string[] = []
  for (const field of identity) {
    if (field[1] === '') removed.push(field[0].toLowerCase())
    else headers.push(overwriting(field))
  }
  return {
    status: { code: status.OK },
    ok_response: {
      headers,
      headers_to_remove: removed,
      response_headers_to_add: toClient.map(overwriting),
    },
  }
}

const codes = {
  400: status.INVALID_ARGUMENT,
  401: status.UNAUTHENTICATED,
  403: status.PERMISSION_DENIED,
} as const

const refused = (answer: Refused): CheckResponse =>
  denied(codes[answer.status], refusedAloud(answer))

// A gRPC error would do as its name says only where Envoy has `status_on_error: 503`: by default it says
// 403, and with `failure_mode_allow` it lets the request pass. A denial with 503 is a 503 always.
const unavailable = (answer: Unavailable): CheckResponse =>
  denied(status.UNAVAILABLE, outageAloud(answer))

// Envoy counts the body itself.
const denied = (code: number, reply: Reply): CheckResponse => ({
  status: { code },
  denied_response: {
    status: { code: reply.status },
    headers: reply.headers.filter(([name]) => name !== 'Content-Length').map(overwriting),
    body: reply.body ?? '',
  },
})
