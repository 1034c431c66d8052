import { X509Certificate } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

/**
 * The client's certificate, from the field that a TLS-terminating proxy would write (URL-encoded PEM,
 * as nginx's `$ssl_client_escaped_cert`). The test server itself speaks plain HTTP.
 */
const certificateField = 'x-client-certificate'

export function certificateOf(request: IncomingMessage): X509Certificate | undefined {
  const field = request.headers[certificateField]
  return typeof field === 'string' ? new X509Certificate(decodeURIComponent(field)) : undefined
}

/** Whether the certificate names the subject that the client registered. */
export function subjectMatches(
  certificate: X509Certificate | undefined,
  property: string,
  expected: string,
): boolean {
  if (certificate === undefined) return false
  if (property === 'tls_client_auth_subject_dn') {
    return certificate.subject.split('\n').join(',') === expected
  }
  return (certificate.subjectAltName ?? '')
    .split(', ')
    .some((name) => name.endsWith(`:${expected}`))
}
