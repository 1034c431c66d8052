import {
  createSigningKey,
  nameIn,
  signingKeyChecks,
  type SigningKeyOptions,
} from '../../client/signing-key.ts'
import { checkOptions, fn, record } from '../../lib/assert.ts'
import type { AuthorizationRequest, Delivery } from '../../login/delivery.ts'
import { createRequestEncryption, type RequestEncryption } from './encryption.ts'

/** How authorization requests are signed. */
export interface JarOptions extends SigningKeyOptions {
  /** Encrypts what was signed, with a key of the issuer. */
  readonly encrypt?: RequestEncryption
  /** Epoch milliseconds. Default: `Date.now`. */
  readonly now?: () => number
}

/** A delivery whose request object can travel otherwise too. */
export interface SignedDelivery extends Delivery {
  /** The request object. */
  sign(request: AuthorizationRequest): Promise<string>
}

// Seconds: long enough for a browser that asks its user first.
const lifetime = 300

/** Sends authorization requests as signed objects, which nobody between can change (RFC 9101). */
export function jar(options: JarOptions): SignedDelivery {
  checkOptions('jar', options, { ...signingKeyChecks, encrypt: record, now: fn })
  const { encrypt, now = () => Date.now(), ...signing } = options
  const load = createSigningKey('jar', signing)
  const seal = encrypt && createRequestEncryption(encrypt)

  const sign = async ({ client, parameters }: AuthorizationRequest): Promise<string> => {
    const [oauth, server, signingKey] = await Promise.all([
      import('oauth4webapi'),
      client.server(),
      load(),
    ])
    const { key, kid } = signingKey
    const named = kid === undefined ? { key } : { key, kid }
    const signed = await oauth.issueRequestObject(
      server,
      { client_id: client.id },
      parameters,
      named,
      {
        [oauth.modifyAssertion]: (header, claims) => {
          nameIn(header, signingKey)
          const issued = Math.floor(now() / 1000)
          Object.assign(claims, { iat: issued, nbf: issued, exp: issued + lifetime })
        },
      },
    )
    return seal === undefined ? signed : seal(signed)
  }

  const deliver: Delivery = async (request) => {
    const url = new URL(request.endpoint)
    url.searchParams.append('client_id', request.client.id)
    // OpenID Connect Core §6.1 wants them outside as well; RFC 9101 §5 reads those inside.
    for (const name of ['response_type', 'scope']) {
      const value = request.parameters.get(name)
      if (value !== null) url.searchParams.append(name, value)
    }
    url.searchParams.append('request', await sign(request))
    return url
  }
  return Object.assign(deliver, { sign })
}
