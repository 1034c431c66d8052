import type { WireRequest } from './wire.ts'

/** A request by which a client tries to speak in the gateway's name. */
export interface ForgeryCase {
  readonly name: string
  /** On top of a request with a good token. */
  readonly request: Omit<WireRequest, 'port'>
}

type Fields = WireRequest['fields']

const sends = (name: string, ...fields: NonNullable<Fields>): ForgeryCase => ({
  name,
  request: { fields },
})

/** Whatever the client sends, the upstream must hear what the gateway found, and nothing else. */
export const forgeryCases: readonly ForgeryCase[] = [
  sends('identity', ['X-Auth-Subject', 'admin']),
  sends('identity in lower case', ['x-auth-subject', 'admin']),
  sends('identity twice', ['X-Auth-Subject', 'admin'], ['X-Auth-Subject', 'root']),
  sends('identity with underscores', ['X_Auth_Subject', 'admin']),
  sends('identity with one underscore', ['X-Auth_Subject', 'admin']),
  // RFC 9110 §5.6.2: what else may stand in a name. CGI and PHP make the same of all of them.
  ...Array.from("!#$%&'*+.^`|~", (sign) =>
    sends(`identity with ${sign}`, [`X${sign}Auth${sign}Subject`, 'admin']),
  ),
  sends('identity, empty', ['X-Auth-Subject', '']),
  sends('a field of the identity that is not set', ['X-Auth-Scope', 'orders:write admin']),
  sends('identity taken off by Connection', ['Connection', 'close, X-Auth-Subject']),
  sends('the internal token taken off by Connection', ['Connection', 'close, Authorization']),
  sends('another path', ['X-Forwarded-Uri', '/public/x']),
  sends('another path, with underscores', ['X_Forwarded_Uri', '/public/x']),
  sends('another path for nginx users', ['X-Original-URI', '/public/x']),
  sends('another path for IIS users', ['X-Rewrite-URL', '/public/x']),
  sends('another path for ingress users', ['X-Original-URL', '/public/x']),
  sends('another method', ['X-Forwarded-Method', 'DELETE']),
  sends('another method, by override', ['X-HTTP-Method-Override', 'DELETE']),
  sends('another host', ['X-Forwarded-Host', 'admin.test']),
  sends('another scheme', ['X-Forwarded-Proto', 'gopher']),
  sends('the field of the standard', ['Forwarded', 'host=admin.test;proto=https']),
  sends('a conditional request', ['If-None-Match', '*']),
  sends('a conditional request by date', ['If-Modified-Since', 'Sat, 21 Nov 2026 00:00:00 GMT']),
  sends("Envoy's own field", ['X-Envoy-Original-Path', '/public/x']),
  sends("a status of the gateway's", ['X-Portcullis-Status', '200']),
]
