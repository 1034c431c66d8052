import { refuse, type Refusal } from '../errors/refusal.ts'
import type { HttpRequest } from '../http/request.ts'
import { andThen, type MaybePromise } from '../lib/maybe-promise.ts'

/** What a request presents: a scheme in lower case, and a token. */
export interface Credential {
  readonly scheme: string
  readonly token: string
}

/** Finds exactly one credential in a request, or none. */
export type CredentialFinder = (request: HttpRequest) => MaybePromise<Credential | undefined>

/** Finds the credential in the `Authorization` field; where `form` is set, a form body may carry it instead. */
export function credentialFinder(schemes: ReadonlySet<string>, form: boolean): CredentialFinder {
  const fromHeader: (request: HttpRequest) => Credential | undefined = (request) => {
    const field = request.header('authorization')
    // Some proxies take a field off by emptying it.
    return field === undefined || field === '' ? undefined : readField(field, schemes)
  }
  if (!form) return fromHeader
  return (request) => {
    const header = fromHeader(request)
    return hasForm(request)
      ? andThen(request.form(), (fields) => pickOne(header, fields.getAll('access_token')))
      : header
  }
}

function readField(field: string, schemes: ReadonlySet<string>): Credential {
  const space = field.indexOf(' ')
  const written = space === -1 ? field : field.slice(0, space)
  const name = written === 'Bearer' ? 'bearer' : written.toLowerCase()
  if (!schemes.has(name)) throw foreign(field, name, space === -1, schemes)
  let start = space === -1 ? field.length : space + 1
  while (field.charCodeAt(start) === 0x20) start++
  const token = field.slice(start)
  if (token === '') throw malformed(`the ${name} scheme is not followed by a token`)
  // A repeated field arrives joined by a comma; RFC 6750 §2.1 allows neither comma nor space in a token.
  if (token.includes(',')) throw repeated()
  if (token.includes(' ')) throw malformed(severalWords(token, schemes))
  return { scheme: name, token }
}

// Forms that ask for a token put the scheme before it, and people paste it with the scheme.
const severalWords = (token: string, schemes: ReadonlySet<string>): string =>
  schemes.has(token.slice(0, token.indexOf(' ')).toLowerCase())
    ? 'the scheme stands there twice'
    : 'there is more than one word after the scheme'

function foreign(
  field: string,
  name: string,
  isAlone: boolean,
  schemes: ReadonlySet<string>,
): Refusal {
  if (isAlone && !registered.has(name)) return malformed('it is a single word')
  if (!isScheme(name))
    return malformed('it does not begin with an authentication scheme and a space')
  if (namesAnother(field, schemes)) return repeated()
  const named = registered.has(name) ? `'${name}' ` : ''
  return refuse('scheme_unsupported', `The scheme ${named}is not accepted here.`, {
    trail: { check: 'credential' },
  })
}

// RFC 9110 §5.6.2, in lower case.
const isScheme = (name: string): boolean => /^[\w!#$%&'*+.^`|~-]+$/.test(name)

// Only these are named in a reason: another word may be a secret that was sent without a scheme.
const registered: ReadonlySet<string> = new Set([
  'basic',
  'digest',
  'dpop',
  'negotiate',
  'ntlm',
  'gnap',
])

// Two fields arrive joined, and the first need not be ours.
const namesAnother = (field: string, schemes: ReadonlySet<string>): boolean =>
  field.split(',').some((part) => schemes.has(part.trim().split(' ', 1)[0]?.toLowerCase() ?? ''))

const repeated = (): Refusal =>
  refuse(
    'credential_repeated',
    'The Authorization header is repeated, or its token holds a comma.',
    { trail: { check: 'credential' } },
  )

const malformed = (why: string): Refusal =>
  refuse('malformed_credential', `The credential cannot be read: ${why}.`, {
    trail: { check: 'credential' },
  })

// RFC 6750 §2.2: a form body, and a method that gives the body a meaning.
function hasForm(request: HttpRequest): boolean {
  if (request.method === 'GET' || request.method === 'HEAD') return false
  const type = request.header('content-type')?.split(';')[0]
  return type?.trim().toLowerCase() === 'application/x-www-form-urlencoded'
}

function pickOne(
  header: Credential | undefined,
  fields: readonly string[],
): Credential | undefined {
  const [token] = fields
  if (token === undefined) return header
  if (header !== undefined || fields.length > 1) {
    throw refuse(
      'credential_repeated',
      'The token came in the form more than once, or in header and form.',
      { trail: { check: 'credential' } },
    )
  }
  if (token === '') throw malformed('the form field access_token is empty')
  return { scheme: 'bearer', token }
}
