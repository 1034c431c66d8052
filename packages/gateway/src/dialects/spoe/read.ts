import type { Inquiry } from '../../check/inquiry.ts'
import { inquiryMalformed } from '../../listen/malformed.ts'
import { inquiryOf } from '../fields.ts'
import type { Message, Values } from './frame.ts'

/** The message that asks; the only one that may stand in a NOTIFY. */
const messageName = 'check'

/** The client's request in what HAProxy sent. */
export function readMessage(messages: readonly Message[]): Inquiry {
  const values = demand(messages)
  const method = textOf(values, 'method')
  const host = textOf(values, 'host')
  const { authority, target } = targetOf(textOf(values, 'uri'))
  // RFC 9112 §3.2.2: the absolute form names the host itself. Two different ones are two readings.
  if (authority !== undefined && authority.toLowerCase() !== host.toLowerCase()) {
    throw inquiryMalformed('uri and host differ')
  }
  const isSecure = values.get('ssl') === true || values.get('scheme') === 'https'
  const scheme = isSecure ? 'https' : 'http'
  const header = (name: string): string | undefined => fieldOf(values, name)
  const inquiry = inquiryOf({ header }, { method, scheme, host, target })
  const certificate = values.get('cert')
  return certificate instanceof Uint8Array
    ? { ...inquiry, certificate: () => certificate }
    : inquiry
}

function demand(messages: readonly Message[]): Values {
  const [message, ...others] = messages
  if (message?.name !== messageName || others.length > 0) {
    throw inquiryMalformed('not exactly one message check')
  }
  const { values } = message
  // Without its count a second Authorization field would be invisible.
  if (values.has('auth') && typeof values.get('auth_count') !== 'number') {
    throw inquiryMalformed('no auth_count')
  }
  return values
}

const textOf = (values: Values, name: string): string => {
  const value = values.get(name)
  return typeof value === 'string' ? value : ''
}

interface Target {
  readonly target: string
  readonly authority?: string | undefined
}

const absolute = /^https?:\/\/([^/?#]*)(.*)$/i

function targetOf(uri: string): Target {
  if (uri.startsWith('/')) return { target: uri }
  const found = absolute.exec(uri)
  if (found === null) throw inquiryMalformed('no uri')
  const [, authority, rest = ''] = found
  return { authority, target: rest.startsWith('/') ? rest : `/${rest}` }
}

const shortNames: Readonly<Record<string, string>> = {
  authorization: 'auth',
  'access-control-request-method': 'acrm',
}

const ownNames = new Set(['method', 'uri', 'host', 'scheme', 'ssl', 'src', 'cert'])

// Arguments are named after fields, dashes as underscores; `…_count` tells of repeated ones, of which
// HAProxy hands on the last alone.
function fieldOf(values: Values, field: string): string | undefined {
  if (field === 'host') return textOf(values, 'host') || undefined
  const name = shortNames[field] ?? field.replaceAll('-', '_')
  if (ownNames.has(name)) return undefined
  const value = values.get(name)
  if (typeof value !== 'string') return undefined
  const count = values.get(`${name}_count`)
  return typeof count === 'number' && count > 1 ? `${value}, ${value}` : value
}
