import type { HeaderField, Principal, Reply } from '@portcullis/core'
import type { Allowed, Answer } from '../check/answer.ts'
import type { Inquiry } from '../check/inquiry.ts'
import { plainField } from '../identity/plain.ts'
import { inquiryMalformed } from '../listen/malformed.ts'
import type { HttpDialect, Question } from './dialect.ts'
import { demanded, examiner, inquiryOf, refuseFields } from './fields.ts'
import { accelExpires, emptyOutage, fieldsOf, noBody, refusedWithin403 } from './said.ts'

/**
 * `/oauth2/auth` of oauth2-proxy, for configurations of nginx, ingress-nginx, Traefik and Caddy that have
 * it already: 202, 401 or 403, and who it is in `X-Auth-Request-*`. Nobody is ever sent to a login.
 */
export const createOauth2Proxy = (): HttpDialect => ({
  name: 'oauth2-proxy',
  read: (question) => {
    examine(question)
    examineLine(question)
    return question.header('x-original-url') === undefined
      ? readForwarded(question)
      : readOriginal(question)
  },
  write,
})

const examine = examiner([], ['x-envoy-original-path', 'x-envoy-auth-partial-body'])

// `allowed_groups` and its like narrow a check of oauth2-proxy. To overlook one would let more people
// pass than its author meant, and to obey it would let clients write it: conditions stand in routes.
function examineLine({ method, target }: Question): void {
  const end = target.indexOf('?')
  if ((end === -1 ? target : target.slice(0, end)) !== '/oauth2/auth') {
    throw inquiryMalformed('only /oauth2/auth is answered')
  }
  if (method !== 'GET' && method !== 'HEAD') throw inquiryMalformed('the method is not GET')
  if (end !== -1 && [...new URLSearchParams(target.slice(end)).keys()].some(isCondition)) {
    throw inquiryMalformed('the query holds a condition')
  }
}

const isCondition = (name: string): boolean => name.startsWith('allowed_')

const field = ({ header }: Question, name: string): string => demanded(header(name), name)

/** As nginx, Traefik and Caddy are told to; without any of the four a client could say it instead. */
function readForwarded(question: Question): Inquiry {
  refuseFields(question, ['x-original-method'])
  return inquiryOf(question, {
    method: field(question, 'x-forwarded-method'),
    scheme: field(question, 'x-forwarded-proto'),
    host: field(question, 'x-forwarded-host'),
    target: oneTarget(question, ['x-forwarded-uri', 'x-original-uri']),
  })
}

/** As ingress-nginx does: an absolute URL. */
function readOriginal(question: Question): Inquiry {
  refuseFields(question, ['x-forwarded-uri', 'x-forwarded-method', 'x-original-uri'])
  const parts = /^(https?):\/\/([^/?#@\s]+)(\/[^\s]*)$/.exec(field(question, 'x-original-url'))
  const [, scheme = '', host = '', target = ''] = parts ?? []
  agree(question, target)
  return inquiryOf(question, {
    method: field(question, 'x-original-method'),
    scheme,
    host,
    target,
  })
}

function oneTarget(question: Question, names: readonly string[]): string {
  const said = names.map((name) => question.header(name)).filter((value) => value !== undefined)
  const target = said[0] ?? field(question, 'x-auth-request-redirect')
  if (said.some((other) => other !== target)) throw inquiryMalformed('two targets are named')
  agree(question, target)
  return target
}

/** Where users are to come back to is, in these configurations, what they asked for. */
function agree({ header }: Question, target: string): void {
  const back = header('x-auth-request-redirect')
  if (back !== undefined && back.startsWith('/') && back !== target) {
    throw inquiryMalformed('x-auth-request-redirect names another target')
  }
}

function write(answer: Answer): Reply {
  if (answer.outcome === 'refused') return refusedWithin403(answer)
  if (answer.outcome === 'unavailable') return emptyOutage(answer)
  const known = new Set(answer.identity.map(([name]) => name.toLowerCase()))
  const headers = [...whoFields(answer, known), ...fieldsOf(answer, accelExpires), noBody]
  return { status: 202, headers }
}

const email = plainField('X-Auth-Request-Email', 'email')

const who: readonly (readonly [name: string, say: (principal: Principal) => HeaderField])[] = [
  ['X-Auth-Request-User', plainField('X-Auth-Request-User', 'sub')],
  ['X-Auth-Request-Email', (one) => (isDoubted(one) ? noEmail : email(one))],
  ['X-Auth-Request-Groups', plainField('X-Auth-Request-Groups', 'groups')],
  [
    'X-Auth-Request-Preferred-Username',
    plainField('X-Auth-Request-Preferred-Username', 'preferred_username'),
  ],
]

// An address that is known not to be the user's may be somebody else's. Some issuers (Cognito, Apple) say
// so in a text.
const isDoubted = ({ claims: { email_verified: said } }: Principal): boolean =>
  said !== undefined && said !== true && said !== 'true'

const noEmail: HeaderField = ['X-Auth-Request-Email', '']

/** All four, always; a field that the configuration writes itself is left to it. */
const whoFields = ({ principal }: Allowed, written: ReadonlySet<string>): readonly HeaderField[] =>
  who
    .filter(([name]) => !written.has(name.toLowerCase()))
    .map(([name, say]) => (principal === undefined ? [name, ''] : say(principal)))
