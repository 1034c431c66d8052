import type { HeaderField } from './reply.ts'

/** How a browser is to keep a cookie. */
export interface CookieAttributes {
  readonly path: string
  /** For subdomains too; absent for this host alone. */
  readonly domain?: string | undefined
  readonly secure: boolean
  readonly sameSite: 'Lax' | 'Strict' | 'None'
  /** Seconds; absent until the browser closes. */
  readonly maxAge?: number | undefined
  /** Whether scripts are kept from it. Default true. */
  readonly httpOnly?: boolean
}

/**
 * The value of a cookie in a `Cookie` field, as it was sent but for a pair of double quotes around it.
 * Of two with one name the first counts: browsers begin with the one that has the longer path.
 */
export function readCookie(field: string, name: string): string | undefined {
  let value: string | undefined
  visit(field, name, (pair, equals) => {
    if (equals === name.length || pair.slice(0, equals).trimEnd() === name) {
      value = bare(pair.slice(equals + 1))
    }
    return value !== undefined
  })
  return value
}

/** The cookies whose names begin with a prefix, in the order they were sent; of two with one name the first. */
export function readCookies(
  field: string,
  prefix: string,
): readonly (readonly [name: string, value: string])[] {
  const found = new Map<string, string>()
  visit(field, prefix, (pair, equals) => {
    const name = pair.slice(0, equals).trimEnd()
    if (name !== '' && !found.has(name)) found.set(name, bare(pair.slice(equals + 1)))
    return false
  })
  return [...found]
}

/** Writes `Set-Cookie`. What a browser would read otherwise, or drop without a word, is a `TypeError`. */
export function writeCookie(
  name: string,
  value: string,
  attributes: CookieAttributes,
): HeaderField {
  checkCookie(name, value, attributes)
  const { path, domain, secure, sameSite, maxAge, httpOnly = true } = attributes
  const parts = [
    `${name}=${value}`,
    `Path=${path}`,
    domain === undefined ? '' : `Domain=${domain}`,
    maxAge === undefined ? '' : `Max-Age=${Math.max(0, Math.floor(maxAge))}`,
    httpOnly ? 'HttpOnly' : '',
    secure ? 'Secure' : '',
    `SameSite=${sameSite}`,
  ]
  return ['Set-Cookie', parts.filter((part) => part !== '').join('; ')]
}

/** Takes a cookie away. A browser only finds it with the path and the domain that it was given. */
export const expireCookie = (name: string, attributes: CookieAttributes): HeaderField =>
  writeCookie(name, '', { ...attributes, maxAge: 0 })

/**
 * Fields without the cookies that later ones set anew: RFC 6265 §4.1.1 wants one field a cookie, and a
 * session that is written twice can be more than a proxy takes.
 */
export function withoutRewritten(
  fields: readonly HeaderField[],
  later: readonly HeaderField[],
): readonly HeaderField[] {
  const rewritten = new Set(later.map(identityOf))
  return fields.filter((field) => !isCookie(field) || !rewritten.has(identityOf(field)))
}

/** Fields without those that are there already, word for word; cookies are set again. */
export const notAmong = (
  there: readonly HeaderField[],
  fields: readonly HeaderField[],
): readonly HeaderField[] =>
  fields.filter(
    (field) =>
      isCookie(field) || !there.some(([name, value]) => name === field[0] && value === field[1]),
  )

/** Whether a field sets a cookie. */
export const isCookie = ([name]: HeaderField): boolean => name.toLowerCase() === 'set-cookie'

// RFC 6265 §5.3: name, domain and path are what tells cookies apart.
const identityOf = ([, value]: HeaderField): string =>
  [/^([^=]*)/, /; Path=([^;]*)/i, /; Domain=([^;]*)/i].map((part) => part.exec(value)?.[1]).join()

/** Shows every pair that begins with a prefix, and where its `=` is, until somebody has seen enough. */
function visit(
  field: string,
  prefix: string,
  enough: (pair: string, equals: number) => boolean,
): void {
  for (let at = 0; at < field.length;) {
    const semicolon = field.indexOf(';', at)
    const end = semicolon === -1 ? field.length : semicolon
    while (isSpace(field.charCodeAt(at))) at++
    if (field.startsWith(prefix, at)) {
      const pair = field.slice(at, end)
      const equals = pair.indexOf('=')
      if (equals !== -1 && enough(pair, equals)) return
    }
    at = end + 1
  }
}

const isSpace = (code: number): boolean => code === 0x20 || code === 0x09

function bare(value: string): string {
  const trimmed = value.trim()
  const quoted = trimmed.length > 1 && trimmed.startsWith('"') && trimmed.endsWith('"')
  return quoted ? trimmed.slice(1, -1) : trimmed
}

// RFC 6265 §4.1.1: token, *cookie-octet, and for the path any character but controls and semicolons.
const nameSyntax = /^[\w!#$%&'*+.^`|~-]+$/
const valueSyntax = /^[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]*$/
const pathSyntax = /^\/[\x20-\x3a\x3c-\x7e]*$/
const domainSyntax = /^[\w.-]+$/

function checkCookie(name: string, value: string, attributes: CookieAttributes): void {
  if (!nameSyntax.test(name)) throw new TypeError('no cookie can have this name')
  const wrong = valueSyntax.test(value) ? wrongAttribute(attributes) : 'value'
  if (wrong !== undefined) throw new TypeError(`the ${wrong} of ${name} cannot stand in a cookie`)
  // RFC 6265bis §4.1.3: browsers drop such a cookie in silence, however the prefix is written.
  const prefix = /^__(?:Host|Secure)-/i.exec(name)?.[0].toLowerCase()
  if (prefix === undefined) return
  if (!attributes.secure) throw new TypeError(`${name} must be Secure`)
  if (prefix === '__host-' && (attributes.path !== '/' || attributes.domain !== undefined)) {
    throw new TypeError(`${name} must have the path / and no domain`)
  }
}

function wrongAttribute({ path, domain, maxAge }: CookieAttributes): string | undefined {
  if (!pathSyntax.test(path)) return 'path'
  if (domain !== undefined && !domainSyntax.test(domain)) return 'domain'
  return maxAge === undefined || Number.isFinite(maxAge) ? undefined : 'age'
}
