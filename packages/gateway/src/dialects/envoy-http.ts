import type { HeaderField, Reply } from '@portcullis/core'
import type { Allowed, Answer } from '../check/answer.ts'
import type { Inquiry } from '../check/inquiry.ts'
import { inquiryMalformed } from '../listen/malformed.ts'
import type { HttpDialect, Question } from './dialect.ts'
import { demanded, examiner, inquiryOf } from './fields.ts'
import { noBody, noStore, outageAloud, refusedAloud } from './said.ts'

/** How Envoy was told to ask. */
export interface EnvoyHttpOptions {
  /** The `path_prefix` of Envoy's `http_service`, taken off again. Default none. */
  readonly pathPrefix?: string | undefined
}

/**
 * Envoy `ext_authz` over HTTP, and `authproxy` of Apache Traffic Server: the client's own method, path and
 * Host in the request line. Only 200 allows. Fields for the client reach it where
 * `allowed_client_headers_on_success` names them.
 */
export function createEnvoyHttp({ pathPrefix = '' }: EnvoyHttpOptions = {}): HttpDialect {
  const prefix = pathPrefix.replace(/\/$/, '')
  return { name: 'envoy-http', read: (question) => read(question, prefix), write }
}

const examine = examiner(
  ['host', 'x-forwarded-proto'],
  [
    'x-forwarded-uri',
    'x-forwarded-method',
    'x-original-uri',
    'x-original-url',
    'x-original-method',
    'x-auth-request-redirect',
    // Envoy was told to send the body along, which nothing here looks at.
    'x-envoy-auth-partial-body',
  ],
)

function read(question: Question, prefix: string): Inquiry {
  const [host, scheme] = examine(question)
  const { method, target } = question
  if (!target.startsWith(prefix)) throw inquiryMalformed('the path does not begin with pathPrefix')
  return inquiryOf(question, {
    method,
    // Envoy sends it where `allowed_headers` names it; what is public is rarely plain.
    scheme: scheme ?? 'https',
    host: demanded(host, 'host'),
    target: target.slice(prefix.length),
  })
}

function write(answer: Answer): Reply {
  if (answer.outcome === 'refused') return refusedAloud(answer)
  if (answer.outcome === 'unavailable') return outageAloud(answer)
  return { status: 200, headers: allowedFields(answer) }
}

function allowedFields({ identity, toClient }: Allowed): readonly HeaderField[] {
  const fields: HeaderField[] = []
  let empty = ''
  for (const field of identity) {
    if (field[1] !== '') fields.push(field)
    else empty = empty === '' ? field[0] : `${empty}, ${field[0]}`
  }
  if (empty !== '') fields.push(['x-envoy-auth-headers-to-remove', empty.toLowerCase()])
  fields.push(...toClient, noStore, noBody)
  return fields
}
