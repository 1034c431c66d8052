import { ConfigurationError } from '../errors/configuration.ts'

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

const oktaDomain = String.raw`\.(?:okta\.com|oktapreview\.com|okta-emea\.com|okta-gov\.com|okta\.mil)`
const oktaOrg = new RegExp(String.raw`^https://[^/]+${oktaDomain}/?$`, 'i')
const oktaAdmin = new RegExp(String.raw`^https://([^/]+)-admin(${oktaDomain})(?:/|$)`, 'i')
const entraShared =
  /^https:\/\/login\.(?:partner\.)?microsoftonline\.(?:com|us|cn)\/(?:common|organizations|consumers)(?:\/|$)/i
const unset = /^https?:\/\/undefined(?:[:/]|$)|\/undefined(?:\/|$)/
const wellKnown = /\/\.well-known(?:\/|$)/
const oktaManagement = /\/api\/v1\/authorizationServers(?:\/|$)/

/** What an address is instead of an issuer, where it is one that everybody takes for an issuer once. */
export function mistakenIssuer(issuer: string): string | undefined {
  const [, org, domain] = oktaAdmin.exec(issuer) ?? []
  if (org !== undefined) {
    return `is an address of the Okta Admin Console. The issuers of that org are https://${org}${domain}/oauth2/{id} and, for logins only, https://${org}${domain}.`
  }
  if (unset.test(issuer))
    return 'holds the word undefined: a setting that it was put together from has no value.'
  if (wellKnown.test(issuer))
    return 'is the address of its metadata. The issuer is what they name as "issuer", to the letter.'
  if (entraShared.test(issuer))
    return 'is where all tenants of Microsoft Entra sign in, and the issuer of no token. The issuers are https://login.microsoftonline.com/{tenant id}/v2.0, one for each tenant.'
  return oktaManagement.test(issuer)
    ? 'is an address of the Okta management API. The issuer of the same server is https://{domain}/oauth2/{id}.'
    : undefined
}

/** Whether an issuer is an Okta org itself, and not one of its custom authorization servers. */
export const isOktaOrg = (issuer: string): boolean => oktaOrg.test(issuer)

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

const isLoopback = (host: string): boolean =>
  host === 'localhost' ||
  host.endsWith('.localhost') ||
  host === '[::1]' ||
  /^127(?:\.\d{1,3}){3}$/.test(host)
