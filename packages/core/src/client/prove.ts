import type { Registration } from './options.ts'

/** A form that is about to be posted to an endpoint. */
export interface ProvableRequest {
  readonly url: string
  /** Changed in place. */
  readonly form: URLSearchParams
  /** Changed in place. */
  readonly headers: Headers
  /** Epoch milliseconds. */
  readonly now: () => number
}

/**
 * Adds to a request what proves who the client is, for endpoints that no metadata name. An assertion is
 * made anew for each, and made out to the address that is asked unless it was given another audience.
 */
export async function proveClient(
  { id, authentication }: Registration,
  { url, form, headers, now }: ProvableRequest,
): Promise<void> {
  const oauth = await import('oauth4webapi')
  const client = {
    client_id: id,
    [oauth.clockSkew]: Math.round((now() - Date.now()) / 1000),
  }
  await authentication.authenticate({ issuer: url }, client, form, headers, url)
}
