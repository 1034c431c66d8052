import { createIssuer, type Issuer, type IssuerOptions } from '@portcullis/core'
import type { OktaServer } from './servers.ts'

/**
 * The issuer of a server, with the endpoint that Okta's metadata leave out: with it, `ciba()` works.
 * What the metadata do name goes before it.
 *
 * @example
 * const client = createClient({ issuer: oktaIssuer(okta({ domain: 'acme.okta.com' })), client: { id, secret } })
 */
export function oktaIssuer(
  { issuer: url, endpoints }: OktaServer,
  options: Omit<IssuerOptions, 'issuer'> = {},
): Issuer {
  const issuer = createIssuer({ ...options, issuer: url })
  const unnamed = { backchannel_authentication_endpoint: endpoints.backchannelAuthorize }
  return {
    ...issuer,
    metadata: async () => ({ ...unnamed, ...(await issuer.metadata()) }),
  }
}
