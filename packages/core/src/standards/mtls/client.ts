import { lazily, type ClientAuthentication } from '../../client/authentication.ts'
import { checkOptions, fn } from '../../lib/assert.ts'
import { ConfigurationError } from '../../errors/configuration.ts'

/** How connections with the client's certificate are made. */
export interface MutualTlsOptions {
  /**
   * A `fetch` whose connections present the client's certificate: undici's with a `dispatcher` that holds
   * `key` and `cert`, or one of your own over `node:https`. It must not follow redirects where the
   * request says `redirect: 'manual'`, and must end with the request's `signal`.
   */
  readonly fetch: typeof globalThis.fetch
}

/** Authenticates by the certificate of the TLS connection (RFC 8705 §2), at the issuer's addresses for that (§5). */
export function mutualTls(options: MutualTlsOptions): ClientAuthentication {
  checkOptions('mutualTls', options, { fetch: fn })
  const { fetch } = options
  if (fetch === undefined) throw new ConfigurationError('mutualTls.fetch is missing')
  return { ...lazily('tls_client_auth', (oauth) => oauth.TlsClientAuth()), fetch }
}
