import { ConfigurationError } from '../errors/configuration.ts'
import { mistakenIssuer } from './mistaken.ts'

// RFC 3986 §2 has none of them: angle brackets and braces are what is left of an example.
const neverInUrl = /[\s<>{}]/

/** Checks an issuer identifier (RFC 8414 §2) without changing a character of it: it is compared exactly. */
export function checkIssuerUrl(issuer: unknown, allowInsecure: boolean): string {
  if (typeof issuer !== 'string' || neverInUrl.test(issuer) || !URL.canParse(issuer)) {
    throw new ConfigurationError(
      `issuer must be an absolute URL such as https://id.example.com, got ${JSON.stringify(issuer)}`,
    )
  }
  const url = new URL(issuer)
  if (url.search !== '' || url.hash !== '' || issuer.includes('?') || issuer.includes('#')) {
    throw new ConfigurationError(
      `issuer must have no query and no fragment: ${url.origin}${url.pathname}`,
    )
  }
  const refused = insecurity(url, allowInsecure)
  if (refused !== undefined)
    throw new ConfigurationError(`issuer ${refused}: ${url.origin}${url.pathname}`)
  const mistaken = mistakenIssuer(issuer)
  if (mistaken !== undefined) throw new ConfigurationError(`issuer ${issuer} ${mistaken}`)
  return issuer
}

/** Whether a name that a stranger wrote could be an issuer identifier at all. */
export const couldBeIssuer = (name: string): boolean =>
  name.length <= 512 && !/[\s?#@]/.test(name) && URL.canParse(name)

/** Why an address may not be fetched from, if it may not. */
export function insecurity(url: URL, allowInsecure: boolean): string | undefined {
  if (url.username !== '' || url.password !== '') return 'must hold no user name and no password'
  if (url.protocol === 'https:') return undefined
  if (url.protocol !== 'http:') return `must be an https: URL, not ${url.protocol}`
  if (allowInsecure || isLoopback(url.hostname)) return undefined
  return 'must be an https: URL (plain http: is for loopback, or with allowInsecureIssuer)'
}

/** Whether a host as `URL` writes it is this machine. */
export const isLoopback = (host: string): boolean =>
  host === 'localhost' ||
  host.endsWith('.localhost') ||
  host === '[::1]' ||
  /^127(?:\.\d{1,3}){3}$/.test(host)
