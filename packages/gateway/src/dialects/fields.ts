import { copied } from '@portcullis/core'
import type { Inquiry } from '../check/inquiry.ts'
import { inquiryMalformed } from '../listen/malformed.ts'
import type { Question } from './dialect.ts'
import { wantedFields, type Collected } from './wanted.ts'

/** What a proxy said of the client's request, not yet examined. */
export interface Relayed {
  readonly method: string
  readonly scheme: string
  readonly host: string
  readonly target: string
}

/** The client's request, where every part of it can be what it is said to be. */
export function inquiryOf(
  { header }: Pick<Question, 'header'>,
  { method, scheme, host, target }: Relayed,
): Inquiry {
  if (!token.test(method)) throw inquiryMalformed('the method is no token, or came twice')
  if (scheme !== 'https' && scheme !== 'http') {
    throw inquiryMalformed('the scheme is neither http nor https, or came twice')
  }
  if (!requestTarget.test(target)) throw inquiryMalformed('the target is no path, or came twice')
  return { method, scheme, host: hostOf(host), target, header }
}

// RFC 9110 §5.6.2. A repeated field is joined by a comma, which is in no token.
const token = /^[\w!#$%&'*+.^`|~-]+$/

// A repeated field is joined by a comma and a space, which is in no target. What else may stand in a
// path is for the routes to say.
const requestTarget = /^\/[^\0-\x20\x7f]*$/

const authority = /^(?:[\w.~-]+|\[[\da-f:.]+\])(?::\d{1,5})?$/i

// Most proxies ask for one host again and again.
let known: readonly [relayed: string, host: string] = ['', '']

/** Lower case, without port and without the dot that ends an absolute name: one host, one spelling. */
function hostOf(relayed: string): string {
  if (relayed === known[0] && relayed !== '') return known[1]
  if (!authority.test(relayed)) throw inquiryMalformed('the host is no host, or came twice')
  const port = relayed.lastIndexOf(':')
  const bare = port > relayed.lastIndexOf(']') ? relayed.slice(0, port) : relayed
  const host = (bare.endsWith('.') ? bare.slice(0, -1) : bare).toLowerCase()
  if (host === '' || host.endsWith('.')) throw inquiryMalformed('the host is no host')
  known = [copied(relayed), copied(host)]
  return host
}

/** Reads the fields that decide, in the order of their names. */
export type Examine = (question: Question) => Collected

/**
 * Makes the look at a question that comes before all others: no body, which no dialect has and which
 * could be taken for the next request, and no field that only another kind of proxy sends.
 */
export function examiner(decisive: readonly string[], foreign: readonly string[]): Examine {
  const wanted = wantedFields([...decisive, ...foreign, ...announcements])
  return (question) => {
    const found = question.collect(wanted)
    for (let index = decisive.length; index < found.length; index++) {
      if (found[index] !== undefined) refuseExtra(wanted.names[index] ?? '', found[index])
    }
    return found
  }
}

const announcements: readonly string[] = ['content-length', 'transfer-encoding']

function refuseExtra(name: string, value: string | undefined): void {
  if (!announcements.includes(name)) throw inquiryMalformed(`${name} belongs to another dialect`)
  if (name !== 'content-length' || value !== '0') throw inquiryMalformed('a body is announced')
}

/** Whether a body is announced; a length of 0 is none. */
export function announcesBody({ header }: Question): boolean {
  const length = header('content-length')
  return (length !== undefined && length !== '0') || header('transfer-encoding') !== undefined
}

/** A field without which the question means nothing. */
export function demanded(value: string | undefined, name: string): string {
  if (value === undefined || value === '') throw inquiryMalformed(`${name} is missing`)
  return value
}

/** Refuses fields that contradict what was read. */
export function refuseFields({ header }: Question, names: readonly string[]): void {
  for (const name of names) {
    if (header(name) !== undefined) throw inquiryMalformed(`${name} belongs to another dialect`)
  }
}
