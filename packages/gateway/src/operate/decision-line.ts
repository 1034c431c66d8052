import { hash } from 'node:crypto'
import { Outage } from '@portcullis/core'
import type { Answer, Refused, Unavailable } from '../check/answer.ts'
import type { Inquiry } from '../check/inquiry.ts'
import { noRoute, reasonOf } from './tally.ts'
import type { LogLine } from './log.ts'

/** What was decided, on what, and how long it took. */
export interface Decided {
  readonly answer: Answer
  /** Absent where the question could not be read. */
  readonly inquiry: Inquiry | undefined
  readonly dialect: string
  readonly seconds: number
}

/** A decision as a line of the log: what a client sent is cut and cleaned, its token only a hash's prefix. */
export function decisionLine({ answer, inquiry, dialect, seconds }: Decided): LogLine {
  return {
    event: 'decision',
    outcome: answer.outcome,
    reason: reasonOf(answer),
    detail: detailOf(answer),
    route: answer.route?.id ?? noRoute,
    dialect,
    ...(inquiry && asked(inquiry)),
    ms: Math.round(seconds * 1e6) / 1000,
  }
}

/** What the code leaves open, in words of ours: names of fields and claims, addresses. Never what a client sent. */
function detailOf(answer: Answer): string | undefined {
  if (answer.outcome === 'allowed') return undefined
  const said = answer.outcome === 'refused' ? wrongIn(answer) : failedIn(answer)
  return said?.slice(0, 300).replace(/[^\x20-\x7e]/g, '?')
}

// Other refusals may tell what the token held.
const wrongIn = ({ reason, code, refusal }: Refused): string | undefined =>
  reason ?? (code === 'claim_refused' ? refusal?.reason : undefined)

// The message of somebody else's error may hold anything; its name and its place do not.
function failedIn({ cause }: Unavailable): string | undefined {
  if (cause === undefined || Outage.is(cause)) return cause?.message
  const { name, message, stack = '' } = cause
  const [, place] = /\n +at (.*)/.exec(stack.slice(stack.indexOf(message) + message.length)) ?? []
  return place === undefined ? name : `${name} at ${place}`
}

function asked(inquiry: Inquiry): Readonly<Record<string, string | undefined>> {
  return {
    method: clean(inquiry.method, 32),
    host: clean(inquiry.host, 128),
    requestId: identifier(inquiry.header('x-request-id')),
    traceparent: traceparent(inquiry.header('traceparent')),
    token: fingerprint(inquiry.header('authorization')),
  }
}

const clean = (value: string, most: number): string =>
  value.slice(0, most).replace(/[^\x21-\x7e]/g, '?')

// What tracing systems make of letters, digits and these; anything else was meant for somebody's log.
const identifier = (value: string | undefined): string | undefined =>
  value?.slice(0, 128).replace(/[^\w.:+/=@-]/g, '') || undefined

// W3C Trace Context §3.2: version, trace, parent, flags. Later versions may add to it, for others to read.
const traceparent = (value: string | undefined): string | undefined =>
  value !== undefined &&
  value.length === 55 &&
  /^(?!ff)[\da-f]{2}-(?!0{32})[\da-f]{32}-(?!0{16})[\da-f]{16}-[\da-f]{2}$/.test(value)
    ? value
    : undefined

/** Enough to find the lines of one token again, too little to find the token. */
function fingerprint(authorization: string | undefined): string | undefined {
  const token = authorization?.slice(authorization.indexOf(' ') + 1).trim()
  return token === undefined || token === '' ? undefined : hash('sha256', token).slice(0, 8)
}
