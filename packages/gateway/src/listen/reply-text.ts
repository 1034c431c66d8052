import { STATUS_CODES } from 'node:http'
import type { Reply } from '@portcullis/core'

/** Sent in the place of an answer that cannot be sent. */
export const unsendable: Reply = {
  status: 503,
  headers: [
    ['Retry-After', '1'],
    ['Cache-Control', 'no-store'],
    ['Content-Length', '0'],
  ],
}

/** Seconds for which an idle connection is kept. */
export const keptSeconds = 75

/** A reply as it goes over the wire in latin1, with the fields that `node:http` would add. Throws for what cannot be sent. */
export function replyText({ status, headers, body = '' }: Reply, isLast: boolean): string {
  let fields = ''
  let hasLength = status === 204
  for (const [name, value] of headers) {
    // One by one: together, a field that ends early would look like two.
    if (!fieldName.test(name) || beyondValues.test(value)) {
      throw new TypeError('a field of the answer cannot be sent')
    }
    fields += `${name}: ${value}\r\n`
    hasLength ||= name === 'Content-Length'
  }
  if (!hasLength) fields += `Content-Length: ${Buffer.byteLength(body)}\r\n`
  return `${statusLine(status)}${fields}Date: ${date()}\r\n${isLast ? lastOne : oneOfMany}${body && asLatin1(body)}`
}

// RFC 9110 §5.6.2 and §5.5.
const fieldName = /^[\w!#$%&'*+.^`|~-]+$/
const beyondValues = /[^\t\x20-\x7e\x80-\xff]/

const lastOne = 'Connection: close\r\n\r\n'
const oneOfMany = `Connection: keep-alive\r\nKeep-Alive: timeout=${keptSeconds}\r\n\r\n`

const statusLine = (status: number): string =>
  `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Unknown'}\r\n`

const asLatin1 = (text: string): string => Buffer.from(text).toString('latin1')

let second = 0
let written = ''

// RFC 9110 §6.6.1. It changes once a second, and takes as long to write as all the rest.
function date(): string {
  const now = Math.floor(Date.now() / 1000)
  if (now !== second) {
    second = now
    written = new Date(now * 1000).toUTCString()
  }
  return written
}
