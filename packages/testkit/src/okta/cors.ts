import type { OutgoingHttpHeaders } from 'node:http'
import { isTrusted } from './origins.ts'
import type { OktaState } from './state.ts'
import type { Answer, Call, Route } from './wire.ts'

/** What lets a script of a trusted origin read the answer. */
export function corsHeaders(state: OktaState, { headers }: Call): OutgoingHttpHeaders {
  const { origin } = headers
  if (origin === undefined || !isTrusted(state, origin)) return { Vary: 'Origin' }
  return {
    'Access-Control-Allow-Origin': origin,
    'Access-Control-Allow-Credentials': 'true',
    'Access-Control-Expose-Headers':
      'DPoP-Nonce, X-Okta-Request-Id, X-Rate-Limit-Limit, X-Rate-Limit-Remaining, X-Rate-Limit-Reset',
    Vary: 'Origin',
  }
}

/** The answer to a browser that asks before it sends. */
export function preflight(
  state: OktaState,
  call: Call,
  there: readonly { readonly route: Route }[],
): Answer {
  const methods = there.filter(({ route }) => route.hasCors).map(({ route }) => route.method)
  const asked = call.headers['access-control-request-headers']
  return {
    status: 204,
    headers: {
      ...corsHeaders(state, call),
      'Access-Control-Allow-Methods': methods.join(', '),
      'Access-Control-Max-Age': '3600',
      ...(asked !== undefined && { 'Access-Control-Allow-Headers': asked }),
    },
  }
}
