import { ConfigurationError } from '../../errors/configuration.ts'
import { checkOptions, fn } from '../../lib/assert.ts'
import type { Delivery } from '../../login/delivery.ts'
import type { SignedDelivery } from '../jar/jar.ts'

/** How authorization requests are pushed. */
export interface ParOptions {
  /** What `jar()` made: the request is signed before it is pushed (RFC 9126 §3). */
  readonly request?: SignedDelivery
}

/** Pushes authorization requests to the issuer ahead of the browser, whose URL then holds no more than a reference (RFC 9126). */
export function par(options: ParOptions = {}): Delivery {
  checkOptions('par', options, { request: fn })
  const { request: signer } = options
  if (signer !== undefined && typeof signer.sign !== 'function') {
    throw new ConfigurationError('par.request must be what jar() made')
  }
  return async (request) => {
    const { client, endpoint, parameters } = request
    const pushed =
      signer === undefined
        ? parameters
        : new URLSearchParams({ client_id: client.id, request: await signer.sign(request) })
    const url = new URL(endpoint)
    const uri = await client.push(pushed)
    url.searchParams.append('client_id', client.id)
    url.searchParams.append('request_uri', uri)
    return url
  }
}
