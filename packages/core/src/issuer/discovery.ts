import { Outage } from '../errors/outage.ts'
import { lifetime } from '../lib/cache-control.ts'
import { fetchJson, type FetchJsonOptions } from '../lib/fetch-json.ts'
import { isRecord } from '../lib/own.ts'

/** What an authorization server publishes about itself (RFC 8414, OpenID Connect Discovery), as it was served. */
export interface IssuerMetadata {
  readonly issuer: string
  readonly jwks_uri?: string
  readonly [name: string]: unknown
}

export interface FetchedMetadata {
  readonly metadata: IssuerMetadata
  /** Seconds. */
  readonly lifetime: number
}

/** Fetches the metadata of an issuer from the first location that has it, and checks whose they are. */
export async function discover(
  issuer: string,
  options: Omit<FetchJsonOptions, 'code'>,
): Promise<FetchedMetadata> {
  const tried: string[] = []
  let page: Outage | undefined
  for (const url of locations(issuer)) {
    // oxlint-disable-next-line no-await-in-loop -- the next location is for issuers that lack this one
    const answer = await fetchJson(url, { ...options, code: 'issuer_unreachable' }).catch(notJson)
    if (Outage.is(answer)) {
      page ??= answer
      continue
    }
    const { status, headers, body } = answer
    if (status === 200) {
      const found = { least: 300, most: 86_400, otherwise: 3600 }
      return { metadata: readMetadata(body, issuer, url), lifetime: lifetime(headers, found) }
    }
    if (status >= 500 || status === 429)
      throw new Outage('issuer_unreachable', `it answered ${status}`, { url, phase: 'status' })
    tried.push(`${url} answered ${status}`)
  }
  throw (
    page ??
    new Outage('issuer_unreachable', `no metadata: ${tried.join(', ')}`, { phase: 'status' })
  )
}

// Some hosts answer whatever they do not know with the page of their application, and 200.
const notJson = (error: unknown): Outage => {
  if (Outage.is(error) && error.phase === 'content') return error
  throw error
}

// OpenID Connect Discovery §4 appends to the issuer; RFC 8414 §3.1 inserts before its path; Okta and
// others append the RFC 8414 name as well.
function locations(issuer: string): readonly string[] {
  const { origin, pathname } = new URL(issuer)
  const path = pathname.replace(/\/$/, '')
  const all = [
    `${origin}${path}/.well-known/openid-configuration`,
    `${origin}/.well-known/oauth-authorization-server${path}`,
    `${origin}${path}/.well-known/oauth-authorization-server`,
  ]
  return [...new Set(all)]
}

/** Checks metadata: they must name exactly the issuer that they were asked for (RFC 8414 §3.3). */
export function readMetadata(body: unknown, issuer: string, url: string): IssuerMetadata {
  const invalid = (detail: string) =>
    new Outage('issuer_invalid', detail, { url, phase: 'content' })
  if (!isRecord(body)) throw invalid('it is not a JSON object')
  const { issuer: named, jwks_uri: jwksUri } = body
  if (typeof named !== 'string') throw invalid('it names no issuer')
  if (named !== issuer) {
    throw invalid(
      `it belongs to the issuer '${named}', not to '${issuer}': the two must be equal to the letter`,
    )
  }
  if (jwksUri === undefined) return { ...body, issuer: named }
  if (typeof jwksUri !== 'string' || !URL.canParse(jwksUri))
    throw invalid('its jwks_uri is not a URL')
  return { ...body, issuer: named, jwks_uri: jwksUri }
}
