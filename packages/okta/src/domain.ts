import { ConfigurationError, isLoopback } from '@portcullis/core'

const management = /^\/api\/v1\/authorizationServers(?:\/([^/]+))?/
const adminConsole = /^(.+)-admin(\.(?:okta|oktapreview|okta-emea|okta-gov)\.com|\.okta\.mil)$/

/** Checks the domain of an org and gives its origin. */
export function originOf(domain: unknown): string {
  const url = parse(domain)
  const wrong = wrongPlace(url) ?? wrongScheme(url)
  if (wrong !== undefined) throw new ConfigurationError(`okta.domain ${wrong}`)
  return url.origin
}

/** Checks the id of a custom authorization server. */
export function checkServerId(id: unknown, domain: string): void {
  if (typeof id === 'string' && /^[\w-]{1,100}$/.test(id) && id !== 'v1') return
  throw new ConfigurationError(`okta.authorizationServer ${wrongId(id, domain)}`)
}

function parse(domain: unknown): URL {
  const text = typeof domain === 'string' ? domain.trim() : ''
  const address = /^[a-z][a-z\d+.-]*:\/\//i.test(text) ? text : `https://${text}`
  if (/[{}<>]|%7[bd]/i.test(text)) {
    throw new ConfigurationError('okta.domain is a placeholder: put the domain of your org there')
  }
  if (text !== '' && !/\s/.test(text) && URL.canParse(address)) return new URL(address)
  throw new ConfigurationError("okta.domain must be the domain of an org, such as 'acme.okta.com'")
}

/** What an address is that is not a bare domain, and what was meant. */
function wrongPlace({ host, hostname, pathname, search, hash }: URL): string | undefined {
  const managed = management.exec(pathname)
  if (managed !== null)
    return `is an address of the management API: use ${asOptions(host, managed[1])}`
  const admin = adminConsole.exec(hostname)
  if (admin !== null) return `is the Admin Console: use okta({ domain: '${admin[1]}${admin[2]}' })`
  const server = /^\/oauth2(?:\/([^/]+))?/.exec(pathname)
  if (server !== null) return `is an issuer or an endpoint: use ${asOptions(host, server[1])}`
  if (pathname === '/' && search === '' && hash === '') return undefined
  return `must be a domain alone: use okta({ domain: '${host}' })`
}

function wrongScheme({ protocol, hostname, username, password }: URL): string | undefined {
  if (username !== '' || password !== '') return 'must hold no user name and no password'
  if (protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname))) return undefined
  return 'must be reached by https: (plain http: is for loopback)'
}

const asOptions = (host: string, id: string | undefined): string =>
  id === undefined || id === 'v1'
    ? `okta({ domain: '${host}' })`
    : `okta({ domain: '${host}', authorizationServer: '${id}' })`

function wrongId(id: unknown, domain: string): string {
  if (typeof id !== 'string' || id === '') {
    return "must be 'default' or an id such as 'aus1a2b3c'; leave it out for the org's own server"
  }
  if (id === 'v1') return "'v1' is part of an address: leave it out for the org's own server"
  const [, named] = /\/(?:oauth2|authorizationServers)\/([\w-]+)/.exec(id) ?? []
  if (named !== undefined) return `must be an id, not an address: use ${asOptions(domain, named)}`
  if (id.startsWith('api://')) {
    return "is an audience; the server that has api://default is 'default'"
  }
  return "must be 'default' or an id such as 'aus1a2b3c'"
}
