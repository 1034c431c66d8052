import type { Inquiry } from '../../check/inquiry.ts'
import { inquiryMalformed } from '../../listen/malformed.ts'
import { inquiryOf } from '../fields.ts'
import { derOf } from '../pem.ts'
import type { CheckRequest, EnvoyHttpRequest, RawHeader } from './messages.ts'

/** The client's request in what Envoy sent. */
export function readCheckRequest({ attributes }: CheckRequest): Inquiry {
  const http = demand(attributes?.request?.http)
  const { method = '', path = '', host = '', scheme = '' } = http
  const pem = attributes?.source?.certificate
  const header = headerReader(http)
  const inquiry = inquiryOf({ header }, { method, scheme, host, target: path })
  return pem ? { ...inquiry, certificate: () => certificateOf(pem) } : inquiry
}

// A body says that Envoy was told to send bodies, which no decision here looks at: better refused aloud
// than bodies of clients copied for nothing.
function demand(http: EnvoyHttpRequest | undefined): EnvoyHttpRequest {
  if (http === undefined) throw inquiryMalformed('no HTTP request')
  if (http.body || http.raw_body?.length) throw inquiryMalformed('a body (with_request_body)')
  return http
}

/** Without `encode_raw_headers` Envoy has joined repeated fields itself, by a comma. */
function headerReader({ headers, header_map: map }: EnvoyHttpRequest): Inquiry['header'] {
  const raw = map?.headers
  if (raw !== undefined && raw.length > 0) return (name) => joined(raw, name)
  return headers === undefined
    ? () => undefined
    : (name) => (Object.hasOwn(headers, name) ? headers[name] : undefined)
}

function joined(fields: readonly RawHeader[], name: string): string | undefined {
  let found: string | undefined
  for (const { key, value, raw_value: bytes } of fields) {
    if (key?.length !== name.length || key.toLowerCase() !== name) continue
    const text = bytes?.length ? Buffer.from(bytes).toString('latin1') : (value ?? '')
    found = found === undefined ? text : `${found}${name === 'cookie' ? '; ' : ', '}${text}`
  }
  return found
}

// Envoy sends it as URL-encoded PEM; what is none is as good as no certificate.
const certificateOf = (text: string): Uint8Array | undefined =>
  derOf(text.includes('%') ? decoded(text) : text)

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return ''
  }
}
