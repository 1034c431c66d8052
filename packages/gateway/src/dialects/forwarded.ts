import type { Inquiry } from '../check/inquiry.ts'
import type { Question } from './dialect.ts'
import { demanded, examiner, inquiryOf } from './fields.ts'

/** The client's request as nginx, Traefik and Caddy relay it: four fields, each exactly once. */
export function readForwarded(question: Question): Inquiry {
  const [method, scheme, host, target] = examine(question)
  return inquiryOf(question, {
    method: demanded(method, 'x-forwarded-method'),
    scheme: demanded(scheme, 'x-forwarded-proto'),
    host: demanded(host, 'x-forwarded-host'),
    target: demanded(target, 'x-forwarded-uri'),
  })
}

const examine = examiner(
  ['x-forwarded-method', 'x-forwarded-proto', 'x-forwarded-host', 'x-forwarded-uri'],
  [
    'x-original-uri',
    'x-original-url',
    'x-original-method',
    'x-auth-request-redirect',
    'x-envoy-original-path',
    'x-envoy-auth-partial-body',
  ],
)
